import { type AstNode, as, field, list, locationOf, type TaggedNode, text, unwrap } from '../ast/node.ts';
import { forEachIn } from '../ast/tree.ts';
import type { Context } from './context.ts';
import { judgeExcluded } from './excluded.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { refuseMaskedSource } from './masked-source.ts';
import { type MatchPredicate, conjunctsOf, noteMatch, readMatch } from './match.ts';
import { refuse } from './refusal.ts';
import { judgeReadCode, judgeWriteCode, pinSchema, requireAccess, resolveRelation } from './relations.ts';
import { returningOf, visitReturning } from './returning.ts';
import { pushedConditions, refuseLeakyMatch } from './row-filter-read.ts';
import { guardConflictRows, guardTargetRows } from './row-guard.ts';
import { type FromItem, innerScope, type Scope } from './scope.ts';
import type { PendingRead } from './pending-read.ts';
import { planMatches, visitConjuncts, visitFrom, visitWith, writeReads } from './select.ts';
import { exposeSystemColumns } from './system-columns.ts';
import { guardAssignments } from './write-back.ts';

/** INSERT, UPDATE and DELETE, at the top or inside WITH. */

type WriteOperation = 'insert' | 'update' | 'delete';

/** The relation that is written: granted, or temporary, or unknown and then base only. */
export function judgeTarget(
  context: Context,
  body: AstNode,
  operations: readonly WriteOperation[],
): GrantedRelation | null {
  const meaning = resolveRelation(context, body);
  if (meaning.kind !== 'relation') return null;
  const { relation } = meaning;
  if (relation.system) {
    refuse({
      rule: 'system-relation',
      message: `permission denied for table ${relation.name}`,
      detail: 'Rule "system relation": catalogue tables cannot be written.',
      table: { schema: relation.schema, name: relation.name },
      offset: locationOf(body),
    });
  }
  let granted: GrantedRelation | null = null;
  for (const operation of operations) granted = requireAccess(context, relation, { operation, body });
  judgeReadCode(context, relation);
  judgeWriteCode(context, relation, operations);
  pinSchema(context, body, meaning);
  return granted;
}

/** The target as column references see it. */
export function targetItem(body: AstNode, granted: GrantedRelation | null): FromItem {
  const alias = field(body, 'alias');
  const aliasName = alias === null ? null : text(alias, 'aliasname');
  return {
    alias: aliasName ?? text(body, 'relname'),
    columns: granted === null ? null : granted.relation.columns.map((column) => column.name),
    masked: null,
    nullable: false,
    schema: aliasName === null ? (granted?.relation.schema ?? null) : null,
    target: granted,
  };
}

/** INSERT … VALUES, SELECT, ON CONFLICT, RETURNING. */
export function visitInsert(context: Context, node: TaggedNode, outer: Scope): void {
  const scope = innerScope(outer);
  visitWith(context, node, scope);
  const relation = field(node.body, 'relation') ?? {};
  const conflict = field(node.body, 'onConflictClause');
  const updates = conflict !== null && text(conflict, 'action') === 'ONCONFLICT_UPDATE';
  const granted = judgeTarget(context, relation, updates ? ['insert', 'update'] : ['insert']);
  const source = unwrap(node.body['selectStmt']);
  if (source !== null) {
    context.visit(source, scope);
    refuseMaskedSource(context, source, { scope, with: field(node.body, 'withClause') });
  }
  const inner = innerScope(scope);
  inner.items.push(targetItem(relation, granted));
  if (conflict !== null) visitConflict(context, conflict, { granted, scope: inner });
  visitReturning(context, node, { granted, scope: inner });
}

function visitConflict(
  context: Context,
  conflict: AstNode,
  at: { readonly granted: GrantedRelation | null; readonly scope: Scope },
): void {
  const infer = field(conflict, 'infer');
  if (infer !== null) {
    requireArbiter(context, infer, at.granted);
    forEachIn({ tag: 'InferClause', body: infer, wrapper: null }, 'indexElems', (child) =>
      context.visit(child, at.scope),
    );
    forEachIn({ tag: 'InferClause', body: infer, wrapper: null }, 'whereClause', (child) =>
      context.visit(child, at.scope),
    );
  }
  // `excluded` holds what the client itself sent; only its qualified name reaches it
  const columns = at.granted === null ? null : [];
  const excluded: FromItem = {
    alias: 'excluded',
    columns,
    masked: null,
    nullable: false,
    schema: null,
    target: null,
  };
  const scope: Scope = { ...at.scope, items: [...at.scope.items, excluded] };
  visitAssignments(context, list(conflict, 'targetList'), { granted: at.granted, scope });
  judgeExcluded(context, [conflict['targetList'], conflict['whereClause']], at.granted);
  const node: TaggedNode = { tag: 'OnConflictClause', body: conflict, wrapper: null };
  forEachIn(node, 'whereClause', (child) => context.visit(child, scope));
  guardConflictRows(context, conflict, at.scope);
}

/** The server wants SELECT on the columns that decide a conflict: a masked one needs the elevated tier. */
function requireArbiter(context: Context, infer: AstNode, granted: GrantedRelation | null): void {
  for (const value of list(infer, 'indexElems')) {
    const name = text(as(value, 'IndexElem') ?? {}, 'name');
    const mask = [...(granted?.access.masks.values() ?? [])].find((candidate) => candidate.column === name);
    if (mask === undefined || granted === null) continue;
    const { schema, name: relation } = granted.relation;
    if (mask.matchEquality && context.elevate) {
      context.found.needsElevated = true;
      context.found.matches.push({
        oid: granted.relation.oid,
        column: mask.column,
        literals: 1,
        operands: [],
      });
      continue;
    }
    refuse({
      rule: mask.matchEquality ? 'match-needs-elevation' : 'masked-arbiter',
      message: `${relation}.${mask.column} is masked and cannot decide a conflict here`,
      hint: context.input.hint({ schema, name: relation }, 'insert'),
      table: { schema, name: relation },
      offset: locationOf(infer),
    });
  }
}

/** UPDATE … SET … FROM … WHERE … RETURNING. */
export function visitUpdate(context: Context, node: TaggedNode, outer: Scope): void {
  const scope = innerScope(outer);
  visitWith(context, node, scope);
  const relation = field(node.body, 'relation') ?? {};
  const granted = judgeTarget(context, relation, ['update']);
  const inner = innerScope(scope);
  inner.items.push(targetItem(relation, granted));
  const reads = visitFrom(context, list(node.body, 'fromClause'), inner);
  const matched = planMatches(context, { where: node.body['whereClause'], pending: reads, scope: inner });
  visitAssignments(context, list(node.body, 'targetList'), { granted, scope: inner });
  for (const value of list(node.body, 'fromClause')) {
    const item = unwrap(value);
    if (item !== null && item.tag !== 'RangeVar')
      refuseMaskedSource(context, item, { scope: withoutTarget(inner), with: null });
  }
  refuseMaskedSource(
    context,
    { tag: 'List', body: {}, wrapper: null },
    { scope: inner, with: field(node.body, 'withClause') },
  );
  visitTargetWhere(context, node, { scope: inner, matched });
  guardTargetRows(context, node, inner);
  visitReturning(context, node, { granted, scope: inner });
  writeSources(context, node, { reads, matched, scope: inner });
}

/** What FROM sees: not the row that is written. */
export function withoutTarget(scope: Scope): Scope {
  return { ...scope, items: scope.items.filter((item) => item.target === null) };
}

/** DELETE … USING … WHERE … RETURNING. */
export function visitDelete(context: Context, node: TaggedNode, outer: Scope): void {
  const scope = innerScope(outer);
  visitWith(context, node, scope);
  const relation = field(node.body, 'relation') ?? {};
  const granted = judgeTarget(context, relation, ['delete']);
  const inner = innerScope(scope);
  inner.items.push(targetItem(relation, granted));
  const reads = visitFrom(context, list(node.body, 'usingClause'), inner);
  const matched = planMatches(context, { where: node.body['whereClause'], pending: reads, scope: inner });
  visitTargetWhere(context, node, { scope: inner, matched });
  guardTargetRows(context, node, inner);
  visitReturning(context, node, { granted, scope: inner });
  writeSources(context, node, { reads, matched, scope: inner });
}

type Matched = ReadonlyMap<unknown, MatchPredicate>;

/** Writes the subqueries for what a write reads beside its target. */
export function writeSources(
  context: Context,
  node: TaggedNode,
  at: { readonly reads: readonly PendingRead[]; readonly matched: Matched; readonly scope: Scope },
): void {
  const { reads, scope } = at;
  const { pending } = exposeSystemColumns(context, node, {
    pending: reads,
    scope,
    targets: returningOf(node),
    mayExpand: false,
  });
  const pushed = pushedConditions(context, { where: node.body['whereClause'], reads, scope });
  writeReads(context, pending, { matches: [...at.matched.values()], pushed });
}

/** SET lists: no masked value may move into a column. */
export function visitAssignments(
  context: Context,
  assignments: readonly unknown[],
  at: { readonly granted: GrantedRelation | null; readonly scope: Scope },
): void {
  guardAssignments(context, assignments, at);
  for (const value of assignments) {
    const assignment = unwrap(value);
    if (assignment === null) continue;
    refuseMaskedSource(context, assignment, { scope: at.scope, with: null });
    context.visit(assignment, at.scope);
  }
}

/** WHERE of UPDATE and DELETE: allowed matches on the target stay as they are and read real values. */
function visitTargetWhere(
  context: Context,
  node: TaggedNode,
  { scope, matched }: { readonly scope: Scope; readonly matched: Matched },
): void {
  const where = node.body['whereClause'];
  const kept = new Set<unknown>(matched.keys());
  for (const conjunct of conjunctsOf(where)) {
    if (kept.has(conjunct)) continue;
    const match: MatchPredicate | null = readMatch(context, conjunct, scope);
    if (match === null || match.item.target === null) continue;
    refuseLeakyMatch(context, match);
    noteMatch(context, match, conjunct);
    kept.add(conjunct);
  }
  visitConjuncts(context, where, { skip: kept, scope });
}
