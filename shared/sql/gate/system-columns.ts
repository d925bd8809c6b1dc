import { as, flag, list, locationOf, stringsOf, type TaggedNode } from '../ast/node.ts';
import { anyIn, anyNode, forEachChild, Spread } from '../ast/tree.ts';
import { quoteIdentifier } from '../quote.ts';
import { parseTargets } from '../rewrite/fragment.ts';
import { readableSystemColumns } from '../system-columns.ts';
import { type Context, planEdit } from './context.ts';
import { refuse } from './refusal.ts';
import type { FromItem, Scope } from './scope.ts';
import type { PendingRead } from './pending-read.ts';

/**
 * ctid and xmin of a masked relation: the subquery that stands for it shows them only where the query names them,
 * because `*` and whole rows never hold them. Where a star of the same query would, it is written as a list.
 */

interface Query {
  readonly pending: readonly PendingRead[];
  readonly scope: Scope;
  /** The select list, whose stars may be written out, or a RETURNING list, whose stars may not. */
  readonly targets: readonly unknown[];
  readonly mayExpand: boolean;
}

/** What the walk through the select list must leave alone, and the reads with what they must show. */
export interface Exposed {
  readonly pending: readonly PendingRead[];
  readonly expanded: ReadonlySet<unknown>;
}

const none: ReadonlySet<unknown> = new Set();

/** Adds the system columns that a query names to the masked relations that it reads. */
export function exposeSystemColumns(context: Context, node: TaggedNode, query: Query): Exposed {
  const { names } = context.mentions();
  const isNamed = readableSystemColumns.some((name) => names.has(name));
  if (!isNamed && query.pending.every(({ system }) => system.length === 0)) {
    return { pending: query.pending, expanded: none };
  }
  const pending = query.pending.map((read) => ({
    ...read,
    // inside a join with an alias it has no name of its own
    system: [...read.system, ...(query.scope.items.includes(read.item) ? namedOf(node, read) : [])],
  }));
  const exposed = pending.filter((read) => read.system.length > 0);
  if (exposed.length === 0) return { pending, expanded: none };
  for (const read of exposed) refuseRows(node, read, query);
  const items = new Set(exposed.map((read) => read.item));
  const expanded = new Set<unknown>();
  for (const target of query.targets) {
    if (expandStar(context, target, { query, items, node })) expanded.add(target);
  }
  return { pending, expanded };
}

/** System columns that a reference in the query could mean this relation by. */
function namedOf(node: TaggedNode, { item, granted }: PendingRead): readonly string[] {
  // views and foreign tables have none
  if (!['r', 'p', 'm'].includes(granted.relation.kind)) return [];
  return readableSystemColumns.filter((name) => {
    const isNamed = (child: TaggedNode, isHere: boolean): boolean => {
      const path = child.tag === 'ColumnRef' ? stringsOf(list(child.body, 'fields')) : null;
      if (path === null || path.at(-1) !== name) return false;
      return path.length === 1 ? isHere : path.at(-2) === item.alias;
    };
    return anyNode(node, (child) => isNamed(child, false)) || anyHere(node, (child) => isNamed(child, true));
  });
}

/** Like `anyNode`, but for the query's own level. */
function anyHere(root: TaggedNode, test: (node: TaggedNode) => boolean): boolean {
  let found = false;
  forEachChild(root, (child) => {
    found ||= child.tag !== 'SelectStmt' && (test(child) || anyHere(child, test));
  });
  return found;
}

function refuseRows(node: TaggedNode, read: PendingRead, query: Query): void {
  const lists = new Set<unknown>(query.targets.map((target) => as(target, 'ResTarget')?.['val']));
  const { alias, columns } = read.item;
  const isRow = (child: TaggedNode): boolean => {
    if (child.tag !== 'ColumnRef') return false;
    const fields = list(child.body, 'fields');
    const starred = as(fields.at(-1), 'A_Star') !== null;
    const path = stringsOf(starred ? fields.slice(0, -1) : fields) ?? [];
    if (starred) return path.at(-1) === alias && !lists.has(child.wrapper);
    return path.length === 1 && path[0] === alias && !(columns?.includes(alias ?? '') ?? false);
  };
  const natural = (child: TaggedNode): boolean => child.tag === 'JoinExpr' && flag(child.body, 'isNatural');
  const from = ['fromClause', 'usingClause', 'sourceRelation'];
  if (anyNode(node, isRow)) refuseBeside(read, 'the whole row');
  if (from.some((part) => anyIn(node.body[part], natural))) refuseBeside(read, 'NATURAL JOIN');
}

function refuseBeside({ granted, rangeVar }: PendingRead, what: string): never {
  const { schema, name } = granted.relation;
  refuse({
    rule: 'unsupported-on-masked',
    sqlstate: '0A000',
    message: `${what} and a system column of ${name}, which has masked columns, cannot be used in one query`,
    hint: 'Name the columns that you need.',
    table: { schema, name },
    offset: locationOf(rangeVar.body),
  });
}

/** Writes `*` or `t.*` as a list without system columns; false when the entry is something else. */
function expandStar(
  context: Context,
  target: unknown,
  at: { readonly query: Query; readonly items: ReadonlySet<FromItem>; readonly node: TaggedNode },
): boolean {
  const reference = as(as(target, 'ResTarget')?.['val'], 'ColumnRef');
  const fields = reference === null ? [] : list(reference, 'fields');
  if (reference === null || as(fields.at(-1), 'A_Star') === null) return false;
  const qualifier = (stringsOf(fields.slice(0, -1)) ?? []).at(-1);
  const covered = at.query.scope.items.filter((item) => qualifier === undefined || item.alias === qualifier);
  const [read] = at.query.pending.filter(({ item }) => at.items.has(item) && covered.includes(item));
  if (read === undefined) return false;
  const merges = (child: TaggedNode): boolean =>
    child.tag === 'JoinExpr' && list(child.body, 'usingClause').length > 0;
  const isMerged = qualifier === undefined && anyIn(at.node.body['fromClause'], merges);
  if (!at.query.mayExpand || isMerged || covered.some((item) => item.alias === null)) refuseBeside(read, '*');
  const shown = covered.map((item) => listOf(item, at.items)).join(', ');
  const trees = parseTargets(context.parts.parser, shown);
  const start = locationOf(reference);
  const last = context.source.lastOfName(start, fields.length);
  const end = last === null ? undefined : context.source.token(last)?.end;
  if (trees === null || end === undefined) return refuseBeside(read, '*');
  planEdit(context, {
    text: [{ start, end, text: shown }],
    node: target as object,
    apply: () => new Spread(trees),
  });
  return true;
}

function listOf(item: FromItem, exposed: ReadonlySet<FromItem>): string {
  const alias = quoteIdentifier(item.alias ?? '');
  if (!exposed.has(item)) return `${alias}.*`;
  return (item.columns ?? []).map((name) => `${alias}.${quoteIdentifier(name)}`).join(', ');
}
