import type { TaggedNode } from '../ast/node.ts';
import type { Context } from './context.ts';
import { expressionVisitors, visitChildren } from './expressions.ts';
import type { Scope } from './scope.ts';
import { refuseStrayRelation, visitSelect } from './select.ts';
import { visitDelete, visitInsert, visitUpdate } from './writes.ts';
import { visitMerge } from './merge.ts';

type Visitor = (context: Context, node: TaggedNode, scope: Scope) => void;

/** Nodes that open a query level, and those that only their owner may visit. */
const queryVisitors: ReadonlyMap<string, Visitor> = new Map<string, Visitor>([
  ['SelectStmt', visitSelect],
  ['InsertStmt', visitInsert],
  ['UpdateStmt', visitUpdate],
  ['DeleteStmt', visitDelete],
  ['MergeStmt', visitMerge],
  ['RangeVar', refuseStrayRelation],
  ['IntoClause', refuseStrayRelation],
]);

/** Judges one node and everything below it, wherever in a statement it stands. */
export function visitNode(context: Context, node: TaggedNode, scope: Scope): void {
  const visitor = queryVisitors.get(node.tag) ?? expressionVisitors.get(node.tag) ?? visitChildren;
  visitor(context, node, scope);
}
