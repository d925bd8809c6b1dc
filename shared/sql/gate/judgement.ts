import type { ParsedStatement } from '../parser.ts';
import { type TaggedNode, unwrap } from '../ast/node.ts';
import type { Context } from './context.ts';
import { refuse } from './refusal.ts';
import { innerScope } from './scope.ts';

/** A handler of one kind of statement: notes what it finds in the context, or refuses; gives the command's name. */
export type StatementJudge = (context: Context, node: TaggedNode, statement: ParsedStatement) => string;

/** Visits a whole query (SELECT, INSERT, …) that another statement contains or that stands alone. */
export function visitQuery(context: Context, query: TaggedNode): void {
  context.visit(query, innerScope(null));
}

/** The query that a statement holds; one of another kind than these is refused, and so is none. */
export function requireQuery(node: TaggedNode, allowed: ReadonlySet<string>): TaggedNode {
  const query = unwrap(node.body['query']);
  if (query === null || !allowed.has(query.tag)) {
    refuse({
      rule: 'unknown-node',
      sqlstate: '0A000',
      message: 'this kind of statement is not allowed here',
    });
  }
  return query;
}

/** What COPY and PREPARE take. */
export const preparable: ReadonlySet<string> = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
]);
