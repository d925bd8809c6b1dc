import {
  type AstNode,
  as,
  constantOf,
  list,
  locationOf,
  stringsOf,
  type TaggedNode,
  text,
  unwrap,
} from '../ast/node.ts';
import { anyIn, Spread } from '../ast/tree.ts';
import { quoteIdentifier } from '../quote.ts';
import { parseTargets } from '../rewrite/fragment.ts';
import { type Context, planEdit } from './context.ts';
import type { FromItem, Scope } from './scope.ts';
import type { PendingRead } from './pending-read.ts';

/**
 * GROUP BY a primary key lets a query use every other column of that table (PostgreSQL docs, "GROUP BY"). A
 * subquery has no primary key, so the columns that are used are added to the list. That changes no group: each is
 * determined by the key. Where a key column is masked, groups are those of its masked values, and nothing is added.
 */
export function expandGroups(
  context: Context,
  node: TaggedNode,
  query: { readonly pending: readonly PendingRead[]; readonly scope: Scope },
): void {
  const groups = list(node.body, 'groupClause');
  if (groups.length === 0) return;
  const added = query.pending.flatMap((read) => columnsToAdd(node, read, query.scope));
  const anchor = added.length === 0 ? null : findAnchor(context, groups);
  if (anchor === null) return;
  const trees = parseTargets(context.parts.parser, added.join(', '));
  const columns = trees?.map((target) => as(target, 'ResTarget')?.['val']) ?? [];
  if (columns.length !== added.length) return;
  planEdit(context, {
    text: [{ start: anchor.end, end: anchor.end, text: `, ${added.join(', ')}` }],
    node: anchor.group,
    apply: (copy) => new Spread([copy, ...columns]),
  });
}

/** References to the columns that the query uses and that the grouped key determines; empty when it is not grouped. */
function columnsToAdd(node: TaggedNode, { item, granted }: PendingRead, scope: Scope): readonly string[] {
  const { primaryKey, columns } = granted.relation;
  const key = columns.flatMap((column, index) =>
    primaryKey.includes(column.attnum) ? [item.columns?.[index] ?? column.name] : [],
  );
  const isMasked = primaryKey.some((attnum) => granted.access.masks.has(attnum));
  // inside a join with an alias it has no name of its own
  if (key.length === 0 || isMasked || item.alias === null || !scope.items.includes(item)) return [];
  const grouped = new Set(
    list(node.body, 'groupClause').flatMap((group) => [...groupedIn(group, { node, item, scope })]),
  );
  if (!key.every((name) => grouped.has(name))) return [];
  const used = usedColumns(node, item);
  const alias = quoteIdentifier(item.alias);
  const names = (item.columns ?? []).filter(
    (name) => !grouped.has(name) && (used.all || used.names.has(name)),
  );
  const references = names.map((name) => `${alias}.${quoteIdentifier(name)}`);
  return used.row ? [...references, `${alias}.*`] : references;
}

interface Place {
  readonly node: TaggedNode;
  readonly item: FromItem;
  readonly scope: Scope;
}

/** Columns of the item that this entry of GROUP BY surely groups by. */
function groupedIn(group: unknown, place: Place): ReadonlySet<string> {
  const entry = unwrap(group);
  if (entry === null) return new Set();
  if (entry.tag === 'RowExpr')
    return new Set(list(entry.body, 'args').flatMap((value) => [...groupedIn(value, place)]));
  if (entry.tag === 'GroupingSet') {
    if (text(entry.body, 'kind') !== 'GROUPING_SET_SETS') return new Set();
    const sets = list(entry.body, 'content').map((value) => groupedIn(value, place));
    return sets.reduce((common, set) => common.intersection(set), sets[0] ?? new Set<string>());
  }
  const column = columnOf(group, place) ?? columnOf(outputOf(group, place), place);
  return new Set(column === null ? [] : [column]);
}

/** The item's column that a reference means, null when it is anything else or not certain. */
function columnOf(value: unknown, { item, scope }: Place): string | null {
  const reference = as(value, 'ColumnRef');
  const path = reference === null ? null : stringsOf(list(reference, 'fields'));
  const name = path?.at(-1) ?? null;
  if (path === null || name === null || !item.columns?.includes(name)) return null;
  if (path.length > 1) return path.at(-2) === item.alias && isOf(path, item) ? name : null;
  // USING merges columns: with a side that is never filled with NULLs the merged one is this one
  const others = scope.items.filter((other) => other !== item && (other.columns?.includes(name) ?? false));
  return others.length === 0 || !item.nullable ? name : null;
}

function isOf(path: readonly string[], item: FromItem): boolean {
  return path.length === 2 || path.at(-3) === item.schema;
}

/** What a number or an output name in GROUP BY stands for. */
function outputOf(group: unknown, { node, scope }: Place): unknown {
  const targets = list(node.body, 'targetList').map((target) => as(target, 'ResTarget') ?? {});
  const constant = constantOf(group);
  if (constant?.kind === 'integer') {
    const before = targets.slice(0, constant.value);
    return before.some(isStar) ? null : before[constant.value - 1]?.['val'];
  }
  const path = stringsOf(list(as(group, 'ColumnRef') ?? {}, 'fields')) ?? [];
  const isKnown = scope.items.every((item) => item.columns !== null && !item.columns.includes(path[0] ?? ''));
  if (path.length !== 1 || !isKnown) return null;
  const named = targets.filter((target) => text(target, 'name') === path[0]);
  return named.length === 1 ? named[0]?.['val'] : null;
}

function isStar(target: AstNode): boolean {
  return as(list(as(target['val'], 'ColumnRef') ?? {}, 'fields').at(-1), 'A_Star') !== null;
}

/** Everything after grouping: what is used there must be grouped. */
const afterGrouping = ['targetList', 'havingClause', 'sortClause', 'distinctClause', 'windowClause'];

interface Used {
  readonly names: ReadonlySet<string>;
  readonly all: boolean;
  readonly row: boolean;
}

function usedColumns(node: TaggedNode, item: FromItem): Used {
  const names = new Set<string>();
  let all = false;
  let row = false;
  const targets = new Set<unknown>(
    list(node.body, 'targetList').map((target) => as(target, 'ResTarget')?.['val']),
  );
  const note = (child: TaggedNode): boolean => {
    if (child.tag !== 'ColumnRef') return false;
    const fields = list(child.body, 'fields');
    const starred = as(fields.at(-1), 'A_Star') !== null;
    const path = stringsOf(starred ? fields.slice(0, -1) : fields) ?? [];
    const isList = starred && targets.has(child.wrapper);
    if (starred && (path.length === 0 || path.at(-1) === item.alias)) {
      if (isList) all = true;
      else row = true;
    }
    if (!starred && path.length === 1 && path[0] === item.alias) row = true;
    if (!starred) names.add(path.at(-1) ?? '');
    return false;
  };
  for (const part of afterGrouping) anyIn(node.body[part], note);
  return { names, all, row };
}

/** An entry of GROUP BY whose end can be told from the tokens. */
function findAnchor(
  context: Context,
  groups: readonly unknown[],
): { readonly group: object; readonly end: number } | null {
  for (const group of groups) {
    const entry = unwrap(group);
    const span = entry === null ? null : spanOfEntry(context, entry);
    if (entry === null || span === null || entry.wrapper === null) continue;
    let [first, last] = span;
    while (context.source.is(first - 1, '(') && context.source.is(last + 1, ')')) {
      first -= 1;
      last += 1;
    }
    const end = context.source.token(last)?.end;
    if (end !== undefined) return { group: entry.wrapper, end };
  }
  return null;
}

/** First and last token of a column, a number, a row or a grouping set. */
function spanOfEntry(context: Context, entry: TaggedNode): [number, number] | null {
  const { source } = context;
  const start = locationOf(entry.body);
  const first = source.indexAt(start);
  if (first === null) return null;
  if (entry.tag === 'A_Const') return [first, first];
  if (entry.tag === 'ColumnRef') {
    const last = source.lastOfName(start, list(entry.body, 'fields').length);
    return last === null ? null : [first, last];
  }
  if (entry.tag !== 'RowExpr' && entry.tag !== 'GroupingSet') return null;
  for (let at = first; at < first + 3; at += 1) {
    const last = source.closing(at);
    if (last !== null) return [first, last];
  }
  return null;
}
