import { type AstNode, as, constantOf, field, flag, list, locationOf, text, unwrap } from '../ast/node.ts';
import { parseTargets } from '../rewrite/fragment.ts';
import { quoteIdentifier } from '../quote.ts';
import { type Context, planEdit } from './context.ts';
import type { StatementJudge } from './judgement.ts';
import { mayChange, refuseParameter } from './parameters.ts';
import { refuse } from './refusal.ts';

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
    context.found.effects.push({ kind: 'set-search-path', path: null });
    setPath(context, null);
    return command;
  }
  if (kind === 'VAR_SET_MULTI') {
    // SET TRANSACTION …, SET SESSION CHARACTERISTICS …
    if (name === 'transaction' || name === 'session characteristics') return command;
    return refuseParameter(context, name, statement.start);
  }
  if (name === 'search_path') judgeSearchPath(context, body, kind ?? '');
  else if (!allValues(body, kind ?? '').every((value) => mayChange(name, value))) {
    refuseParameter(context, name, offsetOf(body));
  }
  return command;
};

/** The values as text; a single null for DEFAULT, RESET and FROM CURRENT. */
function allValues(body: AstNode, kind: string): readonly (string | null)[] {
  if (kind !== 'VAR_SET_VALUE') return [null];
  return list(body, 'args').map(valueText);
}

function valueText(value: unknown): string {
  const cast = as(value, 'TypeCast');
  const constant = constantOf(cast === null ? value : cast['arg']);
  if (constant === null) return '\u0000';
  return constant.kind === 'null' ? '' : String(constant.value);
}

function offsetOf(body: AstNode): number {
  const first = unwrap(list(body, 'args')[0]);
  return first === null ? -1 : locationOf(first.body);
}

function setPath(context: Context, path: readonly string[] | null): void {
  context.names.searchPath = path ?? context.input.catalog.defaultSearchPath;
  context.names.searchPathTouched = true;
}

/**
 * SET search_path: the list is written anew as schemas that exist, then pg_temp, so that pg_catalog stays
 * first and temporary objects never shadow permanent ones.
 */
function judgeSearchPath(context: Context, body: AstNode, kind: string): void {
  if (kind === 'VAR_SET_DEFAULT' || kind === 'VAR_RESET') {
    context.found.effects.push({ kind: 'set-search-path', path: null });
    return setPath(context, null);
  }
  if (kind !== 'VAR_SET_VALUE') refuseParameter(context, 'search_path', offsetOf(body));
  const path = [...new Set(list(body, 'args').map(valueText))].filter((name) => !implied.has(name));
  for (const name of path) {
    if (context.input.catalog.schemas.has(name) && !name.startsWith('pg_')) continue;
    refuse({
      rule: 'set-parameter',
      sqlstate: '3F000',
      message: `schema "${name.replaceAll('\u0000', '')}" does not exist`,
      offset: offsetOf(body),
    });
  }
  rewritePath(context, body, path);
  context.found.effects.push({ kind: 'set-search-path', path });
  setPath(context, path);
}

/** Names that the server searches anyway, or that stand for nothing in a session of ours. */
const implied: ReadonlySet<string> = new Set(['', '$user', 'pg_catalog', 'pg_temp']);

function rewritePath(context: Context, body: AstNode, path: readonly string[]): void {
  const args = list(body, 'args');
  const first = unwrap(args[0]);
  const last = unwrap(args.at(-1));
  if (first === null || last === null) return refuseParameter(context, 'search_path', -1);
  const from = context.source.indexAt(locationOf(first.body));
  const to = context.source.indexAt(locationOf(last.body));
  const start = from === null ? undefined : context.source.token(from)?.start;
  const end = to === null ? undefined : context.source.token(to)?.end;
  const names = [...path, 'pg_temp'];
  // SET takes a list of names like a select list takes strings: the same A_Const nodes
  const literals = names.map((name) => `'${name.replaceAll("'", "''")}'`).join(', ');
  const targets = parseTargets(context.parts.parser, literals);
  if (start === undefined || end === undefined || targets === null)
    return refuseParameter(context, 'search_path', -1);
  const nodes = targets.flatMap((target) => field(as(target, 'ResTarget') ?? {}, 'val') ?? []);
  const text = names.map(quoteIdentifier).join(', ');
  planEdit(context, {
    text: [{ start, end, text }],
    node: body,
    apply: (copy) => ({ ...(copy as object), args: nodes }),
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
  const anyMasked = [...context.input.access.relations.values()].some((access) => access.masks.size > 0);
  if (anyMasked) context.found.touchesMasked = true;
  return flag(node.body, 'ismove') ? 'MOVE' : 'FETCH';
};
