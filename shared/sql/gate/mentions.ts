import { forEachChild } from '../ast/tree.ts';
import { as, flag, list, type TaggedNode, text } from '../ast/node.ts';

/**
 * Which names a statement mentions anywhere, to leave out masks that nobody looks at: such a column's mask costs
 * planning and needs the raw value for nothing. Coarse on purpose, and safe when it errs: a column that counts as
 * not mentioned shows the constant mask, never its value.
 */
export interface Mentions {
  /** `*` somewhere, or NATURAL JOIN: every column of every relation may be meant. */
  readonly everything: boolean;
  /** Last parts of column references, field selections, function names, USING: all that could name a column or a row. */
  readonly names: ReadonlySet<string>;
}

/** Collects them over the whole statement, subqueries included. */
export function mentionsOf(root: TaggedNode): Mentions {
  const names = new Set<string>();
  let everything = false;
  const visit = (node: TaggedNode): void => {
    if (node.tag === 'A_Star') everything = true;
    if (node.tag === 'JoinExpr' && flag(node.body, 'isNatural')) everything = true;
    if (node.tag === 'ColumnRef') {
      const last = list(node.body, 'fields').at(-1);
      if (as(last, 'A_Star') !== null) everything = true;
      const body = as(last, 'String');
      const name = body === null ? null : (text(body, 'sval') ?? text(body, 'str'));
      if (name !== null) names.add(name);
      return;
    }
    if (node.tag === 'String') {
      const name = text(node.body, 'sval') ?? text(node.body, 'str');
      if (name !== null) names.add(name);
    }
    forEachChild(node, visit);
  };
  visit(root);
  return { everything, names };
}
