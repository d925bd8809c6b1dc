/** What a screen shows of a tab's query: replaced as a whole, and told, on every change. */
import type { DiagnosticFields } from '@daam/shared/pgwire/diagnostic-fields';
import { toBridgeError } from '../../ipc/errors.ts';
import type { HistoryEntry, Query, Run, StatementState } from '../../ipc/schema.ts';
import { type TextPlace, toDiagnostic } from './diagnostics.ts';
import { remarksOf } from './cautions.ts';
import type { ResultStore } from './result-store.ts';
import type { SplitStatement } from './split-statements.ts';
import type { StatementHints } from './statement-hints.ts';
import { newKey, type WireSession } from './wire-session.ts';

const maxNotices = 100;
const maxResults = 64;

export interface TabStateOptions {
  readonly tab: string;
  readonly database: string;
  readonly results: ResultStore;
  readonly onChange: (state: Query) => void;
  readonly remember: (entry: Omit<HistoryEntry, 'id' | 'database'> & { readonly database: string }) => void;
  readonly now: () => number;
}

export class TabState {
  readonly #options: TabStateOptions;
  #query: Query;
  #isClosed = false;
  /** The statement that runs now, for positions and notices. */
  #place: TextPlace = { sql: '', from: 0, before: 0 };
  #notices: StatementState['notices'] = [];

  constructor(options: TabStateOptions) {
    const { tab, database } = options;
    this.#options = options;
    this.#query = { tab, database, session: { kind: 'none' }, run: null, results: [], policyChanged: null };
  }

  get query(): Query {
    return this.#query;
  }

  get notices(): StatementState['notices'] {
    return this.#notices;
  }

  /** Nothing is told any more. */
  close(): void {
    this.#isClosed = true;
  }

  change(changes: Partial<Query>): void {
    this.#query = { ...this.#query, ...changes };
    if (!this.#isClosed) this.#options.onChange(this.#query);
  }

  startRun(statements: readonly SplitStatement[]): string {
    const id = newKey();
    const startedAt = this.#now();
    this.change({
      run: { id, state: 'running', startedAt, tookMs: null, statements: statements.map(waiting) },
    });
    return id;
  }

  endRun(state: Run['state']): void {
    const { run } = this.#query;
    if (run === null) return;
    const tookMs = Math.max(0, this.#options.now() - Date.parse(run.startedAt));
    this.change({ run: { ...run, state, tookMs } });
  }

  cancelling(): void {
    const { run } = this.#query;
    if (run?.state === 'running') this.change({ run: { ...run, state: 'cancelling' } });
  }

  statement(index: number, changes: Partial<StatementState>): void {
    const { run } = this.#query;
    if (run === null) return;
    const statements = run.statements.map((each, at) => (at === index ? { ...each, ...changes } : each));
    this.change({ run: { ...run, statements } });
  }

  /** Positions and notices are this statement's from now on. */
  startStatement(
    index: number,
    { text, from }: SplitStatement,
    told: { readonly before: number; readonly hints: StatementHints | null },
  ): void {
    this.#place = { sql: text, from, before: told.before };
    this.#notices = remarksOf(told.hints).map(({ message, at }) =>
      remark(message, at === null ? null : from + at),
    );
    this.statement(index, { state: 'running' });
  }

  notice(fields: DiagnosticFields): void {
    if (this.#notices.length < maxNotices) this.#notices = [...this.#notices, this.diagnostic(fields)];
  }

  diagnostic(fields: DiagnosticFields): ReturnType<typeof toDiagnostic> {
    return toDiagnostic(fields, this.#place);
  }

  addResult(id: string): void {
    this.change({ results: [...this.#query.results, id].slice(-maxResults) });
  }

  /** Where the session and its transaction stand. */
  session(wire: WireSession | null): void {
    if (wire === null || wire.lost !== null) return;
    const { session } = this.#query;
    const { transaction: status } = wire;
    const transaction = status === 'idle' ? 'none' : status === 'failed' ? 'failed' : 'open';
    const now = this.#now();
    const before = session.kind === 'open' ? session : null;
    const transactionSince = transaction === 'none' ? null : (before?.transactionSince ?? now);
    this.change({ session: { kind: 'open', transaction, transactionSince, since: before?.since ?? now } });
  }

  lost(error: unknown): void {
    this.change({ session: { kind: 'lost', error: toBridgeError(error) } });
  }

  policyChanged(message: string): void {
    this.change({ policyChanged: { at: this.#now(), message } });
  }

  /** For the history. */
  remember(index: number, of: Pick<HistoryEntry, 'outcome' | 'sqlstate' | 'rows' | 'tookMs'>): void {
    const { results, tab, remember } = this.#options;
    const result = this.#query.run?.statements[index]?.result ?? null;
    const maskedColumns = results.ofTab(tab).find(({ id }) => id === result)?.maskedColumns ?? 0;
    const { database } = this.#query;
    remember({ ...of, at: this.#now(), database, sql: this.#place.sql, maskedColumns });
  }

  #now(): string {
    return new Date(this.#options.now()).toISOString();
  }
}

/** What the app itself remarks, beside the server's notices. */
function remark(message: string, position: number | null): StatementState['notices'][number] {
  const none = { detail: null, hint: null, table: null, column: null };
  return { severity: 'HINT', sqlstate: '', message, position, ...none };
}

function waiting({ from, to }: SplitStatement): StatementState {
  return {
    from,
    to,
    state: 'waiting',
    tag: null,
    rows: 0,
    firstRowMs: null,
    tookMs: null,
    result: null,
    error: null,
    notices: [],
  };
}
