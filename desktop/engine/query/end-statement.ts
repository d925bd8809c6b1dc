/** How a statement ended, told: its own state, its result's, and the line of the history. */
import type { AppError } from '@daam/shared/errors/app-error';
import type { QueryResult, StatementState } from '../../ipc/schema.ts';
import { isReadOnly } from './cautions.ts';
import type { ResultStore } from './result-store.ts';
import type { SplitStatement } from './split-statements.ts';
import type { StatementOutcome, StatementRun } from './statement-run.ts';
import type { TabState } from './tab-state.ts';

/** How a statement counts for its run. */
export type StatementEnd = 'done' | 'failed' | 'cancelled' | 'lost';

export interface EndedStatement {
  readonly run: StatementRun;
  readonly outcome: StatementOutcome;
  readonly statement: SplitStatement;
  readonly index: number;
  readonly result: string | null;
  /** No transaction was open when it began. */
  readonly wasIdle: boolean;
  /** The person asked for its end. */
  readonly isCancelled: boolean;
}

type Numbers = Pick<StatementState, 'rows' | 'tookMs' | 'firstRowMs' | 'notices' | 'tag'>;

export function endStatement(state: TabState, results: ResultStore, ended: EndedStatement): StatementEnd {
  const { run, outcome, index, result } = ended;
  const rows = result === null ? (run.tag?.rows ?? 0) : results.get(result).spool.rows;
  const { tookMs, firstRowMs } = run;
  const tag = run.tag?.tag.slice(0, 64) ?? null;
  const numbers: Numbers = { rows, tookMs, firstRowMs, notices: state.notices, tag };
  if (result !== null && results.get(result).info.state !== 'closed')
    results.change(result, { state: resultState(run, outcome, ended.isCancelled) });
  if (outcome.kind === 'lost') return endLost(state, ended, { numbers, error: outcome.error });
  const end = endOf(run, ended.isCancelled);
  const error = run.error === null || run.isLimited ? null : state.diagnostic(run.error);
  state.statement(index, { ...numbers, state: end, error });
  const isRefused = error?.sqlstate === '42501';
  state.remember(index, {
    outcome: isRefused ? 'refused' : end,
    sqlstate: error?.sqlstate ?? null,
    rows,
    tookMs,
  });
  return end;
}

/** What a result is when nothing more comes. */
export function resultState(
  run: StatementRun,
  outcome: StatementOutcome,
  isCancelled: boolean,
): QueryResult['state'] {
  // The policy's ceiling of rows ends the session; what came is shown, and called what it is.
  if (run.isLimited || (outcome.kind === 'lost' && outcome.error.code === 'ROW_LIMIT')) return 'limited';
  if (outcome.kind === 'lost') return 'failed';
  if (run.error === null) return 'complete';
  return wasCancelled(run, isCancelled) ? 'cancelled' : 'failed';
}

function endOf(run: StatementRun, isCancelled: boolean): 'done' | 'failed' | 'cancelled' {
  if (run.error === null || run.isLimited) return 'done';
  return wasCancelled(run, isCancelled) ? 'cancelled' : 'failed';
}

/** A time limit of the policy has the same code. */
function wasCancelled({ error }: StatementRun, isCancelled: boolean): boolean {
  return isCancelled && error?.code === '57014';
}

/** A read did nothing; a write outside of a transaction, and a COMMIT, may have been applied. */
function endLost(
  state: TabState,
  { statement, index, wasIdle }: EndedStatement,
  { numbers, error }: { readonly numbers: Numbers; readonly error: AppError },
): 'lost' {
  const [first = ''] = statement.words;
  const mayHaveRun = !isReadOnly(statement) && (wasIdle || first === 'commit' || first === 'end');
  const { sqlstate } = error.entry;
  const fields = {
    severity: 'FATAL',
    code: sqlstate,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
  const outcome = mayHaveRun ? 'unknown' : 'failed';
  state.statement(index, { ...numbers, state: outcome, error: state.diagnostic(fields) });
  state.remember(index, { outcome, sqlstate, rows: numbers.rows, tookMs: numbers.tookMs });
  return 'lost';
}
