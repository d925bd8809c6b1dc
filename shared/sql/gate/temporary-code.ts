import { field, list, stringsOf, type TaggedNode, unwrap } from '../ast/node.ts';
import { type Context, markOpaque } from './context.ts';
import type { StatementJudge } from './judgement.ts';
import { refuse } from './refusal.ts';
import { innerScope } from './scope.ts';
import { judgeTemporaryName } from './temporary-name.ts';

/** Views and functions that a session makes for itself: from then on it stays in the base tier. */

/**
 * CREATE TEMP VIEW: the query must be one that the session may run; it is stored as written and reads
 * what the base tier may read.
 */
export const judgeView: StatementJudge = (context, node) => {
  const view = field(node.body, 'view') ?? {};
  const name = judgeTemporaryName(context, view);
  const query = unwrap(node.body['query']);
  if (query !== null) visitDiscarding(context, query);
  markOpaque(context, 'session', 'it makes a view');
  context.names.opaqueObjects = true;
  context.names.tempRelations.add(name);
  context.found.effects.push({ kind: 'temp-relation-created', name });
  return 'CREATE VIEW';
};

/** Visits a query only for its refusals: nothing in it is rewritten. */
function visitDiscarding(context: Context, query: TaggedNode): void {
  const trial: Context = { ...context, elevate: false, textEdits: [], treeEdits: new Map() };
  trial.visit(query, innerScope(null));
}

/** CREATE FUNCTION pg_temp.f. */
export const judgeCreateFunction: StatementJudge = (context, node) => {
  const path = stringsOf(list(node.body, 'funcname')) ?? [];
  if (path.length !== 2 || path[0] !== 'pg_temp') {
    refuse({
      rule: 'ddl',
      message: `permission denied to create function ${path.join('.')}`,
      detail: 'Rule "ddl": sessions under a policy create functions in pg_temp only.',
      hint: context.input.hint(null, null),
    });
  }
  markOpaque(context, 'session', 'it makes a function');
  context.names.opaqueObjects = true;
  return 'CREATE FUNCTION';
};
