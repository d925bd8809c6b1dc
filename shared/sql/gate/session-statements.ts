import { type AstNode, bodiesOf, flag, list, text } from '../ast/node.ts';
import { parseTargets } from '../rewrite/fragment.ts';
import { isProtected } from '../row-filter.ts';
import { type Context, planEdit } from './context.ts';
import type { StatementJudge } from './judgement.ts';
import { mayChange, refuseParameter } from './parameters.ts';
import { refuse } from './refusal.ts';
import { judgeSearchPath, offsetOf, setPath, valueText } from './search-path.ts';

/** Statements about the session itself: transactions, SET, SHOW, DISCARD, LISTEN. */

/** BEGIN, COMMIT, ROLLBACK, SAVEPOINT …; two-phase commit is refused, it outlives the session. */
export const judgeTransaction: StatementJudge = (context, node) => {
  const kind = text(node.body, 'kind') ?? '';
  const known = transactions[kind];
  if (known === undefined) {
    refuse({
      rule: 'two-phase',
      message: 'prepared transactions are not allowed',
      hint: context.input.hint(null, null),
    });
  }
  context.found.effects.push({ kind: known.effect });
  return known.command;
};

const transactions: Readonly<
  Record<string, { readonly command: string; readonly effect: 'begin' | 'commit' | 'rollback' | 'savepoint' }>
> = {
  TRANS_STMT_BEGIN: { command: 'BEGIN', effect: 'begin' },
  TRANS_STMT_START: { command: 'START TRANSACTION', effect: 'begin' },
  TRANS_STMT_COMMIT: { command: 'COMMIT', effect: 'commit' },
  TRANS_STMT_ROLLBACK: { command: 'ROLLBACK', effect: 'rollback' },
  TRANS_STMT_SAVEPOINT: { command: 'SAVEPOINT', effect: 'savepoint' },
  TRANS_STMT_RELEASE: { command: 'RELEASE', effect: 'savepoint' },
  TRANS_STMT_ROLLBACK_TO: { command: 'ROLLBACK', effect: 'savepoint' },
};

/** SHOW shows parameters; none of them is a secret of another session. */
export const judgeShow: StatementJudge = () => 'SHOW';

/** SET and RESET of the parameters that the list allows. */
export const judgeSet: StatementJudge = (context, node, statement) => {
  const { body } = node;
  const name = (text(body, 'name') ?? '').toLowerCase();
  const kind = text(body, 'kind');
  context.found.readLiteral = true;
  const command = kind === 'VAR_RESET' || kind === 'VAR_RESET_ALL' ? 'RESET' : 'SET';
  if (kind === 'VAR_RESET_ALL') {
    context.found.effects.push({ kind: 'set-search-path', path: null, local: false });
    setPath(context, null);
    return command;
  }
  if (kind === 'VAR_SET_MULTI') {
    // SET TRANSACTION …, SET SESSION CHARACTERISTICS …
    if (name === 'transaction' || name === 'session characteristics') return command;
    return refuseParameter(context, name, statement.start);
  }
  if (name === 'search_path') judgeSearchPath(context, body, kind ?? '');
  else if (name === 'row_security' && kind === 'VAR_SET_VALUE') keepRowSecurity(context, body);
  else if (!allValues(body, kind ?? '').every((value) => mayChange(context, name, value))) {
    refuseParameter(context, name, offsetOf(list(body, 'args')[0]));
  }
  return command;
};

/** The values as text; a single null for DEFAULT, RESET and FROM CURRENT. */
function allValues(body: AstNode, kind: string): readonly (string | null)[] {
  if (kind !== 'VAR_SET_VALUE') return [null];
  return list(body, 'args').map(valueText);
}

/**
 * Row security stays on. `off` would make the server refuse to read where a policy hides rows, which is all that
 * pg_dump asks it for; so that dumps work, it is written as `on`.
 */
function keepRowSecurity(context: Context, body: AstNode): void {
  const [value] = list(body, 'args');
  if (mayChange(context, 'row_security', valueText(value))) return;
  const off = ['off', 'false', 'no', '0', 'f'].includes(valueText(value).toLowerCase());
  const start = offsetOf(value);
  if (!off) return refuseParameter(context, 'row_security', start);
  const on = bodiesOf(parseTargets(context.parts.parser, "'on'") ?? [], 'ResTarget');
  planEdit(context, {
    text: [{ start, end: context.source.endAt(start), text: 'on' }],
    node: body,
    apply: (copy) => ({ ...(copy as object), args: on.map((target) => target['val']) }),
  });
}

/** DISCARD. */
export const judgeDiscard: StatementJudge = (context, node) => {
  const target = text(node.body, 'target') ?? '';
  const what = (
    {
      DISCARD_ALL: 'all',
      DISCARD_TEMP: 'temp',
      DISCARD_PLANS: 'plans',
      DISCARD_SEQUENCES: 'sequences',
    } as const
  )[target];
  if (what === undefined)
    refuse({ rule: 'unknown-node', sqlstate: '0A000', message: 'this form of DISCARD is not understood' });
  context.found.effects.push({ kind: 'discard', what });
  if (what === 'all') {
    // never inside a transaction block, so that no rollback can bring an older path back
    context.names.searchPath = context.input.catalog.defaultSearchPath;
    context.names.searchPathTouched = false;
    context.names.prepared.clear();
  }
  if (what === 'all' || what === 'temp') context.names.tempRelations.clear();
  return `DISCARD ${what.toUpperCase()}`;
};

/** SET CONSTRAINTS, LISTEN, UNLISTEN, NOTIFY, CLOSE: nothing in them to judge. */
export function judgeNothing(command: string): StatementJudge {
  return () => command;
}

/** FETCH and MOVE run the statement that opened the cursor. */
export const judgeFetch: StatementJudge = (context, node) => {
  const anyMasked = [...context.input.access.relations.values()].some(isProtected);
  if (anyMasked) context.found.touchesMasked = true;
  return flag(node.body, 'ismove') ? 'MOVE' : 'FETCH';
};
