import { isTreeNode, listField, nodeField, type TreeNode, type TreeValue, wordField } from './node-tree.ts';

/** Parts of an analysed query (src/include/nodes/parsenodes.h) that view-lineage.ts walks. */

/** pg_node_tree's numbers of RTEKind (src/include/nodes/parsenodes.h), the same in 13 to 18. */
export const rangeKinds = {
  relation: 0,
  subquery: 1,
  join: 2,
  function: 3,
  tableFunction: 4,
  values: 5,
  cte: 6,
  result: 8,
  group: 9,
} as const;

/** A query with the queries around it, which its columns may come from. */
export interface Scope {
  readonly query: TreeNode;
  readonly ranges: readonly TreeValue[];
  readonly parent: Scope | null;
}

/** None, the database's own, "C" and "POSIX" (pg_collation.dat). */
export const deterministicCollations: ReadonlySet<string> = new Set(['0', '100', '950', '951']);

/** The target list of a query, junk entries included. */
export function targetsOf(query: TreeNode): readonly TreeNode[] {
  return listField(query, 'targetList').map(asNode);
}

/** An entry of the range table; queries count from 1. */
export function rangeAt(scope: Scope, index: number): TreeNode {
  return asNode(scope.ranges[index - 1] ?? null);
}

/** The WITH query of this name. */
export function withQuery(scope: Scope, name: string): TreeNode | undefined {
  return listField(scope.query, 'cteList')
    .map(asNode)
    .find((node) => wordField(node, 'ctename') === name);
}

/** A change of the type's or the collation's name leaves the value as it is. */
export function withoutRelabel(expression: TreeValue): TreeValue {
  let inner = expression;
  while (isTreeNode(inner) && ['RELABELTYPE', 'COLLATE', 'COLLATEEXPR'].includes(inner.tag))
    inner = inner.fields.get('arg') ?? null;
  return inner;
}

/** The value as a node; anything else throws RangeError. */
export function asNode(value: TreeValue): TreeNode {
  if (!isTreeNode(value)) throw new RangeError('a node is missing');
  return value;
}

/** A field that must be there and be a node. */
export function required(node: TreeNode, name: string): TreeNode {
  const value = nodeField(node, name);
  if (value === null) throw new RangeError(`${node.tag} without ${name}`);
  return value;
}
