import type { PolicyEntry } from '@daam/shared/policy/document';
import type { TableOperation } from '@daam/shared/policy/effective-policy';
import { RefreshCw } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Select } from '../../ui/select.tsx';
import { Empty } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { ActionProblem } from '../problem-of.tsx';
import { useAction } from '../use-console.ts';
import { setOperations, setOperationsOfMany } from './policy-model.ts';
import { patternProblem } from './table-patterns.ts';
import { type ModelTable, type TableRow, tableRows } from './table-rows.ts';
import { type TablesNode, TablesTree } from './tables-tree.tsx';
import { toggled } from '../../ui/toggled.ts';

export interface TablesGridProps {
  readonly database: string;
  readonly policy: PolicyEntry;
  readonly tables: readonly ModelTable[];
  readonly reportedAt: string | null;
  readonly isReadOnly: boolean;
  readonly onSelect: (pattern: string) => void;
  readonly onChange: (policy: PolicyEntry) => void;
}

type Show = 'all' | 'granted' | 'masked' | 'gone';

/** Tables and patterns with a cell for each operation, a filter above, and what to do with those that are chosen. */
export function TablesGrid(props: TablesGridProps): ReactNode {
  const { policy, tables, reportedAt, isReadOnly, onSelect, onChange } = props;
  const [filter, setFilter] = useState('');
  const [show, setShow] = useState<Show>('all');
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const all = useMemo(() => tableRows(policy, tables), [policy, tables]);
  const nodes = useMemo(
    () =>
      nodesOf(
        all.filter((row) => isShown(row, show, filter)),
        folded,
      ),
    [all, show, filter, folded],
  );
  const editable = editableOf(all, chosen);
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
      {isReadOnly ? null : (
        <Quick
          count={editable.length}
          onSet={(operations) => onChange(setOperationsOfMany(policy, editable, () => operations))}
        />
      )}
      {nodes.length === 0 ? (
        <Empty title={tables.length === 0 ? 'No schema was reported yet' : 'No table is like this'}>
          {tables.length === 0
            ? 'The agent reports tables once it is connected. Patterns can be granted already.'
            : ''}
        </Empty>
      ) : (
        <TablesTree
          {...{ nodes, chosen, isReadOnly }}
          onChoose={(patterns, current) => {
            setChosen(new Set(patterns));
            if (current !== null) onSelect(current);
          }}
          onFold={(id) => setFolded((before) => toggled(before, id))}
          onToggle={(patterns, operation, isGranted) =>
            onChange(
              setOperationsOfMany(policy, editableOf(all, new Set(patterns)), (before) =>
                isGranted ? [...before, operation] : before.filter((one) => one !== operation),
              ),
            )
          }
        />
      )}
      {isReadOnly ? null : <AddPattern policy={policy} onChange={onChange} onAdded={onSelect} />}
    </div>
  );
}

const quick = [
  { label: 'Read only', operations: ['select'] },
  { label: 'Read & write', operations: ['select', 'insert', 'update', 'delete'] },
  { label: 'None', operations: [] },
] as const satisfies readonly { label: string; operations: readonly TableOperation[] }[];

/** The same for all tables that are chosen. */
function Quick({
  count,
  onSet,
}: {
  readonly count: number;
  readonly onSet: (operations: readonly TableOperation[]) => void;
}): ReactNode {
  return (
    <fieldset aria-label="Chosen tables" className="flex flex-wrap items-center gap-2 px-4 pb-2">
      <span className="text-12 text-text-2">
        {count === 0
          ? 'Choose tables: Shift takes a range, Space adds one.'
          : `${count} ${count === 1 ? 'table' : 'tables'} chosen:`}
      </span>
      {quick.map(({ label, operations }) => (
        <Button key={label} unavailable={count === 0} onClick={() => onSet(operations)}>
          {label}
        </Button>
      ))}
    </fieldset>
  );
}

/** Patterns of rows that are chosen and can be changed here. */
function editableOf(rows: readonly TableRow[], chosen: ReadonlySet<string>): readonly string[] {
  return rows.flatMap(({ pattern, isEditable }) => (isEditable && chosen.has(pattern) ? [pattern] : []));
}

function nodesOf(rows: readonly TableRow[], folded: ReadonlySet<string>): TablesNode[] {
  const leaf = (row: TableRow, level: 1 | 2): TablesNode => ({
    id: row.pattern,
    kind: 'row',
    row,
    level,
    isExpanded: false,
  });
  const tables = Map.groupBy(
    rows.filter(({ kind }) => kind === 'table'),
    ({ schema }) => schema,
  );
  return [
    ...rows.filter(({ kind }) => kind !== 'table').map((row) => leaf(row, 1)),
    ...[...tables].flatMap(([name, inside]): TablesNode[] => {
      const id = `schema:${name}`;
      const isExpanded = !folded.has(id);
      return [
        { id, kind: 'schema', name, count: inside.length, isExpanded },
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
