import type { ParsedStatement } from '../parser.ts';
import type { TaggedNode } from '../ast/node.ts';
import type { Context } from './context.ts';
import { innerScope } from './scope.ts';

/** A handler of one kind of statement: notes what it finds in the context, or refuses; gives the command's name. */
export type StatementJudge = (context: Context, node: TaggedNode, statement: ParsedStatement) => string;

/** Visits a whole query (SELECT, INSERT, …) that another statement contains or that stands alone. */
export function visitQuery(context: Context, query: TaggedNode): void {
  context.visit(query, innerScope(null));
}
