/** What somebody may do, table by table and column by column, with the line that makes it so. */
import type {
  AssignedBy,
  ColumnState,
  EffectiveAccess,
  RuleSource,
  TableAccess,
} from '@daam/shared/api/policies';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Chip, type Tone } from '../ui/chip.tsx';
import { Empty } from '../ui/states.tsx';
import { type TreeRow, TreeGrid } from '../ui/tree-grid.tsx';
import { toggled } from '../ui/toggled.ts';

type Value =
  | { readonly kind: 'table'; readonly table: TableAccess }
  | { readonly kind: 'column'; readonly column: TableAccess['columns'][number] };

const states: Readonly<Record<ColumnState, readonly [string, Tone]>> = {
  clear: ['clear', 'ok'],
  masked: ['masked', 'mask'],
  hidden: ['hidden', 'mask'],
  none: ['not granted', 'neutral'],
};

export function AccessMatrix({ access }: { readonly access: EffectiveAccess }): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<string | null>(null);
  const toggle = (id: string): void => setOpen((before) => toggled(before, id));
  if (access.tables.length === 0) {
    return <Empty title="Nothing is granted">No policy that they have names a table of this database.</Empty>;
  }
  return (
    <>
      <Policies access={access} />
      <div className="overflow-x-auto">
        <TreeGrid<Value>
          label={`Access to ${access.database.name}`}
          rows={access.tables.flatMap((table) => rowsOf(table, open))}
          selected={selected}
          onSelect={setSelected}
          onToggle={toggle}
          onActivate={toggle}
          columns={[
            { id: 'name', header: 'Table or column', className: 'min-w-44', render: nameOf },
            { id: 'access', header: 'Access', render: accessOf },
            { id: 'why', header: 'By', className: 'min-w-56 text-12 text-text-2', render: reasonOf },
          ]}
        />
      </div>
      {access.next === null ? null : <p className="py-2 text-text-2">Only the first tables are shown.</p>}
    </>
  );
}

function Policies({ access }: { readonly access: EffectiveAccess }): ReactNode {
  return (
    <ul className="flex flex-col gap-0.5 pb-2 text-12 text-text-2">
      {access.policies.map(({ name, version, assignedBy }) => (
        <li key={name}>
          policy <b className="font-medium">{name}</b> v{version}: {assignedBy.map(assignedWords).join(', ')}
        </li>
      ))}
      {access.limits.map(({ limit, text, policy }) => (
        <li key={limit}>
          {text} (policy {policy})
        </li>
      ))}
      {access.schemaAt === null ? (
        <li>No schema was reported: tables are those that policies name.</li>
      ) : null}
    </ul>
  );
}

export function assignedWords(by: AssignedBy): string {
  if (by.kind === 'user') return 'assigned to the person';
  if (by.kind === 'group') return `by group ${by.group}`;
  return `by an approved request until ${new Date(by.until).toLocaleString()}`;
}

function rowsOf(table: TableAccess, open: ReadonlySet<string>): TreeRow<Value>[] {
  const id = JSON.stringify([table.schema, table.table]);
  const isExpanded = open.has(id);
  return [
    { id, level: 1, value: { kind: 'table', table }, isExpandable: table.columns.length > 0, isExpanded },
    ...(isExpanded
      ? table.columns.map((column) => ({
          id: JSON.stringify([table.schema, table.table, column.column]),
          level: 2,
          value: { kind: 'column' as const, column },
          isExpandable: false,
          isExpanded: false,
        }))
      : []),
  ];
}

function nameOf(value: Value): ReactNode {
  return (
    <span className="min-w-0 font-data break-all">
      {value.kind === 'table' ? `${value.table.schema}.${value.table.table}` : value.column.column}
    </span>
  );
}

function accessOf(value: Value): ReactNode {
  if (value.kind === 'column') {
    const { state, mask } = value.column;
    return (
      <Chip tone={states[state][1]}>
        {state === 'masked' && mask !== null ? `⊘ ${mask.preset}` : states[state][0]}
      </Chip>
    );
  }
  const { refusal, operations, columns, rowFilters } = value.table;
  const masked = columns.filter(({ state }) => state === 'masked').length;
  const hidden = columns.filter(({ state }) => state === 'hidden').length;
  return (
    <span className="flex flex-wrap gap-1 py-0.5">
      {refusal === null ? null : <Chip tone="bad">refused</Chip>}
      {operations.map(({ operation }) => (
        <Chip key={operation}>{operation}</Chip>
      ))}
      {masked > 0 ? <Chip tone="mask">⊘ {masked}</Chip> : null}
      {hidden > 0 ? <Chip tone="mask">{hidden} hidden</Chip> : null}
      {rowFilters.length > 0 ? <Chip>rows filtered</Chip> : null}
    </span>
  );
}

function reasonOf(value: Value): ReactNode {
  if (value.kind === 'column') {
    const { sources, isInherited } = value.column;
    return `${sourcesWords(sources)}${isInherited ? ', inherited from another table' : ''}`;
  }
  const { refusal, operations, rowFilters } = value.table;
  return [
    ...(refusal === null ? [] : [refusal]),
    sourcesWords(operations.flatMap(({ sources }) => sources)),
    ...rowFilters.map(({ text }) => `rows where ${text}`),
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** "analyst: sales.* (line 12)", each once. */
export function sourcesWords(sources: readonly RuleSource[]): string {
  const words = sources.map(
    ({ policy, pattern, line }) => `${policy}: ${pattern}${line === null ? '' : ` (line ${line})`}`,
  );
  return [...new Set(words)].join(', ');
}
