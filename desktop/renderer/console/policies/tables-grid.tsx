import type { PolicyEntry } from '@daam/shared/policy/document';
import { type TableOperation, tableOperations } from '@daam/shared/policy/effective-policy';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Chip } from '../../ui/chip.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Select } from '../../ui/select.tsx';
import { Empty } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { moment } from '../../ui/time.ts';
import { TreeGrid, type TreeRow } from '../../ui/tree-grid.tsx';
import { useNow } from '../../ui/use-now.ts';
import { ActionProblem } from '../problem-of.tsx';
import { useAction } from '../use-console.ts';
import { setOperation, setOperations } from './policy-model.ts';
import { patternProblem } from './table-patterns.ts';
import { type ModelTable, type TableRow, tableRows } from './table-rows.ts';

export interface TablesGridProps {
  readonly database: string;
  readonly policy: PolicyEntry;
  readonly tables: readonly ModelTable[];
  readonly reportedAt: string | null;
  readonly selected: string | null;
  readonly isReadOnly: boolean;
  readonly onSelect: (pattern: string) => void;
  readonly onChange: (policy: PolicyEntry) => void;
}

type Show = 'all' | 'granted' | 'masked' | 'gone';

/** More rows than anybody reads; the filter finds the others. */
const maxRows = 300;

/** Tables and patterns with a cell for each operation. */
export function TablesGrid(props: TablesGridProps): ReactNode {
  const { policy, tables, reportedAt, selected, isReadOnly, onSelect, onChange } = props;
  const [filter, setFilter] = useState('');
  const [show, setShow] = useState<Show>('all');
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const all = tableRows(policy, tables);
  const matching = all.filter((row) => isShown(row, show, filter));
  const rows = treeRows(matching.slice(0, maxRows), folded);
  return (
    <div className="min-w-0 border-border wide:border-r">
      <div className="flex flex-wrap items-end gap-2 px-4 py-2">
        <TextField
          label="Filter tables"
          isLabelHidden
          placeholder="Filter tables"
          type="search"
          className="w-44"
          value={filter}
          onChange={({ target }) => setFilter(target.value)}
        />
        <Select<Show>
          label="Which tables"
          isLabelHidden
          className="w-36"
          value={show}
          options={[
            { value: 'all', label: 'All' },
            { value: 'granted', label: 'Granted' },
            { value: 'masked', label: 'With masks' },
            { value: 'gone', label: 'Not in schema' },
          ]}
          onChange={setShow}
        />
        <Reported database={props.database} at={reportedAt} />
      </div>
      {rows.length === 0 ? (
        <Empty title={tables.length === 0 ? 'No schema was reported yet' : 'No table is like this'}>
          {tables.length === 0
            ? 'The agent reports tables once it is connected. Patterns can be granted already.'
            : ''}
        </Empty>
      ) : (
        <div className="overflow-x-auto">
          <TreeGrid<GridValue>
            label="Tables"
            rows={rows}
            selected={selected}
            onSelect={(id) => {
              if (!id.startsWith('schema:')) onSelect(id);
            }}
            onToggle={(id) => setFolded((before) => toggled(before, id))}
            columns={[
              {
                id: 'table',
                header: 'Table',
                className: 'min-w-52',
                render: (value) => <TableName value={value} />,
              },
              ...tableOperations.map((operation) => ({
                id: operation,
                header: operation.toUpperCase(),
                className: 'w-20',
                render: (value: GridValue) =>
                  value.kind === 'schema' ? null : (
                    <OperationCell {...{ row: value.row, operation, policy, isReadOnly, onChange }} />
                  ),
              })),
            ]}
          />
        </div>
      )}
      {matching.length > maxRows ? (
        <p className="px-4 py-2 text-text-2">{matching.length - maxRows} more tables: filter to find them.</p>
      ) : null}
      {isReadOnly ? null : <AddPattern policy={policy} onChange={onChange} onAdded={onSelect} />}
    </div>
  );
}

type GridValue =
  | { readonly kind: 'schema'; readonly name: string; readonly count: number }
  | { readonly kind: 'row'; readonly row: TableRow };

function treeRows(rows: readonly TableRow[], folded: ReadonlySet<string>): TreeRow<GridValue>[] {
  const leaf = (row: TableRow, level: number): TreeRow<GridValue> => ({
    id: row.pattern,
    level,
    value: { kind: 'row', row },
    isExpandable: false,
    isExpanded: false,
  });
  const tables = Map.groupBy(
    rows.filter(({ kind }) => kind === 'table'),
    ({ schema }) => schema,
  );
  return [
    ...rows.filter(({ kind }) => kind !== 'table').map((row) => leaf(row, 1)),
    ...[...tables].flatMap(([name, inside]) => {
      const id = `schema:${name}`;
      const isExpanded = !folded.has(id);
      const value = { kind: 'schema' as const, name, count: inside.length };
      return [
        { id, level: 1, value, isExpandable: true, isExpanded },
        ...(isExpanded ? inside.map((row) => leaf(row, 2)) : []),
      ];
    }),
  ];
}

function isShown(row: TableRow, show: Show, filter: string): boolean {
  if (!row.pattern.toLowerCase().includes(filter.trim().toLowerCase())) return false;
  const isGranted = Object.values(row.operations).some(({ state }) => state !== 'none');
  const shown = {
    all: true,
    granted: isGranted,
    masked: row.masked + row.hidden > 0,
    gone: row.kind === 'gone',
  };
  return shown[show];
}

function toggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(id)) after.add(id);
  return after;
}

function TableName({ value }: { readonly value: GridValue }): ReactNode {
  if (value.kind === 'schema') {
    return (
      <span>
        <b className="font-medium">{value.name}</b>{' '}
        <span className="text-12 text-text-2">{value.count === 1 ? '1 table' : `${value.count} tables`}</span>
      </span>
    );
  }
  const { pattern, kind, matches, masked, hidden, filters } = value.row;
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-1.5 py-1">
      <span className="font-data break-all">{pattern}</span>
      {kind === 'pattern' ? <Chip>pattern, {matches} now</Chip> : null}
      {kind === 'gone' ? <Chip tone="warn">not in schema</Chip> : null}
      {masked > 0 ? <Chip tone="mask">⊘ {masked}</Chip> : null}
      {hidden > 0 ? <Chip tone="mask">{hidden} hidden</Chip> : null}
      {filters > 0 ? <Chip>rows filtered</Chip> : null}
    </span>
  );
}

function OperationCell({
  row,
  operation,
  policy,
  isReadOnly,
  onChange,
}: {
  readonly row: TableRow;
  readonly operation: TableOperation;
  readonly policy: PolicyEntry;
  readonly isReadOnly: boolean;
  readonly onChange: (policy: PolicyEntry) => void;
}): ReactNode {
  const { state, by } = row.operations[operation];
  const label = `${operation} on ${row.pattern}`;
  return (
    <span
      title={state === 'pattern' ? `granted by ${by ?? ''}` : undefined}
      className="flex items-center gap-1"
    >
      <Checkbox
        label={state === 'pattern' ? `${label}, granted by ${by ?? ''}` : label}
        isLabelHidden
        checked={state === 'own'}
        indeterminate={state === 'pattern'}
        disabled={isReadOnly || !row.isEditable}
        onChange={() =>
          onChange(setOperation(policy, row.pattern, { operation, isGranted: state !== 'own' }))
        }
      />
    </span>
  );
}

function Reported({ database, at }: { readonly database: string; readonly at: string | null }): ReactNode {
  const now = useNow();
  const { run, failure, isBusy } = useAction();
  return (
    <span className="ml-auto flex items-center gap-1 self-center text-12 text-text-2">
      {at === null ? 'schema not reported' : `schema as of ${moment(at, now)}`}
      <IconButton
        icon={RefreshCw}
        label="Read the schema anew"
        disabled={isBusy}
        onClick={() =>
          void run(
            async (api) => await api.refreshSchema({ params: { database } }),
            'The agent reads the schema anew.',
          )
        }
      />
      <ActionProblem failure={failure} />
    </span>
  );
}

const kinds = [
  { value: 'read', label: 'Read only', operations: ['select'] },
  { value: 'write', label: 'Read and write', operations: ['select', 'insert', 'update', 'delete'] },
] as const;

function AddPattern({
  policy,
  onChange,
  onAdded,
}: {
  readonly policy: PolicyEntry;
  readonly onChange: (policy: PolicyEntry) => void;
  readonly onAdded: (pattern: string) => void;
}): ReactNode {
  const [text, setText] = useState('');
  const [kind, setKind] = useState<'read' | 'write'>('read');
  const [problem, setProblem] = useState<string | null>(null);
  function add(): void {
    const pattern = text.trim();
    const wrong = patternProblem(pattern);
    setProblem(wrong);
    if (wrong !== null) return;
    const chosen = kinds.find(({ value }) => value === kind) ?? kinds[0];
    onChange(setOperations(policy, pattern, chosen.operations));
    onAdded(pattern);
    setText('');
  }
  return (
    <form
      className="flex flex-wrap items-start gap-2 px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <TextField
        label="Grant by pattern"
        isData
        placeholder="sales.*"
        hint="Tables that are made later and match are granted, too."
        className="w-72"
        value={text}
        error={problem}
        onChange={({ target }) => setText(target.value)}
      />
      <Select<'read' | 'write'>
        label="As"
        className="w-40"
        value={kind}
        options={kinds.map(({ value, label }) => ({ value, label }))}
        onChange={setKind}
      />
      <Button type="submit" className="mt-6" unavailable={text.trim() === ''}>
        Grant
      </Button>
    </form>
  );
}
