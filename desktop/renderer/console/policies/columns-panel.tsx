/** The columns of the chosen table: shown, masked or hidden, with what conditions see and what a made-up value looks like. */
import type { PolicyEntry } from '@daam/shared/policy/document';
import { type MaskPreset, maskPresets } from '@daam/shared/policy/effective-policy';
import { formatPattern } from '@daam/shared/policy/pattern';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { presetWords } from './mask-samples.ts';
import { type ColumnRow, columnRows, type DocumentMask, setMask } from './policy-model.ts';
import { type ModelTable, tableRows } from './table-rows.ts';
import { RowFilters } from './row-filters.tsx';
import { useSuggestions } from './use-policies.ts';

export interface ColumnsPanelProps {
  readonly database: string;
  readonly policy: PolicyEntry;
  readonly tables: readonly ModelTable[];
  readonly selected: string | null;
  readonly isReadOnly: boolean;
  readonly onChange: (policy: PolicyEntry) => void;
}

type Suggestion = NonNullable<ReturnType<typeof useSuggestions>['data']>['items'][number];

export function ColumnsPanel(props: ColumnsPanelProps): ReactNode {
  const { database, policy, tables, selected, isReadOnly, onChange } = props;
  const suggestions = useSuggestions(database).data?.items ?? [];
  const row =
    selected === null ? undefined : tableRows(policy, tables).find(({ pattern }) => pattern === selected);
  if (row === undefined) {
    return <p className="px-4 py-6 text-text-2">Choose a table to see its columns, masks and row filters.</p>;
  }
  const table = tables.find(({ schema, name }) => formatPattern([schema, name]) === row.pattern);
  return (
    <div className="min-w-0">
      <Section title={row.pattern}>
        {row.kind === 'pattern' ? (
          <p className="text-text-2">
            Matches {row.matches} {row.matches === 1 ? 'table' : 'tables'} now. Choose a table to mask its
            columns; masks by pattern are written in the text.
          </p>
        ) : null}
        {row.kind === 'gone' ? (
          <p className="text-text-2">The schema that the agent reported does not have this table.</p>
        ) : null}
        {table === undefined || row.kind !== 'table' ? null : (
          <ul className="flex flex-col">
            {columnRows(policy, table).map((column) => (
              <ColumnLine
                key={column.name}
                column={column}
                suggestion={suggestions.find(
                  (one) =>
                    one.schema === table.schema && one.table === table.name && one.column === column.name,
                )}
                isReadOnly={isReadOnly}
                onMask={(mask) => onChange(setMask(policy, column.pattern, mask))}
              />
            ))}
          </ul>
        )}
      </Section>
      <RowFilters
        key={row.pattern}
        {...{ policy, isReadOnly, onChange }}
        table={row.pattern}
        columns={table?.columns.map(({ name }) => name) ?? []}
      />
      <p className="px-4 pb-4 text-12 text-text-2">
        Where several policies or lines mask a column, the strongest holds:{' '}
        {maskPresets.map((preset) => presetWords[preset].label).join(' > ')}.
      </p>
    </div>
  );
}

type Choice = MaskPreset | 'clear';

function ColumnLine({
  column,
  suggestion,
  isReadOnly,
  onMask,
}: {
  readonly column: ColumnRow;
  readonly suggestion: Suggestion | undefined;
  readonly isReadOnly: boolean;
  readonly onMask: (mask: Omit<DocumentMask, 'column'> | null) => void;
}): ReactNode {
  const { own, held } = column;
  const isFixed = isReadOnly || !column.isEditable;
  const choices: readonly Choice[] = ['clear', ...maskPresets];
  return (
    <li className="flex flex-col gap-1 border-b border-border py-1.5">
      <div className="flex min-w-0 items-center gap-2">
        <span className="min-w-0 flex-1">
          <span className="block font-data break-all">{column.name}</span>
          <span className="block truncate text-12 text-text-2" title={column.type}>
            {column.type}
          </span>
        </span>
        {isFixed ? (
          <State held={held} />
        ) : (
          <Select<Choice>
            label={`Mask of ${column.name}`}
            isLabelHidden
            className="w-32"
            value={own?.preset ?? 'clear'}
            options={choices.map((value) =>
              value === 'clear'
                ? { value, label: 'clear' }
                : { value, label: presetWords[value].label, detail: presetWords[value].sample },
            )}
            onChange={(value) => onMask(value === 'clear' ? null : maskOf(value))}
          />
        )}
        {own === null || own.preset === 'null' || isFixed ? (
          <span className="w-32" />
        ) : (
          <Select<'none' | 'equality' | 'default'>
            label={`Conditions on ${column.name}`}
            isLabelHidden
            className="w-32"
            value={own.match ?? 'default'}
            options={[
              { value: 'default', label: 'match: usual' },
              { value: 'none', label: 'match: none' },
              { value: 'equality', label: 'match: =' },
            ]}
            onChange={(value) => onMask(withMatch(own, value))}
          />
        )}
      </div>
      {held === null ? null : (
        <p className="text-12 text-mask">
          <span className="font-data">{presetWords[held.preset].sample}</span> ·{' '}
          {presetWords[held.preset].leaks}
          {held === own ? '' : ` By ${held.column}.`}
        </p>
      )}
      {own?.preset === 'partial' && !isFixed ? (
        <PartialEnds mask={own} name={column.name} onMask={onMask} />
      ) : null}
      {suggestion === undefined || held !== null ? null : (
        <div className="flex flex-wrap items-center gap-2">
          <Chip tone="warn">suggested: {presetWords[suggestion.preset].label}</Chip>
          <span className="min-w-0 flex-1 text-12 text-text-2">{suggestion.reason}</span>
          {isFixed ? null : (
            <Button
              aria-label={`Accept the mask of ${column.name}`}
              onClick={() => onMask(maskOfSuggestion(suggestion))}
            >
              Accept
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function State({ held }: { readonly held: DocumentMask | null }): ReactNode {
  return held === null ? <Chip>clear</Chip> : <Chip tone="mask">⊘ {presetWords[held.preset].label}</Chip>;
}

/** How many characters stay at each end. */
function PartialEnds({
  mask,
  name,
  onMask,
}: {
  readonly mask: DocumentMask;
  readonly name: string;
  readonly onMask: (mask: Omit<DocumentMask, 'column'>) => void;
}): ReactNode {
  const end = (side: 'prefix' | 'suffix', words: string): ReactNode => (
    <TextField
      label={`${words} of ${name} shown`}
      isLabelHidden
      type="number"
      min={0}
      max={64}
      placeholder={words}
      title={words}
      className="w-20"
      value={mask[side] ?? ''}
      onChange={({ target }) => {
        const { column: _, [side]: __, ...rest } = mask;
        const count = Math.min(64, Math.max(0, Math.trunc(Number(target.value))));
        onMask(target.value === '' ? { prefix: 0, ...rest } : { ...rest, [side]: count });
      }}
    />
  );
  return (
    <div className="flex items-center gap-2 text-12 text-text-2">
      shown: {end('prefix', 'first')} first, {end('suffix', 'last')} last characters
    </div>
  );
}

function maskOf(preset: MaskPreset): Omit<DocumentMask, 'column'> {
  return preset === 'partial' ? { preset, prefix: 2 } : { preset };
}

function withMatch(own: DocumentMask, match: 'none' | 'equality' | 'default'): Omit<DocumentMask, 'column'> {
  const { column: _, match: __, ...rest } = own;
  return match === 'default' ? rest : { ...rest, match };
}

/** A suggestion as a line of a policy. */
export function maskOfSuggestion(suggestion: Suggestion): Omit<DocumentMask, 'column'> {
  const { preset, prefix, suffix, match } = suggestion;
  return {
    preset,
    ...(prefix === undefined ? {} : { prefix }),
    ...(suffix === undefined ? {} : { suffix }),
    match,
  };
}
