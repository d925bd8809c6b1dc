import { list, type TaggedNode, text } from '../ast/node.ts';
import { forEachIn } from '../ast/tree.ts';
import type { Denial } from '../verdict.ts';
import { type Context, markOpaque } from './context.ts';
import { preparable, requireQuery, type StatementJudge } from './judgement.ts';
import { refuseExplain, refuseUnsafeTypes } from './filtered-rows.ts';
import { refuse } from './refusal.ts';
import { innerScope } from './scope.ts';

/** Statements around a query: EXPLAIN, DECLARE CURSOR, PREPARE, EXECUTE, DEALLOCATE, CALL, LOCK. */

/** Judges the query that another statement holds, as if it stood alone. */
export type JudgeInner = (context: Context, node: TaggedNode) => string;

/** EXPLAIN shows the plan of the rewritten query; with a raw match inside it would be an oracle. */
export function judgeExplain(inner: JudgeInner): StatementJudge {
  return (context, node) => {
    const query = requireQuery(node, explainable);
    inner(context, query);
    refuseExplain(context, query);
    if (context.found.matches.length > 0) {
      refuse({
        rule: 'explain-match',
        message: 'EXPLAIN is not allowed on a statement that compares masked columns with real values',
        detail: 'Rule "equality": a plan and its row estimates tell about the real values.',
      });
    }
    if (context.found.parameters.length > 0) {
      refuse({
        rule: 'explain-key',
        message: 'EXPLAIN is not allowed on a statement that shows pseudonyms',
        detail: 'Rule "pseudonym": a plan would show the key.',
        hint: 'Leave the columns with pseudonyms out.',
      });
    }
    return 'EXPLAIN';
  };
}

const explainable: ReadonlySet<string> = new Set([
  ...preparable,
  'DeclareCursorStmt',
  'CreateTableAsStmt',
  'ExecuteStmt',
]);

/** A cursor over opaque SQL would run user code at each FETCH, whatever the tier then is. */
export function judgeDeclareCursor(inner: JudgeInner): StatementJudge {
  return (context, node) => {
    inner(context, requireQuery(node, new Set(['SelectStmt'])));
    // opaque code is among what blocks
    if (context.found.elevationBlocker !== null)
      markOpaque(context, 'session', 'a cursor holds code made by users');
    return 'DECLARE CURSOR';
  };
}

/** PREPARE: the body is judged now, its verdict counts again at EXECUTE. */
export function judgePrepare(inner: JudgeInner): StatementJudge {
  return (context, node) => {
    forEachIn(node, 'argtypes', (type) => context.visit(type, innerScope(null)));
    context.found.keyless = true;
    inner(context, requireQuery(node, preparable));
    refuseUnsafeTypes(context, list(node.body, 'argtypes'));
    const { found } = context;
    if (found.opaque) markOpaque(context, 'session', 'a prepared statement holds code made by users');
    // with real values shown or compared it would have to be judged again at each run
    if (found.matches.length > 0) {
      refuse({
        rule: 'prepare-match',
        sqlstate: '0A000',
        message: 'PREPARE is not allowed for a statement that compares masked columns with real values',
        hint: 'Use the extended protocol (your driver does), or run the statement directly.',
      });
    }
    return 'PREPARE';
  };
}

/** EXECUTE of a statement that this session prepared through the gate. */
export const judgeExecute: StatementJudge = (context, node) => {
  const name = text(node.body, 'name') ?? '';
  forEachIn(node, 'params', (parameter) => context.visit(parameter, innerScope(null)));
  const prepared = context.names.prepared.get(name);
  if (prepared === undefined) {
    if (!context.names.opaqueObjects) {
      refuse({
        rule: 'unknown-prepared',
        sqlstate: '26000',
        message: `prepared statement "${name}" does not exist`,
      });
    }
    markOpaque(context, 'session', 'it runs a statement that user code may have prepared');
    return 'EXECUTE';
  }
  if (prepared.denial !== undefined) refuseAgain(prepared.denial);
  const { found } = context;
  if (prepared.tier === 'elevated') found.needsElevated = true;
  if (prepared.tier === 'base') found.needsBase = true;
  if (prepared.taint !== null)
    markOpaque(context, prepared.taint, 'it runs a prepared statement that holds code made by users');
  if (prepared.touchesMasked) found.touchesMasked = true;
  if (prepared.tier === 'elevated' && !context.elevate) {
    refuse({
      rule: 'stale-prepared',
      message: `prepared statement "${name}" needs real values, which this session may no longer read`,
      hint: 'DEALLOCATE it and prepare it again.',
    });
  }
  return 'EXECUTE';
};

/** The policy that came after PREPARE refuses its body; positions in that text mean nothing here. */
function refuseAgain({ sqlstate, message, detail, hint, rule, table }: Denial): never {
  refuse({ rule, sqlstate, message, detail, hint, table });
}

/** DEALLOCATE. */
export const judgeDeallocate: StatementJudge = (context, node) => {
  const name = text(node.body, 'name');
  if (name === null) context.names.prepared.clear();
  else context.names.prepared.delete(name);
  context.found.effects.push({ kind: 'deallocated', name });
  return name === null ? 'DEALLOCATE ALL' : 'DEALLOCATE';
};

/** CALL of a procedure: opaque, unless it is vouched for. */
export const judgeCall: StatementJudge = (context, node) => {
  forEachIn(node, 'funccall', (call) => context.visit(call, innerScope(null)));
  return 'CALL';
};

/** DO, and code that lives in pg_temp: base tier, and the session stays there. */
export function judgeOpaque(command: string, why: string): StatementJudge {
  return (context) => {
    markOpaque(context, 'session', why);
    context.names.opaqueObjects = true;
    return command;
  };
}
