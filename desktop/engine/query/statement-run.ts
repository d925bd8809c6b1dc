/**
 * One statement on its way, in the extended protocol: Parse, Bind, Describe and Execute with a row limit and Flush, so
 * that the server stops after a page and goes on when more is asked for; a Sync ends it. Rows go to the spool as they
 * come, and nothing more is read while the disk is behind.
 */
import { type AppError, toAppError } from '@daam/shared/errors/app-error';
import { encodeBind } from '@daam/shared/pgwire/bind';
import { decodeCommandComplete, type CommandComplete } from '@daam/shared/pgwire/command-complete';
import { encodeCopyFail } from '@daam/shared/pgwire/copy-fail';
import { encodeDataRow } from '@daam/shared/pgwire/data-row';
import { encodeDescribe } from '@daam/shared/pgwire/describe';
import type { DiagnosticFields } from '@daam/shared/pgwire/diagnostic-fields';
import { decodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { encodeExecute } from '@daam/shared/pgwire/execute';
import { encodeFlush } from '@daam/shared/pgwire/flush';
import type { Frame } from '@daam/shared/pgwire/frame-reader';
import { backendType } from '@daam/shared/pgwire/message-types';
import { encodeParse } from '@daam/shared/pgwire/parse';
import { decodeRowDescription, type ResultColumn } from '@daam/shared/pgwire/row-description';
import { encodeSync } from '@daam/shared/pgwire/sync';
import type { ResultSpool } from './result-spool.ts';
import type { AnswerTaker, WireSession } from './wire-session.ts';

/** Rows become readable at least so often while they come. Milliseconds. */
const flushEveryMs = 40;
const frameHeaderBytes = 5;

export type StatementOutcome =
  /** A page came; there is more. */
  | { readonly kind: 'suspended' }
  /** It is over: `tag` or `error`. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'lost'; readonly error: AppError };

export interface StatementRunOptions {
  readonly wire: WireSession;
  readonly sql: string;
  /** Rows after which the server waits; null: all at once, which also saves a round trip. */
  readonly pageRows: number | null;
  /** Ceilings of a result; beyond them the statement is stopped. */
  readonly limits: { readonly rows: number; readonly bytes: number };
  /** Makes the place for the rows of a result. */
  readonly onResult: (columns: readonly ResultColumn[]) => Promise<ResultSpool>;
  /** More rows can be read. */
  readonly onRows: () => void;
}

/** What COPY TO STDOUT writes is shown as one column of lines. */
const copyColumn: ResultColumn = {
  name: 'copy',
  tableOid: 0,
  columnNumber: 0,
  typeOid: 25,
  typeSize: -1,
  typeModifier: -1,
  format: 0,
};

export class StatementRun implements AnswerTaker {
  readonly #options: StatementRunOptions;
  readonly #startedAt = performance.now();
  #settled = Promise.withResolvers<StatementOutcome>();
  #spool: ResultSpool | null = null;
  #isSynced = false;
  #flushedAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #done: CommandComplete | null = null;
  error: DiagnosticFields | null = null;
  isLimited = false;
  firstRowMs: number | null = null;
  tookMs = 0;

  constructor(options: StatementRunOptions) {
    this.#options = options;
  }

  get tag(): CommandComplete | null {
    return this.#done;
  }

  /** Sends it. Resolves when the server waits for us, or it is over. Never rejects. */
  start(): Promise<StatementOutcome> {
    const { wire, sql, pageRows } = this.#options;
    wire.taker = this;
    this.#isSynced = pageRows === null;
    wire.send(
      encodeParse({ name: '', sql, parameterTypes: [] }),
      encodeBind({ portal: '', statement: '', parameterFormats: [], parameters: [], resultFormats: [] }),
      encodeDescribe({ target: 'portal', name: '' }),
      encodeExecute({ portal: '', maxRows: pageRows ?? 0 }),
      pageRows === null ? encodeSync() : encodeFlush(),
    );
    return this.#settled.promise;
  }

  /** The next rows of a suspended one; null: all. */
  more(rows: number | null): Promise<StatementOutcome> {
    this.#settled = Promise.withResolvers();
    this.#options.wire.taker = this;
    this.#options.wire.send(encodeExecute({ portal: '', maxRows: rows ?? 0 }), encodeFlush());
    return this.#settled.promise;
  }

  /** Gives up what is left of a suspended one. */
  close(): Promise<StatementOutcome> {
    this.#settled = Promise.withResolvers();
    this.#options.wire.taker = this;
    this.#sync();
    return this.#settled.promise;
  }

  take(frame: Frame): Promise<void> | undefined {
    switch (frame.type) {
      case backendType.dataRow:
        return this.#row(frame.body);
      case backendType.copyData:
        return this.#row(lineOf(frame.body));
      case backendType.rowDescription:
        return this.#result(decodeRowDescription(frame.body));
      case backendType.copyOutResponse:
        return this.#result([copyColumn]);
      case backendType.copyInResponse:
        this.#options.wire.send(encodeCopyFail({ reason: 'the app sends no COPY data' }), encodeSync());
        this.#isSynced = true;
        return undefined;
      case backendType.commandComplete:
        this.#done = decodeCommandComplete(frame.body);
        this.#note();
        return this.#sync();
      case backendType.emptyQueryResponse:
        this.#note();
        return this.#sync();
      case backendType.errorResponse:
        this.error = decodeErrorResponse(frame.body);
        this.#note();
        return this.#sync();
      case backendType.portalSuspended:
        this.#note();
        return this.#settle({ kind: 'suspended' });
      case backendType.readyForQuery:
        return this.#settle({ kind: 'ended' });
      default:
        return undefined;
    }
  }

  /** Between chunks: rows that came are made readable, at the latest after a moment. */
  pause(): Promise<void> | undefined {
    const spool = this.#spool;
    if (spool === null || spool.taken === spool.rows) return undefined;
    const now = performance.now();
    if (now - this.#flushedAt >= flushEveryMs) return this.#flush(spool);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush(spool).catch(() => {});
    }, flushEveryMs);
    return undefined;
  }

  lost(error: AppError): void {
    this.#note();
    void this.#settle({ kind: 'lost', error });
  }

  async #result(columns: readonly ResultColumn[]): Promise<void> {
    this.#spool ??= await this.#options.onResult(columns);
  }

  #row(body: Buffer): Promise<void> | undefined {
    const spool = this.#spool;
    if (spool === null || this.isLimited) return undefined;
    this.firstRowMs ??= performance.now() - this.#startedAt;
    const { limits, wire } = this.#options;
    if (spool.taken >= limits.rows || spool.bytes + body.length > limits.bytes) {
      this.isLimited = true;
      wire.cancel().catch(() => {});
      return undefined;
    }
    return spool.add(body);
  }

  async #flush(spool: ResultSpool): Promise<void> {
    this.#flushedAt = performance.now();
    await spool.flush();
    this.#options.onRows();
  }

  async #settle(outcome: StatementOutcome): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const failure = await this.#lastRows();
    if (failure !== null) return this.#settled.resolve({ kind: 'lost', error: failure });
    if (outcome.kind !== 'lost') this.#options.wire.taker = null;
    this.#settled.resolve(outcome);
  }

  async #lastRows(): Promise<AppError | null> {
    try {
      await this.#spool?.flush();
      return null;
    } catch (thrown) {
      return toAppError(thrown);
    }
  }

  #note(): void {
    this.tookMs = performance.now() - this.#startedAt;
  }

  #sync(): undefined {
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#options.wire.send(encodeSync());
  }
}

/** A line of COPY as the body of a DataRow. */
function lineOf(data: Buffer): Buffer {
  const line = data.at(-1) === 0x0a ? data.subarray(0, -1) : data;
  return encodeDataRow([line]).subarray(frameHeaderBytes);
}
