import { type AstNode, field, flag, list, type TaggedNode, text, unwrap } from '../ast/node.ts';
import { forEachIn } from '../ast/tree.ts';
import type { Context } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { refuseMaskedSource } from './masked-source.ts';
import { guardMergeRows } from './merge-guard.ts';
import { visitReturning } from './returning.ts';
import { type FromItem, innerScope, type Scope } from './scope.ts';
import { visitFrom, visitWith } from './select.ts';
import { judgeTarget, targetItem, visitAssignments, withoutTarget, writeSources } from './writes.ts';

type WriteOperation = 'insert' | 'update' | 'delete';

/**
 * MERGE (15 and later; RETURNING since 17). The source is read like anything in FROM; references to masked columns
 * of the target are replaced by their masks, as in UPDATE. Which of the two an action sees depends on what matched.
 */
export function visitMerge(context: Context, node: TaggedNode, outer: Scope): void {
  const scope = innerScope(outer);
  visitWith(context, node, scope);
  const relation = field(node.body, 'relation') ?? {};
  const granted = judgeTarget(context, relation, operationsOf(node));
  const sources = innerScope(scope);
  const from = node.body['sourceRelation'];
  const reads = visitFrom(context, [from], sources);
  const sides: Sides = {
    granted,
    outer: scope,
    target: targetItem(relation, granted),
    sources: sources.items,
  };
  const both = levelOf(sides, 'both');
  forEachIn(node, 'joinCondition', (child) => context.visit(child, both));
  refuseFlowsOfSource(context, node, { source: unwrap(from), scope: both });
  forEachIn(node, 'mergeWhenClauses', (clause) => visitWhen(context, clause, sides));
  guardMergeRows(context, node, { granted, item: sides.target, scope: both });
  // RETURNING * shows the source first
  visitReturning(context, node, { granted, scope: { ...both, items: both.items.toReversed() } });
  writeSources(context, node, { reads, matched: new Map(), scope: both });
}

interface Sides {
  readonly granted: GrantedRelation | null;
  readonly outer: Scope;
  readonly target: FromItem;
  readonly sources: readonly FromItem[];
}

type Visible = 'both' | 'source' | 'target';

function levelOf(sides: Sides, visible: Visible): Scope {
  const level = innerScope(sides.outer);
  if (visible !== 'source') level.items.push(sides.target);
  if (visible !== 'target') level.items.push(...sides.sources);
  return level;
}

/** Values that are written come out of the source: a subquery in it may have renamed masked columns. */
function refuseFlowsOfSource(
  context: Context,
  node: TaggedNode,
  at: { readonly source: TaggedNode | null; readonly scope: Scope },
): void {
  const writes = operationsOf(node);
  if (!writes.includes('insert') && !writes.includes('update')) return;
  const source = at.source ?? { tag: 'List', body: {}, wrapper: null };
  const scope = withoutTarget(at.scope);
  refuseMaskedSource(context, source, { scope, with: field(node.body, 'withClause') });
}

/** WHEN … THEN: the condition and the action see what matched. */
function visitWhen(context: Context, clause: TaggedNode, sides: Sides): void {
  const level = levelOf(sides, visibleIn(clause.body));
  forEachIn(clause, 'condition', (child) => context.visit(child, level));
  if (text(clause.body, 'commandType') === 'CMD_UPDATE') {
    visitAssignments(context, list(clause.body, 'targetList'), { granted: sides.granted, scope: level });
    return;
  }
  // the names of the columns that INSERT fills, with the indirections that arrays and composites may have
  forEachIn(clause, 'targetList', (child) => context.visit(child, level));
  forEachIn(clause, 'values', (child) => {
    refuseMaskedSource(context, child, { scope: level, with: null });
    context.visit(child, level);
  });
}

function visibleIn(clause: AstNode): Visible {
  const kind = text(clause, 'matchKind');
  if (kind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE') return 'target';
  // 15 and 16 have a flag and know no third kind
  const matched = kind === null ? flag(clause, 'matched') : kind === 'MERGE_WHEN_MATCHED';
  return matched ? 'both' : 'source';
}

function operationsOf(node: TaggedNode): readonly WriteOperation[] {
  const operations = new Set<WriteOperation>();
  for (const value of list(node.body, 'mergeWhenClauses')) {
    const command = text(unwrap(value)?.body ?? {}, 'commandType');
    if (command === 'CMD_INSERT') operations.add('insert');
    if (command === 'CMD_UPDATE') operations.add('update');
    if (command === 'CMD_DELETE') operations.add('delete');
  }
  // WHEN MATCHED THEN DO NOTHING alone still locks what it reads
  return operations.size === 0 ? ['update'] : [...operations];
}
