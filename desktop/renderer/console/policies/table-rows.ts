/** A policy as a table of tables: what it says of each table of the reported schema, and of each pattern. */
import type { PolicyEntry } from '@daam/shared/policy/document';
import type { MaskPreset, TableOperation } from '@daam/shared/policy/effective-policy';
import { formatPattern, isLiteralSegment, matchesSegment } from '@daam/shared/policy/pattern';
import { canonical, isLiteral, segmentsOf } from './table-patterns.ts';

/** As much of a reported table as the editor needs. */
export interface ModelTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Whether a table has an operation: by its own line, by a pattern, or not. */
export interface OperationState {
  readonly state: 'own' | 'pattern' | 'none';
  /** The pattern that grants it. */
  readonly by: string | null;
}

export interface TableRow {
  /** As a policy writes it. */
  readonly pattern: string;
  /** `gone`: a line of its own names it, and the schema does not have it. */
  readonly kind: 'pattern' | 'table' | 'gone';
  readonly schema: string;
  /** Tables that a pattern matches now. */
  readonly matches: number;
  readonly operations: Readonly<Record<TableOperation, OperationState>>;
  readonly masked: number;
  readonly hidden: number;
  readonly filters: number;
  /** False: a name with a star can only be written in the text. */
  readonly isEditable: boolean;
}

/** Rows of patterns first, then of tables by name, then of names that the schema does not have. */
export function tableRows(policy: PolicyEntry, tables: readonly ModelTable[]): TableRow[] {
  const lines = readLines(policy);
  const named = new Map(tables.map((table) => [formatPattern([table.schema, table.name]), table]));
  const wide = [...lines.patterns].filter((pattern) => !isLiteral(pattern));
  const gone = [...lines.patterns].filter((pattern) => isLiteral(pattern) && !named.has(pattern));
  return [
    ...wide.map((pattern) => wideRow(lines, pattern, tables)),
    ...[...named]
      .map(([pattern, table]) => tableRow(lines, pattern, table))
      .sort((one, other) => (one.pattern < other.pattern ? -1 : 1)),
    ...gone.map((pattern) => tableRow(lines, pattern, null)),
  ];
}

interface MaskLine {
  readonly segments: readonly string[];
  readonly preset: MaskPreset;
}

/** A policy's lines as they are looked up: each pattern is read once, however many tables there are. */
interface PolicyLines {
  readonly patterns: ReadonlySet<string>;
  readonly own: ReadonlyMap<string, ReadonlySet<TableOperation>>;
  readonly wide: readonly {
    readonly written: string;
    readonly segments: readonly string[];
    readonly operations: readonly TableOperation[];
  }[];
  /** By `schema.table` where both are literal. */
  readonly masks: ReadonlyMap<string, readonly MaskLine[]>;
  readonly wideMasks: readonly MaskLine[];
  readonly filters: ReadonlyMap<string, number>;
}

function readLines({ grants, masks, rowFilters }: PolicyEntry): PolicyLines {
  const own = new Map<string, Set<TableOperation>>();
  for (const { table, operations } of grants) {
    const pattern = canonical(table);
    own.set(pattern, new Set([...(own.get(pattern) ?? []), ...operations]));
  }
  const filters = new Map<string, number>();
  for (const { table } of rowFilters) {
    const pattern = canonical(table);
    filters.set(pattern, (filters.get(pattern) ?? 0) + 1);
  }
  const lines = masks.flatMap(({ column, preset }): MaskLine[] => {
    const segments = segmentsOf(column, 3);
    return segments === null ? [] : [{ segments, preset }];
  });
  const literal = lines.filter(({ segments }) => segments.slice(0, 2).every(isLiteralSegment));
  return {
    patterns: new Set([...own.keys(), ...filters.keys()]),
    own,
    wide: grants.flatMap(({ table, operations }) => {
      const segments = segmentsOf(table, 2);
      return segments === null || segments.every(isLiteralSegment)
        ? []
        : [{ written: table, segments, operations }];
    }),
    masks: Map.groupBy(literal, ({ segments }) => formatPattern(segments.slice(0, 2))),
    wideMasks: lines.filter(({ segments }) => !segments.slice(0, 2).every(isLiteralSegment)),
    filters,
  };
}

function wideRow(lines: PolicyLines, pattern: string, tables: readonly ModelTable[]): TableRow {
  const [schema = '', name = ''] = segmentsOf(pattern, 2) ?? [];
  const isMatched = (table: ModelTable): boolean =>
    matchesSegment(schema, table.schema) && matchesSegment(name, table.name);
  return {
    pattern,
    kind: 'pattern',
    schema,
    matches: tables.filter(isMatched).length,
    operations: operationsOf(lines, pattern, null),
    masked: 0,
    hidden: 0,
    filters: lines.filters.get(pattern) ?? 0,
    isEditable: true,
  };
}

/** `table` null: the schema does not have it. */
function tableRow(lines: PolicyLines, pattern: string, table: ModelTable | null): TableRow {
  const path = table === null ? (segmentsOf(pattern, 2) ?? []) : [table.schema, table.name];
  return {
    pattern,
    kind: table === null ? 'gone' : 'table',
    schema: path[0] ?? '',
    matches: 1,
    operations: operationsOf(lines, pattern, path),
    ...countMasks(lines, table),
    filters: lines.filters.get(pattern) ?? 0,
    isEditable: table === null || isLiteral(pattern),
  };
}

/** `path` null: of a pattern, which only its own line grants. */
function operationsOf(
  lines: PolicyLines,
  pattern: string,
  path: readonly string[] | null,
): Readonly<Record<TableOperation, OperationState>> {
  const own = lines.own.get(pattern);
  const wide =
    path === null
      ? []
      : lines.wide.filter(({ segments }) => segments.every((one, at) => matchesSegment(one, path[at] ?? '')));
  const stateOf = (operation: TableOperation): OperationState => {
    if (own?.has(operation) === true) return { state: 'own', by: pattern };
    const by = wide.find(({ operations }) => operations.includes(operation));
    return by === undefined ? { state: 'none', by: null } : { state: 'pattern', by: by.written };
  };
  return {
    select: stateOf('select'),
    insert: stateOf('insert'),
    update: stateOf('update'),
    delete: stateOf('delete'),
  };
}

function countMasks(
  { masks, wideMasks }: PolicyLines,
  table: ModelTable | null,
): { masked: number; hidden: number } {
  if (table === null) return { masked: 0, hidden: 0 };
  const near = [
    ...(masks.get(formatPattern([table.schema, table.name])) ?? []),
    ...wideMasks.filter(
      ({ segments: [schema = '', name = ''] }) =>
        matchesSegment(schema, table.schema) && matchesSegment(name, table.name),
    ),
  ];
  if (near.length === 0) return { masked: 0, hidden: 0 };
  const held = table.columns.flatMap(({ name }) => {
    const all = near.filter(({ segments }) => matchesSegment(segments[2] ?? '', name));
    return all.length === 0 ? [] : [all.some(({ preset }) => preset === strongestPreset)];
  });
  const hidden = held.filter(Boolean).length;
  return { masked: held.length - hidden, hidden };
}

/** `null`: what it masks shows nothing. */
const strongestPreset = 'null' satisfies MaskPreset;
