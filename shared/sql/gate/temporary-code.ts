import { field, list, stringsOf, type TaggedNode } from '../ast/node.ts';
import { type Context, markOpaque, newFindings } from './context.ts';
import { requireQuery, type StatementJudge } from './judgement.ts';
import { refuse } from './refusal.ts';
import { innerScope } from './scope.ts';
import { judgeTemporaryName } from './temporary-name.ts';
import { visitNode } from './walk.ts';

/** Views and functions that a session makes for itself: from then on it stays in the base tier. */

/**
 * CREATE TEMP VIEW: the query must be one that the session may run; it is stored as written and reads
 * what the base tier may read.
 */
export const judgeView: StatementJudge = (context, node) => {
  const view = field(node.body, 'view') ?? {};
  const name = judgeTemporaryName(context, view);
  visitDiscarding(context, requireQuery(node, new Set(['SelectStmt'])));
  markOpaque(context, 'session', 'it makes a view');
  context.names.opaqueObjects = true;
  context.names.tempRelations.add(name);
  context.found.effects.push({ kind: 'temp-relation-created', name });
  return 'CREATE VIEW';
};

/** Visits a query only for its refusals and the relations it names: nothing in it is rewritten. */
function visitDiscarding(context: Context, query: TaggedNode): void {
  const found = { ...newFindings(), tables: context.found.tables };
  const trial: Context = {
    ...context,
    elevate: false,
    found,
    textEdits: [],
    treeEdits: new Map(),
    visit: (node, scope) => visitNode(trial, node, scope),
  };
  trial.visit(query, innerScope(null));
  if (found.touchesMasked) context.found.touchesMasked = true;
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
