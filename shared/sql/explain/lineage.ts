import type { TaggedNode } from '../ast/node.ts';
import type { GateInput } from '../gate/decide.ts';
import type { ColumnKind, ExplainedMask, OutputColumn } from './explanation.ts';

/**
 * Where a value comes from: the algebra of output columns. It serves people who ask what a statement would show; the
 * gate does not need it, because raw values have no name that a statement could use.
 */
export interface Lineage {
  readonly kind: ColumnKind;
  readonly masks: readonly ExplainedMask[];
}

export const plain: Lineage = { kind: 'plain', masks: [] };
export const untraced: Lineage = { kind: 'unknown', masks: [] };

/** Something in FROM. */
export interface TracedItem {
  readonly alias: string | null;
  /** Set when it can be named with its schema. */
  readonly schema: string | null;
  /** Null: not known. */
  readonly columns: readonly OutputColumn[] | null;
}

/** One query level. */
export interface TraceLevel {
  readonly parent: TraceLevel | null;
  readonly ctes: Map<string, readonly OutputColumn[] | null>;
  readonly items: TracedItem[];
  /** Columns of USING and NATURAL JOIN, which stand for one of each side. */
  readonly merged: Map<string, OutputColumn>;
}

/** What the functions of one trace share. */
export interface Trace {
  readonly input: GateInput;
  /** The columns of a query inside a level; null: not known. */
  readonly query: (node: TaggedNode, level: TraceLevel | null) => readonly OutputColumn[] | null;
}

export function innerLevel(parent: TraceLevel | null): TraceLevel {
  return { parent, ctes: new Map(), items: [], merged: new Map() };
}

/** What is computed from several values. */
export function computedFrom(sources: readonly Lineage[]): Lineage {
  const masks = uniqueMasks(sources.flatMap((source) => source.masks));
  if (sources.some(({ kind }) => kind === 'unknown')) return { kind: 'unknown', masks };
  return { kind: masks.length > 0 ? 'derived' : 'plain', masks };
}

/** What is one of several values: rows of a UNION, sides of a join. */
export function oneOf(sources: readonly Lineage[]): Lineage {
  const [first = plain, ...others] = sources.map(({ kind, masks }) => ({ kind, masks }));
  const isSame = others.every(({ kind, masks }) => kind === first.kind && sameMasks(masks, first.masks));
  return isSame ? first : computedFrom(sources);
}

/** Column by column; null when the sides do not fit. */
export function mergeColumns(
  left: readonly OutputColumn[] | null,
  right: readonly OutputColumn[] | null,
): readonly OutputColumn[] | null {
  if (left === null) return null;
  return left.map((column, index) => {
    const other = right?.[index];
    return { name: column.name, ...oneOf(other === undefined ? [column, untraced] : [column, other]) };
  });
}

/** The first columns get other names. */
export function renamed(
  columns: readonly OutputColumn[] | null,
  names: readonly string[],
): readonly OutputColumn[] | null {
  if (columns === null) return null;
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

const systemColumns: ReadonlySet<string> = new Set(['ctid', 'tableoid', 'xmin', 'xmax', 'cmin', 'cmax']);

/** What a column reference means, given as its parts without a star. */
export function resolveColumn(level: TraceLevel | null, path: readonly string[]): Lineage {
  const name = path.at(-1) ?? '';
  if (path.length > 1) return ofItem(findItem(level, path.slice(0, -1)), name);
  for (let at = level; at !== null; at = at.parent) {
    const merged = at.merged.get(name);
    if (merged !== undefined) return lineageOf(merged);
    for (const item of at.items) {
      const column = item.columns?.find((candidate) => candidate.name === name);
      if (column !== undefined) return lineageOf(column);
    }
    if (at.items.some((item) => item.columns === null)) return untraced;
  }
  const row = findItem(level, path);
  if (row !== null) return computedFrom(row.columns ?? [untraced]);
  return systemColumns.has(name) ? plain : untraced;
}

function lineageOf({ kind, masks }: OutputColumn): Lineage {
  return { kind, masks };
}

function ofItem(item: TracedItem | null, name: string): Lineage {
  const columns = item?.columns ?? null;
  if (columns === null) return untraced;
  const column = columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return lineageOf(column);
  return systemColumns.has(name) ? plain : untraced;
}

/** The innermost item that `alias`, `schema.table` or `database.schema.table` means. */
export function findItem(level: TraceLevel | null, qualifiers: readonly string[]): TracedItem | null {
  const alias = qualifiers.at(-1);
  const schema = qualifiers.at(-2);
  for (let at = level; at !== null; at = at.parent) {
    const found = at.items.find(
      (item) => item.alias === alias && (schema === undefined || item.schema === schema),
    );
    if (found !== undefined) return found;
  }
  return null;
}

function uniqueMasks(masks: readonly ExplainedMask[]): readonly ExplainedMask[] {
  return [...new Map(masks.map((mask) => [keyOf(mask), mask])).values()];
}

function sameMasks(left: readonly ExplainedMask[], right: readonly ExplainedMask[]): boolean {
  const keys = new Set(left.map(keyOf));
  return left.length === right.length && right.every((mask) => keys.has(keyOf(mask)));
}

function keyOf({ schema, table, column }: ExplainedMask): string {
  return `${schema}\u0000${table}\u0000${column}`;
}
