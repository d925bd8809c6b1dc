/**
 * What a tab of the editor runs: one session, one run at a time, statement after statement. The last statement's result
 * waits on the server after its first page, until somebody goes on or the session is needed for something else.
 */
import { policyChangeCode, type ResultMetadata, resultMetadataCode } from '@daam/shared/api/mask-metadata';
import { AppError } from '@daam/shared/errors/app-error';
import type { DiagnosticFields } from '@daam/shared/pgwire/diagnostic-fields';
import type { Caution, Params, Query, Run } from '../../ipc/schema.ts';
import { cautionsOf, mayReturnRows } from './cautions.ts';
import { endStatement, resultState, type StatementEnd } from './end-statement.ts';
import type { Grammar } from './grammar.ts';
import { makeResult } from './make-result.ts';
import { policyWords, readPolicyChange } from './policy-words.ts';
import { readMetadata } from './result-columns.ts';
import { type SplitStatement, splitStatements } from './split-statements.ts';
import type { StatementHints } from './statement-hints.ts';
import { StatementRun } from './statement-run.ts';
import { TabState, type TabStateOptions } from './tab-state.ts';
import type { WireSession } from './wire-session.ts';

type RunParams = Params<'runQuery'>;

/** Shown at once; more on demand. */
export const pageRows = 1_000;
/** Of a statement that others follow: then nothing can wait on the server. */
const pageBetween = 10_000;
/** After a page that nobody went on from, so many are still fetched, then the server is let go. */
const idleRows = 100_000;
const maxStatements = 1_000;
const cancelEveryMs = 500;
const limits = { rows: 2_000_000, bytes: 4 * 1024 * 1024 * 1024 } as const;

const prefixes: Readonly<Record<RunParams['mode'], string>> = {
  run: '',
  plan: 'EXPLAIN (FORMAT JSON) ',
  measure: 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ',
};

export interface TabQueryOptions extends TabStateOptions {
  readonly openWire: (told: {
    readonly database: string;
    readonly onNotice: (fields: DiagnosticFields) => void;
    readonly onLost: (error: AppError) => void;
  }) => Promise<WireSession>;
  /** What to ask about before sending. */
  readonly caution: (database: string) => Promise<{
    readonly isCareful: boolean;
    readonly isMask: (literal: string) => boolean;
  }>;
  readonly grammar: Grammar;
  /** How long a page waits for somebody to go on. Milliseconds. */
  readonly idleMs: number;
}

/** A result whose statement waits on the server. */
interface Paused {
  readonly run: StatementRun;
  readonly result: string;
  readonly index: number;
  readonly timer: NodeJS.Timeout;
}

export class TabQuery implements AsyncDisposable {
  readonly #options: TabQueryOptions;
  readonly #state: TabState;
  #wire: WireSession | null = null;
  #paused: Paused | null = null;
  #isBusy = false;
  /** What is under way is nothing that a person knows of: rows for later, the end of a cancel. */
  #isIdling = false;
  #isCancelled = false;
  #isClosed = false;
  #cancelTimer: NodeJS.Timeout | null = null;
  #cancelSent: Promise<void> = Promise.resolve();
  #metadata: ResultMetadata | null = null;
  #working: Promise<void> = Promise.resolve();

  constructor(options: TabQueryOptions) {
    this.#options = options;
    this.#state = new TabState(options);
  }

  get state(): Query {
    return this.#state.query;
  }

  /** Begins a run, or says what to look at first. */
  async run(
    params: RunParams,
  ): Promise<{ kind: 'started'; run: string } | { kind: 'confirm'; cautions: Caution[] }> {
    const statements = readStatements(params.sql);
    if (this.#isIdling) await this.#working;
    this.#mustBeFree();
    this.#isBusy = true;
    this.#isCancelled = false;
    let hints: readonly (StatementHints | null)[];
    try {
      hints = await this.#options.grammar.hintsOf(statements);
      const cautions = await this.#cautions(params, statements, hints);
      if (cautions.length > 0) {
        this.#isBusy = false;
        return { kind: 'confirm', cautions: cautions.slice(0, 100) };
      }
      await this.#prepare(params);
    } catch (thrown) {
      await this.#cancelOver();
      this.#isBusy = false;
      throw thrown;
    }
    const run = this.#state.startRun(statements);
    this.#work(async () => await this.#runAll(params, statements, hints));
    return { kind: 'started', run };
  }

  /** Asks the server to stop; what was not begun is not begun any more. */
  async cancel(): Promise<void> {
    if (!this.#isBusy) return;
    this.#isCancelled = true;
    this.#state.cancelling();
    // One that comes before its statement has begun at the server does nothing there.
    this.#cancelTimer ??= setInterval(() => this.#sendCancel(), cancelEveryMs);
    this.#sendCancel();
    await this.#cancelSent;
  }

  #sendCancel(): void {
    const sent = this.#wire?.cancel().catch(() => {}) ?? Promise.resolve();
    this.#cancelSent = Promise.all([this.#cancelSent, sent]).then(() => {});
  }

  /** A cancel that is on its way must not hit the next statement. */
  async #cancelOver(): Promise<void> {
    if (this.#cancelTimer !== null) clearInterval(this.#cancelTimer);
    this.#cancelTimer = null;
    await this.#cancelSent;
  }

  /** More rows of the result that waits. CONFLICT while something runs; a result that nothing waits for is as it is. */
  loadRows(result: string, how: 'next' | 'all'): void {
    if (this.#paused?.result !== result) return;
    this.#mustBeFree();
    this.#load(this.#paused, how === 'next' ? pageRows : null);
  }

  /** All rows, up to the ceilings: resolves when they are here. */
  async loadAll(result: string): Promise<void> {
    this.loadRows(result, 'all');
    if (this.#isBusy) await this.#working;
  }

  async endTransaction(how: 'commit' | 'rollback'): Promise<Query> {
    this.#mustBeFree();
    this.#isBusy = true;
    try {
      await this.#settlePaused();
      if (this.#wire !== null && this.#wire.transaction !== 'idle')
        await this.#runPlain(how === 'commit' ? 'COMMIT' : 'ROLLBACK');
      this.#state.session(this.#wire);
      return this.state;
    } finally {
      await this.#cancelOver();
      this.#isBusy = false;
    }
  }

  /** The session ends at once, whatever it does. */
  async endSession(): Promise<void> {
    const wire = this.#wire;
    this.#wire = null;
    this.#dropPaused('closed');
    await wire?.[Symbol.asyncDispose]();
    this.#state.change({ session: { kind: 'none' } });
  }

  async closeResult(result: string): Promise<void> {
    if (this.#paused?.result === result && !this.#isBusy) {
      this.#isBusy = true;
      this.#work(async () => await this.#settlePaused());
      await this.#working;
    }
    await this.#options.results.close(result);
    this.#state.change({ results: this.state.results.filter((id) => id !== result) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#isCancelled = true;
    this.#state.close();
    await this.endSession();
    await this.#working;
    await this.#cancelOver();
    const { results, tab } = this.#options;
    for (const { id } of results.ofTab(tab)) await results.close(id);
  }

  #work(act: () => Promise<void>): void {
    this.#working = act()
      .catch((thrown: unknown) => this.#state.lost(thrown))
      .then(async () => {
        this.#isIdling = true;
        await this.#cancelOver();
      })
      .finally(() => {
        this.#isBusy = false;
        this.#isIdling = false;
      });
  }

  async #cautions(
    { confirmed, mode, database }: RunParams,
    statements: readonly SplitStatement[],
    hints: readonly (StatementHints | null)[],
  ): Promise<Caution[]> {
    // EXPLAIN alone runs nothing.
    if (confirmed || mode === 'plan') return [];
    return cautionsOf(statements, { ...(await this.#options.caution(database)), hints });
  }

  /** A session in the right database and mode, nothing waiting in it, and the old results gone. */
  async #prepare({ database, transaction, keepResults }: RunParams): Promise<void> {
    if (database !== this.state.database) await this.endSession();
    await this.#settlePaused();
    if (!keepResults) await this.#dropResults();
    this.#state.change({ database });
    if (this.#wire === null || this.#wire.lost !== null) await this.#open(database);
    if (transaction === 'manual' && this.#wire?.transaction === 'idle') await this.#runPlain('BEGIN');
    this.#state.session(this.#wire);
  }

  async #open(database: string): Promise<void> {
    this.#state.change({ session: { kind: 'opening' }, policyChanged: null });
    try {
      const wire = await this.#options.openWire({
        database,
        onNotice: (fields) => this.#noticed(fields),
        onLost: (error) => this.#lost(error),
      });
      if (this.#isClosed) await wire[Symbol.asyncDispose]();
      else this.#wire = wire;
    } catch (thrown) {
      this.#state.lost(thrown);
      throw thrown;
    }
  }

  async #runAll(
    params: RunParams,
    statements: readonly SplitStatement[],
    hints: readonly (StatementHints | null)[],
  ): Promise<void> {
    let state: Run['state'] = 'done';
    for (const [index, statement] of statements.entries()) {
      if (this.#isCancelled) state = 'cancelled';
      if (state !== 'done' && (state !== 'failed' || params.stopOnError)) {
        this.#state.statement(index, { state: 'skipped' });
        continue;
      }
      const isLast = index === statements.length - 1;
      const end = await this.#runOne(params.mode, {
        statement,
        hints: hints[index] ?? null,
        index,
        isLast,
      });
      if (end !== 'done') state = end;
    }
    this.#state.endRun(state);
    this.#state.session(this.#wire);
  }

  async #runOne(
    mode: RunParams['mode'],
    of: {
      readonly statement: SplitStatement;
      readonly hints: StatementHints | null;
      readonly index: number;
      readonly isLast: boolean;
    },
  ): Promise<StatementEnd> {
    const { statement, hints, index, isLast } = of;
    const { results } = this.#options;
    const wire = this.#wire;
    if (wire === null) {
      this.#state.statement(index, { state: 'skipped' });
      return 'lost';
    }
    const prefix = prefixes[mode];
    this.#metadata = null;
    this.#state.startStatement(index, statement, { before: prefix.length, hints });
    const wasIdle = wire.transaction === 'idle';
    let result: string | null = null;
    const returnsRows = mode !== 'run' || mayReturnRows(statement);
    const run = new StatementRun({
      wire,
      sql: `${prefix}${statement.text}`,
      pageRows: returnsRows ? (isLast ? pageRows : pageBetween) : null,
      limits,
      onResult: async (columns) => {
        const [query, metadata, now] = [this.state, this.#metadata, this.#options.now()];
        const about = { statement, hints, index, mode };
        const made = await makeResult({ results, query, columns, metadata, ...about, now });
        result = made.id;
        this.#state.addResult(made.id);
        this.#state.statement(index, { result });
        return made.spool;
      },
      onRows: () => {
        if (result !== null) results.grew(result);
      },
    });
    let outcome = await run.start();
    if (outcome.kind === 'suspended' && result !== null) {
      if (isLast && !this.#isCancelled) return this.#pause(run, { result, index });
      outcome = await run.close();
      results.change(result, { state: 'closed' });
    }
    const isCancelled = this.#isCancelled;
    return endStatement(this.#state, results, {
      run,
      outcome,
      statement,
      index,
      result,
      wasIdle,
      isCancelled,
    });
  }

  #pause(run: StatementRun, { result, index }: { result: string; index: number }): 'done' {
    const { rows } = this.#wait({ run, result, index });
    const { tookMs, firstRowMs } = run;
    const { notices } = this.#state;
    this.#state.statement(index, { state: 'done', rows, firstRowMs, tookMs, notices });
    this.#state.remember(index, { outcome: 'done', sqlstate: null, rows, tookMs });
    return 'done';
  }

  /** The result waits on the server; when nobody goes on, what is left is fetched as far as is reasonable. */
  #wait(of: Omit<Paused, 'timer'>): { readonly rows: number } {
    const timer = setTimeout(() => {
      if (this.#paused !== paused || this.#isBusy) return;
      this.#isIdling = true;
      this.#load(paused, idleRows, async () => await this.#settlePaused());
    }, this.#options.idleMs);
    timer.unref();
    const paused: Paused = { ...of, timer };
    this.#paused = paused;
    return this.#options.results.change(of.result, { state: 'paused' });
  }

  #load(paused: Paused, rows: number | null, then: () => Promise<void> = async () => {}): void {
    this.#isBusy = true;
    this.#isCancelled = false;
    clearTimeout(paused.timer);
    this.#paused = null;
    this.#options.results.change(paused.result, { state: 'loading' });
    this.#work(async () => {
      await this.#loadMore(paused, rows);
      await then();
      this.#state.session(this.#wire);
    });
  }

  async #loadMore(paused: Paused, limit: number | null): Promise<void> {
    const { run, result, index } = paused;
    const outcome = await run.more(limit);
    if (outcome.kind === 'suspended') {
      const { rows } = this.#wait(paused);
      this.#state.statement(index, { rows, tookMs: run.tookMs });
      return;
    }
    const state = resultState(run, outcome, this.#isCancelled);
    const { rows } = this.#options.results.change(result, { state });
    const error = run.error === null || run.isLimited ? null : this.#state.diagnostic(run.error);
    const tag = run.tag?.tag.slice(0, 64) ?? null;
    this.#state.statement(index, { rows, tookMs: run.tookMs, tag, error });
  }

  /** Lets go of a result that waits; what is loaded stays. */
  async #settlePaused(): Promise<void> {
    const paused = this.#paused;
    if (paused === null) return;
    this.#dropPaused('closed');
    if (this.#wire !== null && this.#wire.lost === null) await paused.run.close();
  }

  #dropPaused(state: 'closed' | 'failed'): void {
    const paused = this.#paused;
    this.#paused = null;
    if (paused === null) return;
    clearTimeout(paused.timer);
    this.#options.results.change(paused.result, { state });
  }

  /** A statement of our own, in nobody's result. CONFLICT with the server's words when it fails. */
  async #runPlain(sql: string): Promise<void> {
    const wire = this.#wire;
    if (wire === null) return;
    const noResult = async (): Promise<never> => {
      throw new AppError('INTERNAL', { detail: 'a result of a transaction command' });
    };
    const run = new StatementRun({ wire, sql, pageRows: null, limits, onResult: noResult, onRows: () => {} });
    const outcome = await run.start();
    if (outcome.kind === 'lost') throw outcome.error;
    if (run.error === null) return;
    const { message, hint } = run.error;
    throw new AppError('CONFLICT', { message, ...(hint === undefined ? {} : { hint }) });
  }

  async #dropResults(): Promise<void> {
    const { results, tab } = this.#options;
    for (const { id, isPinned } of results.ofTab(tab)) if (!isPinned) await results.close(id);
    this.#state.change({ results: results.ofTab(tab).map(({ id }) => id) });
  }

  #noticed(fields: DiagnosticFields): void {
    if (fields.code === resultMetadataCode) this.#metadata = readMetadata(fields.detail);
    else if (fields.code === policyChangeCode) this.#policyChanged(fields.detail);
    else this.#state.notice(fields);
  }

  /** Which of the older results would show less is not known of each column, so all of them count as outdated. */
  #policyChanged(detail: string | undefined): void {
    const change = readPolicyChange(detail);
    if (change === null) return;
    this.#state.policyChanged(policyWords(change));
    if (change.masked.length === 0 && change.lost.length === 0) return;
    const { results, tab } = this.#options;
    for (const { id } of results.ofTab(tab)) results.change(id, { isOutdated: true });
  }

  #lost(error: AppError): void {
    this.#wire = null;
    this.#dropPaused('failed');
    if (this.state.session.kind !== 'none' && error.code !== 'CANCELLED') this.#state.lost(error);
  }

  #mustBeFree(): void {
    if (this.#isClosed) throw new AppError('NOT_FOUND', { field: 'tab' });
    if (!this.#isBusy) return;
    throw new AppError('CONFLICT', {
      message: 'Something runs in this tab.',
      hint: 'Wait, or cancel it.',
      field: 'tab',
    });
  }
}

function readStatements(sql: string): readonly SplitStatement[] {
  const statements = splitStatements(sql);
  if (statements.length === 0)
    throw new AppError('INVALID_INPUT', { field: 'sql', message: 'There is no statement.' });
  if (statements.length > maxStatements)
    throw new AppError('TOO_LARGE', {
      field: 'sql',
      message: `These are more than ${maxStatements} statements.`,
    });
  return statements;
}
