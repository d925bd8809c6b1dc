import type { ResolvedRowFilter } from '../access.ts';
import {
  type AstNode,
  as,
  field,
  isNode,
  list,
  locationOf,
  stringsOf,
  type TaggedNode,
  text,
} from '../ast/node.ts';
import { parseExpression } from '../rewrite/fragment.ts';
import { conditionText, rowFilterCondition } from '../row-filter.ts';
import { type Context, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { renderOperand } from './match.ts';
import { refuse } from './refusal.ts';
import { pushedConditions, qualifiedReference } from './row-filter-read.ts';
import type { FromItem, Scope } from './scope.ts';

/**
 * The target of a write is not in FROM, so no subquery can stand for it: the filter goes into the condition of the
 * write. What the client wrote there is computed only where the filter holds, because CASE evaluates in order; that
 * also holds when a row changed under the write and PostgreSQL checks the condition again on its new version.
 */
export interface GuardedWrite {
  readonly granted: GrantedRelation;
  readonly item: FromItem;
  readonly scope: Scope;
  /** The statement, ON CONFLICT clause or MERGE that holds the condition. */
  readonly body: AstNode;
  /** The field of `body` that the condition is in. */
  readonly part: 'whereClause' | 'joinCondition' | 'condition';
  /** SET lists of the write. */
  readonly assignments: readonly unknown[];
  /** Where the condition stands, or would stand, in the text. */
  readonly at: ConditionPlace;
  /** The condition is not among those that `leaks` looked at. */
  readonly unseen?: boolean;
}

/** Tokens around a condition: the keyword before it (null: there is none yet), and the last token of the clause. */
export interface ConditionPlace {
  readonly keyword: number | null;
  readonly last: number;
  /** What to write before a condition that is not there yet. */
  readonly opening: string;
}

/** Puts the filter into the condition of a write; nothing for a relation without a filter. */
export function guardWrite(context: Context, write: GuardedWrite): void {
  const filter = write.granted.access.rowFilter;
  if (filter === null) return;
  const reference = qualifiedReference(write.item.alias ?? '');
  const visible = rowFilterCondition(filter, reference);
  const stays = assignedConditions(context, write, filter);
  const condition = write.body[write.part];
  if (condition === undefined) return planOpening(context, write, [visible, ...stays].join(' AND '));
  const isQuiet = write.unseen !== true && context.leaks().none && write.granted.relation.kind !== 'v';
  const pushed = pushedConditions(context, {
    where: condition,
    reads: [{ item: write.item, granted: write.granted }],
    scope: write.scope,
    reference,
  }).map((each) => each.condition);
  const before = [visible, ...stays, ...pushed].join(' AND ');
  const guard = isQuiet
    ? { before: `${before} AND (`, after: ')' }
    : { before: `${before} AND CASE WHEN ${visible} THEN (`, after: ') ELSE FALSE END' };
  planGuard(context, write, guard);
}

const hole = 'daam_condition';

function planGuard(
  context: Context,
  write: GuardedWrite,
  guard: { readonly before: string; readonly after: string },
): void {
  const { source, parts } = context;
  // a place that is not found fits no text, which refuses the statement
  const start = source.token(write.at.keyword ?? -1)?.end ?? -1;
  const end = source.token(write.at.last)?.end ?? -1;
  const tree = parseExpression(parts.parser, `${guard.before}${hole}${guard.after}`);
  planEdit(context, {
    text: [
      { start, end: start, text: ` ${guard.before}` },
      { start: end, end, text: guard.after },
    ],
    node: write.body,
    apply: (copy) => {
      const fields = copy as Record<string, unknown>;
      return { ...fields, [write.part]: fill(tree, fields[write.part]) };
    },
  });
}

/** The tree with the condition in the place of the hole. */
function fill(tree: unknown, condition: unknown): unknown {
  if (Array.isArray(tree)) return tree.map((item) => fill(item, condition));
  if (!isNode(tree)) return tree;
  const reference = as(tree, 'ColumnRef');
  if (reference !== null && stringsOf(list(reference, 'fields'))?.join('.') === hole) return condition;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, fill(value, condition)]));
}

function planOpening(context: Context, write: GuardedWrite, condition: string): void {
  const end = context.source.token(write.at.last)?.end ?? -1;
  const tree = parseExpression(context.parts.parser, condition);
  planEdit(context, {
    text: [{ start: end, end, text: ` ${write.at.opening} ${condition}` }],
    node: write.body,
    apply: (copy) => ({ ...(copy as object), [write.part]: tree }),
  });
}

/**
 * A column of the filter may be set to a constant, a parameter or itself, and the row is changed only if it stays
 * visible with the new value. Anything else is computed when it is too late to tell.
 */
function assignedConditions(
  context: Context,
  write: GuardedWrite,
  filter: ResolvedRowFilter,
): readonly string[] {
  return write.assignments.flatMap((value) => {
    const target = as(value, 'ResTarget') ?? {};
    const name = text(target, 'name') ?? '';
    if (feedsFilter(write.granted, name)) return refuseAssignment(write, name, locationOf(target));
    const conditions = filter.conditions.filter(({ column }) => column === name);
    if (conditions.length === 0) return [];
    const assigned = assignedValue(context, write, { name, target });
    if (assigned === null) return refuseAssignment(write, name, locationOf(target));
    return assigned === 'itself' ? [] : conditions.map((condition) => conditionText(condition, assigned));
  });
}

/** Whether a column of the filter is generated from this one: its new value is known after the write only. */
function feedsFilter({ access, relation }: GrantedRelation, name: string): boolean {
  const source = relation.columns.find((column) => column.name === name);
  return (access.rowFilter?.conditions ?? []).some(({ attnum }) => {
    const column = relation.columns.find((candidate) => candidate.attnum === attnum);
    return source !== undefined && column?.generatedFrom?.includes(source.attnum) === true;
  });
}

/** MERGE: its actions have no condition of their own to check a new value by, so a column of the filter stays. */
export function requireUnmoved(
  context: Context,
  write: Pick<GuardedWrite, 'granted' | 'item' | 'scope' | 'assignments'>,
): void {
  const columns = new Set(write.granted.access.rowFilter?.conditions.map(({ column }) => column));
  for (const value of write.assignments) {
    const target = as(value, 'ResTarget') ?? {};
    const name = text(target, 'name') ?? '';
    if (feedsFilter(write.granted, name)) refuseAssignment(write, name, locationOf(target));
    if (!columns.has(name)) continue;
    if (assignedValue(context, write, { name, target }) !== 'itself')
      refuseAssignment(write, name, locationOf(target));
  }
}

/** The new value as SQL, `itself` where the column keeps its value, null for what is not known before the write. */
function assignedValue(
  context: Context,
  write: Pick<GuardedWrite, 'granted' | 'item' | 'scope'>,
  { name, target }: { readonly name: string; readonly target: AstNode },
): string | null {
  if (list(target, 'indirection').length > 0) return null;
  const reference = as(target['val'], 'ColumnRef');
  const path = reference === null ? null : stringsOf(list(reference, 'fields'));
  if (path !== null) {
    if (path.at(-1) !== name) return null;
    if (path.length === 2 && path[0] === write.item.alias) return 'itself';
    if (path.length === 2 && path[0] === 'excluded') return qualifiedReference('excluded')(name);
    // without a qualifier it could be a column of something else in FROM
    return path.length === 1 && write.scope.items.length === 1 ? 'itself' : null;
  }
  const column = write.granted.relation.columns.find((candidate) => candidate.name === name);
  const operand = renderOperand(context, target['val']);
  const type = column?.typeName ?? '';
  const isPlainType = type.startsWith('pg_catalog.') || column?.typeCategory === 'E';
  // a domain may round or cut the value in a way that is not seen here
  return operand === null || !isPlainType ? null : `((${operand.sql})::${type})`;
}

function refuseAssignment({ granted }: Pick<GuardedWrite, 'granted'>, column: string, offset: number): never {
  const { schema, name } = granted.relation;
  refuse({
    rule: 'row-filter-column',
    message: `permission denied to set ${name}.${column} to this value`,
    detail: `Rule "row filter": ${column} decides which rows of ${schema}.${name} are visible; it may be set to a constant or a parameter.`,
    table: { schema, name },
    offset,
  });
}

type TargetItem = FromItem & { readonly target: GrantedRelation };

/** The target among what its own level reads: none when it is a temporary table. */
function targetIn(scope: Scope): TargetItem | undefined {
  return scope.items.find((item): item is TargetItem => item.target !== null);
}

/** UPDATE and DELETE. */
export function guardTargetRows(context: Context, node: TaggedNode, scope: Scope): void {
  const item = targetIn(scope);
  if (item === undefined) return;
  const relation = field(node.body, 'relation') ?? {};
  guardWrite(context, {
    granted: item.target,
    item,
    scope,
    body: node.body,
    part: 'whereClause',
    assignments: list(node.body, 'targetList'),
    at: scanFrom(context, context.source.indexAt(locationOf(relation)) ?? -1),
  });
}

/** ON CONFLICT DO UPDATE: a conflict with a hidden row changes nothing. */
export function guardConflictRows(context: Context, conflict: AstNode, scope: Scope): void {
  const item = targetIn(scope);
  if (item === undefined) return;
  if (text(conflict, 'action') !== 'ONCONFLICT_UPDATE') return;
  const { source } = context;
  const from = source.indexAt(locationOf(conflict)) ?? source.tokens.length;
  const at = source.tokens.findIndex(
    (_, index) => index > from && source.is(index, 'do') && source.is(index + 1, 'update'),
  );
  guardWrite(context, {
    granted: item.target,
    item,
    scope,
    body: conflict,
    part: 'whereClause',
    assignments: list(conflict, 'targetList'),
    at: scanFrom(context, at),
    unseen: true,
  });
}

/** Walks over the tokens of one clause, brackets as a whole, until RETURNING, the end or a closing bracket. */
function scanFrom(context: Context, from: number): ConditionPlace {
  const { source } = context;
  let keyword: number | null = null;
  let at = from;
  for (; at < source.tokens.length; at += 1) {
    const closing = source.closing(at);
    if (closing !== null) {
      at = closing;
      continue;
    }
    if (source.is(at, ')') || source.is(at, ';')) break;
    // after a dot a keyword is a name
    if (source.is(at - 1, '.')) continue;
    if (source.is(at, 'returning')) break;
    if (source.is(at, 'where')) keyword ??= at;
  }
  return { keyword, last: at - 1, opening: 'WHERE' };
}
