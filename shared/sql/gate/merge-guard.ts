import { field, list, locationOf, type TaggedNode, text, unwrap } from '../ast/node.ts';
import type { Context } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { type ConditionPlace, guardWrite, requireUnmoved } from './row-guard.ts';
import type { FromItem, Scope } from './scope.ts';

/**
 * MERGE into a relation with a row filter. The filter joins the condition of ON, so that a hidden row matches
 * nothing, as if it were not there; and each WHEN NOT MATCHED BY SOURCE, which would find it for that reason.
 */
export function guardMergeRows(
  context: Context,
  node: TaggedNode,
  target: { readonly granted: GrantedRelation | null; readonly item: FromItem; readonly scope: Scope },
): void {
  const { granted, item, scope } = target;
  if (granted === null) return;
  const tokens = clausesOf(context, node);
  const common = { granted, item, scope, assignments: [] };
  guardWrite(context, { ...common, body: node.body, part: 'joinCondition', at: tokens.on });
  for (const [index, value] of list(node.body, 'mergeWhenClauses').entries()) {
    const clause = unwrap(value)?.body ?? {};
    if (text(clause, 'commandType') === 'CMD_UPDATE') {
      requireUnmoved(context, { ...common, assignments: list(clause, 'targetList') });
    }
    if (text(clause, 'matchKind') !== 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE') continue;
    const at = placeOfCondition(context, tokens.whens[index] ?? -1);
    guardWrite(context, { ...common, body: clause, part: 'condition', at, unseen: true });
  }
}

interface Clauses {
  readonly on: ConditionPlace;
  /** The token of each WHEN. */
  readonly whens: readonly number[];
}

/** Finds ON and the WHENs of the statement itself, those of CASE left out. */
function clausesOf(context: Context, node: TaggedNode): Clauses {
  const { source } = context;
  const whens: number[] = [];
  let on: number | null = null;
  let cases = 0;
  const from = source.indexAt(locationOf(field(node.body, 'relation') ?? {})) ?? source.tokens.length;
  for (let at = from; at < source.tokens.length; at += 1) {
    const closing = source.closing(at);
    if (closing !== null) at = closing;
    // after a dot a keyword is a name
    if (closing !== null || source.is(at - 1, '.')) continue;
    if (source.is(at, ')') || source.is(at, ';') || source.is(at, 'returning')) break;
    if (source.is(at, 'case')) cases += 1;
    if (source.is(at, 'end')) cases -= 1;
    else if (source.is(at, 'when') && cases === 0) whens.push(at);
    if (source.is(at, 'on')) on = at;
  }
  return { on: { keyword: on, last: (whens[0] ?? 0) - 1, opening: 'ON' }, whens };
}

/** `WHEN NOT MATCHED BY SOURCE [AND condition] THEN`. */
function placeOfCondition(context: Context, when: number): ConditionPlace {
  const { source } = context;
  const start = when + 5;
  let cases = 0;
  let then = start;
  for (; then < source.tokens.length; then += 1) {
    if (source.is(then - 1, '.')) continue;
    if (source.is(then, 'case')) cases += 1;
    else if (source.is(then, 'end')) cases -= 1;
    else if (source.is(then, 'then') && cases === 0) break;
  }
  return { keyword: start, last: then - 1, opening: 'AND' };
}
