import type { PolicyEntry } from '@daam/shared/policy/document';
import { rowFilterOperators } from '@daam/shared/policy/effective-policy';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type DocumentFilter } from './policy-model.ts';
import { canonical } from './table-patterns.ts';

type Operator = (typeof rowFilterOperators)[number];
type Condition = DocumentFilter['where'][number];

const operatorWords: Readonly<Record<Operator, string>> = {
  eq: '=',
  ne: '≠',
  lt: '<',
  le: '≤',
  gt: '>',
  ge: '≥',
  in: 'in',
  is_null: 'is empty',
  is_not_null: 'is not empty',
};

export interface RowFiltersProps {
  readonly policy: PolicyEntry;
  readonly table: string;
  readonly columns: readonly string[];
  readonly isReadOnly: boolean;
  readonly onChange: (policy: PolicyEntry) => void;
}

/** The conditions that every row must meet; all of them apply. */
export function RowFilters({ policy, table, columns, isReadOnly, onChange }: RowFiltersProps): ReactNode {
  const own = policy.rowFilters.filter((filter) => canonical(filter.table) === table);
  const others = policy.rowFilters.filter((filter) => canonical(filter.table) !== table);
  const conditions = own.flatMap(({ where }) => where);
  const replace = (where: readonly Condition[]): void =>
    onChange({
      ...policy,
      rowFilters: where.length === 0 ? others : [...others, { table, where: [...where] }],
    });
  return (
    <Section title="Rows where">
      {conditions.length === 0 ? <p className="text-text-2">All rows.</p> : null}
      <ul>
        {conditions.map((condition, index) => (
          <li
            key={`${condition.column}${condition.operator}${String(condition.value)}`}
            className="flex items-center gap-1"
          >
            <span className="min-w-0 flex-1 font-data break-all">{conditionWords(condition)}</span>
            {isReadOnly ? null : (
              <IconButton
                icon={X}
                label={`Remove the condition on ${condition.column}`}
                onClick={() => replace(conditions.toSpliced(index, 1))}
              />
            )}
          </li>
        ))}
      </ul>
      {isReadOnly ? null : <AddCondition columns={columns} onAdd={(one) => replace([...conditions, one])} />}
    </Section>
  );
}

export function conditionWords({ column, operator, value }: Condition): string {
  const right = Array.isArray(value) ? `(${value.join(', ')})` : value === undefined ? '' : String(value);
  return `${column} ${operatorWords[operator]} ${right}`.trim();
}

function AddCondition({
  columns,
  onAdd,
}: {
  readonly columns: readonly string[];
  readonly onAdd: (condition: Condition) => void;
}): ReactNode {
  const [column, setColumn] = useState(columns[0] ?? '');
  const [operator, setOperator] = useState<Operator>('eq');
  const [value, setValue] = useState('');
  const needsValue = operator !== 'is_null' && operator !== 'is_not_null';
  const isComplete = column !== '' && (!needsValue || value.trim() !== '');
  return (
    <form
      className="mt-2 flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isComplete) return;
        onAdd({ column, operator, ...(needsValue ? { value: valueOf(operator, value.trim()) } : {}) });
        setValue('');
      }}
    >
      {columns.length === 0 ? (
        <TextField
          label="Column"
          isLabelHidden
          placeholder="column"
          isData
          className="w-28"
          value={column}
          onChange={({ target }) => setColumn(target.value)}
        />
      ) : (
        <Select
          label="Column"
          isLabelHidden
          className="w-32"
          value={column}
          options={columns.map((name) => ({ value: name, label: name }))}
          onChange={setColumn}
        />
      )}
      <Select<Operator>
        label="Comparison"
        isLabelHidden
        className="w-28"
        value={operator}
        options={rowFilterOperators.map((each) => ({ value: each, label: operatorWords[each] }))}
        onChange={setOperator}
      />
      {needsValue ? (
        <TextField
          label="Value"
          isLabelHidden
          placeholder={operator === 'in' ? 'DE, FR' : '{{user.attributes.region}}'}
          isData
          className="w-40"
          value={value}
          onChange={({ target }) => setValue(target.value)}
        />
      ) : null}
      <Button type="submit" unavailable={!isComplete}>
        Add
      </Button>
    </form>
  );
}

/** A list for "in", unless a template stands for one; numbers and yes/no as such. */
export function valueOf(operator: Operator, text: string): NonNullable<Condition['value']> {
  if (operator === 'in' && !text.startsWith('{{')) return text.split(',').map((one) => scalarOf(one.trim()));
  return scalarOf(text);
}

function scalarOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
