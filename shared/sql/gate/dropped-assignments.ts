import { type AstNode, as, locationOf } from '../ast/node.ts';
import { Spread } from '../ast/tree.ts';
import { quoteIdentifier } from '../quote.ts';
import { parseExpression } from '../rewrite/fragment.ts';
import { type Context, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { spanOfConjunct } from './match.ts';
import { refuse } from './refusal.ts';

/** SET lists without the assignments that would overwrite a value by its mask (write-back.ts). */

interface Target {
  readonly granted: GrantedRelation;
  readonly alias: string;
}

interface Dropping {
  readonly assignments: readonly unknown[];
  readonly dropped: ReadonlySet<number>;
  readonly target: Target;
}

/** Takes assignments out of the SET list, with their commas; when none is left, a column is set to itself. */
export function dropAssignments(context: Context, { assignments, dropped, target }: Dropping): void {
  const starts = assignments.map((value) => locationOf(as(value, 'ResTarget') ?? {}));
  const last = assignments.length - 1;
  for (const index of dropped) {
    const wrapper = assignments[index] as AstNode;
    if (dropped.size === assignments.length && index === 0) {
      replaceByNothing(context, { wrapper, end: endOf(context, assignments, last), target });
      continue;
    }
    planEdit(context, { text: [], node: wrapper, apply: () => new Spread([]) });
  }
  if (dropped.size === assignments.length) return;
  for (let index = 0; index <= last; index += 1) {
    if (!dropped.has(index) || dropped.has(index - 1)) continue;
    let next = index;
    while (dropped.has(next)) next += 1;
    const start = starts[index] ?? 0;
    if (next <= last) context.textEdits.push({ start, end: starts[next] ?? start, text: '' });
    else {
      const comma = context.source.indexAt(start);
      const from = comma === null ? undefined : context.source.token(comma - 1)?.start;
      const end = endOf(context, assignments, last);
      if (from === undefined || end === null) return refuseUnclear(target.granted);
      context.textEdits.push({ start: from, end, text: '' });
    }
  }
}

function endOf(context: Context, assignments: readonly unknown[], index: number): number | null {
  const value = (as(assignments[index], 'ResTarget') ?? {})['val'];
  return spanOfConjunct(context, value)?.end ?? null;
}

function replaceByNothing(
  context: Context,
  at: { readonly wrapper: AstNode; readonly end: number | null; readonly target: Target },
): void {
  const { granted, alias } = at.target;
  const { relation, access } = granted;
  const keys = new Set(relation.primaryKey);
  const free = relation.columns.filter(
    ({ attnum, generatedFrom }) => !access.masks.has(attnum) && generatedFrom === null,
  );
  const column = free.find(({ attnum }) => !keys.has(attnum)) ?? free[0];
  const start = locationOf(as(at.wrapper, 'ResTarget') ?? {});
  if (column === undefined || at.end === null) return refuseUnclear(granted);
  const name = quoteIdentifier(column.name);
  const itself = `${quoteIdentifier(alias)}.${name}`;
  const value = parseExpression(context.parts.parser, itself);
  planEdit(context, {
    text: [{ start, end: at.end, text: `${name} = ${itself}` }],
    node: at.wrapper,
    apply: () => ({ ResTarget: { name: column.name, val: value } }),
  });
}

function refuseUnclear(granted: GrantedRelation): never {
  const { schema, name } = granted.relation;
  refuse({
    rule: 'write-back',
    message: `masks that come back to ${name} cannot be left out of this statement`,
    hint: 'Leave masked columns that did not change out of the statement.',
    table: { schema, name },
  });
}
