import { forEachChild } from '../ast/tree.ts';
import { as, flag, list, stringOf, type TaggedNode } from '../ast/node.ts';

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
    // only joins are natural
    if (node.tag === 'A_Star' || flag(node.body, 'isNatural')) everything = true;
    if (node.tag === 'ColumnRef') {
      const last = list(node.body, 'fields').at(-1);
      if (as(last, 'A_Star') !== null) everything = true;
      names.add(stringOf(last) ?? '');
      return;
    }
    names.add(stringOf(node.wrapper) ?? '');
    forEachChild(node, visit);
  };
  visit(root);
  return { everything, names };
}
