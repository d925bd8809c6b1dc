import {
  type AstNode,
  bodiesOf,
  field,
  flag,
  list,
  locationOf,
  stringsOf,
  type TaggedNode,
  text,
  unwrap,
} from '../ast/node.ts';
import { forEachChild, forEachIn } from '../ast/tree.ts';
import { planMaskedRead } from '../rewrite/masked-relation.ts';
import { isProtected } from '../row-filter.ts';
import { type Context, markOpaque, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { expandGroups } from './group-by.ts';
import { conjunctsOf, type MatchPredicate, noteMatch, readMatch, spanOfConjunct } from './match.ts';
import { planJoins } from './match-join.ts';
import { judgeBare } from './names-in-expressions.ts';
import { outputNames } from './output-names.ts';
import { refuse } from './refusal.ts';
import { judgeReadCode, judgeSystemRead, pinSchema, requireAccess, resolveRelation } from './relations.ts';
import { isOwnedByGranted } from './sequences.ts';
import type { PendingRead } from './pending-read.ts';
import { type PushedCondition, pushedConditions, refuseLeakyMatch } from './row-filter-read.ts';
import { type FromItem, innerScope, type Scope, seesCte } from './scope.ts';
import { exposeSystemColumns } from './system-columns.ts';

/**
 * SELECT in all its shapes: WITH names come into scope, then FROM (masked relations are remembered), then
 * WHERE is searched for allowed matches, then every expression is visited, and at last each masked
 * relation becomes a subquery.
 */

/** Visits a SELECT, VALUES, TABLE or set operation. */
export function visitSelect(context: Context, node: TaggedNode, outer: Scope): void {
  const scope = innerScope(outer);
  visitWith(context, node, scope);
  if (node.body['intoClause'] !== undefined) {
    refuse({ rule: 'ddl', sqlstate: '42601', message: 'SELECT INTO is not allowed here' });
  }
  forEachIn(node, 'larg', (child) => context.visit(child, scope));
  forEachIn(node, 'rarg', (child) => context.visit(child, scope));
  const reads = visitFrom(context, list(node.body, 'fromClause'), scope);
  const matched = planMatches(context, { where: node.body['whereClause'], pending: reads, scope });
  visitConjuncts(context, node.body['whereClause'], { skip: new Set(matched.keys()), scope });
  const { pending, expanded } = exposeSystemColumns(context, node, {
    pending: planJoins(context, node, { reads, scope }),
    scope,
    targets: list(node.body, 'targetList'),
    mayExpand: true,
  });
  expandGroups(context, node, { pending, scope });
  for (const name of selectParts) {
    forEachIn(node, name, (child) => {
      if (!expanded.has(child.wrapper)) context.visit(child, scope);
    });
  }
  const pushed = pushedConditions(context, { where: node.body['whereClause'], reads, scope });
  writeReads(context, pending, { matches: [...matched.values()], pushed });
}

/** Everything but WITH, FROM, WHERE; FOR UPDATE names aliases, not relations. */
const selectParts = [
  'distinctClause',
  'targetList',
  'groupClause',
  'havingClause',
  'windowClause',
  'valuesLists',
  'sortClause',
  'limitOffset',
  'limitCount',
];

/** Brings WITH names into scope, in PostgreSQL's order, and visits their queries. */
export function visitWith(context: Context, node: TaggedNode, scope: Scope): void {
  const clause = field(node.body, 'withClause');
  if (clause === null) return;
  const queries = bodiesOf(list(clause, 'ctes'), 'CommonTableExpr');
  const recursive = flag(clause, 'recursive');
  if (recursive) for (const query of queries) scope.ctes.add(text(query, 'ctename') ?? '');
  for (const query of queries) {
    // a plain WITH query sees the ones before it, and neither itself nor later ones
    forEachChild({ tag: 'CommonTableExpr', body: query, wrapper: null }, (child) =>
      context.visit(child, scope),
    );
    scope.ctes.add(text(query, 'ctename') ?? '');
  }
}

/** Visits FROM (or USING); returns the masked relations that still have to be written as subqueries. */
export function visitFrom(context: Context, items: readonly unknown[], scope: Scope): readonly PendingRead[] {
  const pending: PendingRead[] = [];
  for (const value of items) {
    const node = unwrap(value);
    if (node !== null) visitFromItem(context, node, { scope, pending, nullable: false, hidden: false });
  }
  return pending;
}

interface FromPlace {
  readonly scope: Scope;
  readonly pending: PendingRead[];
  readonly nullable: boolean;
  /** Inside a join with an alias: the names in there cannot be referenced. */
  readonly hidden: boolean;
}

function visitFromItem(context: Context, node: TaggedNode, place: FromPlace): void {
  switch (node.tag) {
    case 'RangeVar':
      return visitRangeVar(context, node, { ...place, sample: null });
    case 'RangeTableSample':
      return visitSample(context, node, place);
    case 'JoinExpr':
      return visitJoin(context, node, place);
    default:
      // subqueries and functions may be LATERAL: they see the items before them
      forEachChild(node, (child) => context.visit(child, place.scope));
      return addItem(place, {
        alias: aliasOf(node.body),
        columns: node.tag === 'RangeSubselect' ? outputNames(node.body) : null,
        masked: null,
        nullable: place.nullable,
        target: null,
        schema: null,
      });
  }
}

function addItem(place: FromPlace, item: FromItem): void {
  if (!place.hidden) place.scope.items.push(item);
}

function aliasOf(body: AstNode): string | null {
  const alias = field(body, 'alias');
  return alias === null ? null : text(alias, 'aliasname');
}

function visitJoin(context: Context, node: TaggedNode, place: FromPlace): void {
  const type = text(node.body, 'jointype');
  const alias = aliasOf(node.body);
  const hidden = place.hidden || alias !== null;
  const left = place.nullable || type === 'JOIN_RIGHT' || type === 'JOIN_FULL';
  const right = place.nullable || type === 'JOIN_LEFT' || type === 'JOIN_FULL';
  const { larg, rarg } = { larg: unwrap(node.body['larg']), rarg: unwrap(node.body['rarg']) };
  if (larg !== null) visitFromItem(context, larg, { ...place, nullable: left, hidden });
  if (rarg !== null) visitFromItem(context, rarg, { ...place, nullable: right, hidden });
  // NATURAL and USING compare with whatever `=` is found
  if (flag(node.body, 'isNatural') || list(node.body, 'usingClause').length > 0) judgeBare(context, '=');
  forEachIn(node, 'quals', (child) => context.visit(child, place.scope));
  const usingAlias = field(node.body, 'join_using_alias');
  const unknownColumns = {
    columns: null,
    masked: null,
    nullable: place.nullable,
    target: null,
    schema: null,
  };
  if (alias !== null) addItem(place, { alias, ...unknownColumns });
  if (usingAlias !== null) addItem(place, { alias: text(usingAlias, 'aliasname'), ...unknownColumns });
}

function visitSample(context: Context, node: TaggedNode, place: FromPlace): void {
  const relation = unwrap(node.body['relation']);
  const method = stringsOf(list(node.body, 'method')) ?? [];
  const builtin = method.length === 1 || (method.length === 2 && method[0] === 'pg_catalog');
  if (!builtin || !['bernoulli', 'system'].includes(method.at(-1) ?? '')) {
    markOpaque(context, 'session', 'it uses a sampling method that is not a built-in one');
  }
  forEachIn(node, 'args', (child) => context.visit(child, place.scope));
  forEachIn(node, 'repeatable', (child) => context.visit(child, place.scope));
  if (relation?.tag === 'RangeVar') visitRangeVar(context, relation, { ...place, sample: node });
}

function visitRangeVar(
  context: Context,
  node: TaggedNode,
  place: FromPlace & { readonly sample: TaggedNode | null },
): void {
  const { body } = node;
  const name = text(body, 'relname') ?? '';
  const alias = aliasOf(body);
  const item = {
    alias: alias ?? name,
    columns: null,
    masked: null,
    nullable: place.nullable,
    target: null,
    schema: null,
  };
  if (text(body, 'schemaname') === null && seesCte(place.scope, name)) return addItem(place, item);
  const meaning = resolveRelation(context, body);
  if (meaning.kind !== 'relation') return addItem(place, item);
  const { relation } = meaning;
  if (relation.system) {
    judgeSystemRead(context, relation, body);
    return addItem(place, item);
  }
  // whoever may draw the next number may see the last one (pg_dump does)
  if (isOwnedByGranted(context, relation)) {
    pinSchema(context, body, meaning);
    return addItem(place, item);
  }
  const granted = requireAccess(context, relation, { operation: 'select', body });
  judgeReadCode(context, relation);
  const columns = visibleColumns(granted, body);
  if (!isProtected(granted.access)) {
    pinSchema(context, body, meaning);
    return addItem(place, { ...item, columns });
  }
  const schema = alias === null ? relation.schema : null;
  const masked: FromItem = { ...item, columns, masked: granted, schema };
  addItem(place, masked);
  place.pending.push({ item: masked, granted, rangeVar: node, sample: place.sample, system: [] });
}

/** The relation's columns, the first ones renamed by an alias list. */
function visibleColumns(granted: GrantedRelation, body: AstNode): readonly string[] {
  const alias = field(body, 'alias');
  const renamed = alias === null ? [] : (stringsOf(list(alias, 'colnames')) ?? []);
  return granted.relation.columns.map((column, index) => renamed[index] ?? column.name);
}

/** Finds the conjuncts of WHERE that may see real values, and replaces each by TRUE where it stands. */
export function planMatches(
  context: Context,
  query: { readonly where: unknown; readonly pending: readonly PendingRead[]; readonly scope: Scope },
): ReadonlyMap<unknown, MatchPredicate> {
  const matched = new Map<unknown, MatchPredicate>();
  if (query.pending.length === 0) return matched;
  for (const conjunct of conjunctsOf(query.where)) {
    const match = readMatch(context, conjunct, query.scope);
    const span = match === null ? null : spanOfConjunct(context, conjunct);
    if (match === null || span === null || !query.pending.some(({ item }) => item === match.item)) continue;
    noteMatch(context, match, conjunct);
    matched.set(conjunct, match);
    planEdit(context, {
      text: [{ ...span, text: 'TRUE' }],
      node: conjunct as object,
      apply: () => trueConstant(context),
    });
  }
  return matched;
}

function trueConstant(context: Context): unknown {
  if (context.input.catalog.major >= 15) return { A_Const: { boolval: { boolval: true } } };
  const constant = { A_Const: { val: { String: { str: 't' } } } };
  const names = [{ String: { str: 'pg_catalog' } }, { String: { str: 'bool' } }];
  return { TypeCast: { arg: constant, typeName: { names, typemod: -1 } } };
}

/** Visits a WHERE clause but for the conjuncts that were replaced. */
export function visitConjuncts(
  context: Context,
  where: unknown,
  walk: { readonly skip: ReadonlySet<unknown>; readonly scope: Scope },
): void {
  for (const conjunct of conjunctsOf(where)) {
    const node = walk.skip.has(conjunct) ? null : unwrap(conjunct);
    if (node !== null) context.visit(node, walk.scope);
  }
}

/** Writes the subqueries. */
export function writeReads(
  context: Context,
  pending: readonly PendingRead[],
  inside: { readonly matches: readonly MatchPredicate[]; readonly pushed: readonly PushedCondition[] },
): void {
  for (const match of inside.matches) refuseLeakyMatch(context, match);
  const all: readonly PushedCondition[] = [...inside.matches, ...inside.pushed];
  for (const { item, granted, rangeVar, sample, system } of pending) {
    const conditions = all.filter((each) => each.item === item).map((each) => each.condition);
    planMaskedRead(context, { granted, rangeVar, sample, conditions, system });
  }
}

/** A RangeVar outside FROM that no statement handler took: never understood, so never passed. */
export function refuseStrayRelation(_context: Context, node: TaggedNode): never {
  refuse({
    rule: 'unknown-node',
    sqlstate: '0A000',
    message: `a relation name in this place is not understood: ${text(node.body, 'relname') ?? ''}`,
    offset: locationOf(node.body),
  });
}
