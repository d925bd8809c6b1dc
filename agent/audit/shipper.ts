import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchLike } from '@daam/shared/api/client';
import type { Logger } from '@daam/shared/base/logger';
import type { Secret } from '@daam/shared/base/secret';
import { type AppError, toAppError } from '@daam/shared/errors/app-error';
import { z } from 'zod';
import { nextDelay } from './back-off.ts';
import { auditDelivery } from './deliver.ts';
import type { AuditLog } from './audit-log.ts';
import { type AuditBatch, BatchReader } from './batch-reader.ts';

/**
 * Brings the audit log to the control plane: one batch in flight, at a bounded rate, until it is
 * acknowledged. The receiver knows each record by agent and number, so a batch that is sent again after a
 * lost answer or a restart is not stored again. Segments are removed once they are acknowledged.
 */
export interface AuditShipperOptions {
  readonly log: AuditLog;
  /** Where the control plane is. */
  readonly url: string;
  /** The agent's credential; null while there is none. */
  readonly credential: () => Secret | null;
  readonly logger: Logger;
  readonly fetch?: FetchLike;
  /** Between batches, in milliseconds: bounds the rate and lets records gather; default 100. */
  readonly pauseMs?: number;
  /** Longest wait between attempts, in milliseconds; default 15,000. */
  readonly maxRetryMs?: number;
}

/** How long a stop may take to deliver what is left, in milliseconds. */
const lastFlushMs = 2_000;
const placeSchema = z.strictObject({ acknowledged: z.int().min(0) });

export class AuditShipper implements AsyncDisposable {
  readonly #log: AuditLog;
  readonly #logger: Logger;
  readonly #deliver: (batch: AuditBatch, signal: AbortSignal) => Promise<number>;
  readonly #pauseMs: number;
  readonly #maxRetryMs: number;
  readonly #reader = new BatchReader();
  readonly #stop = new AbortController();
  readonly #placeFile: string;
  #acknowledged: number;
  #failure: AppError | null = null;
  #wakeUp: (() => void) | null = null;
  readonly #running: Promise<void>;

  /** Begins to deliver at once. */
  constructor(options: AuditShipperOptions) {
    const { log, url, credential, fetch = globalThis.fetch } = options;
    this.#log = log;
    this.#logger = options.logger;
    this.#pauseMs = options.pauseMs ?? 100;
    this.#maxRetryMs = options.maxRetryMs ?? 15_000;
    this.#deliver = auditDelivery({ url, credential, fetch });
    this.#placeFile = join(log.directory, 'acknowledged.json');
    this.#acknowledged = Math.max(readPlace(this.#placeFile), log.segments[0]?.from.seq ?? 0);
    log.onWritten = () => this.#wakeUp?.();
    this.#running = this.#run();
  }

  /** Up to which record everything was acknowledged, and why the last delivery failed, if it did. */
  get state(): { readonly acknowledgedSeq: number; readonly failure: AppError | null } {
    return { acknowledgedSeq: this.#acknowledged, failure: this.#failure };
  }

  /** Records that are written and not acknowledged. */
  get backlog(): number {
    return Math.max(0, this.#log.state.written.seq - this.#acknowledged);
  }

  /** Waits until everything written is acknowledged, at most `timeoutMs`. True when it is. */
  async flush(timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    await this.#log.durable().catch(() => {});
    while (this.backlog > 0 && performance.now() < end) await sleep(20);
    return this.backlog === 0;
  }

  /** Stops, delivering the rest if that is quick; what remains is in the buffer for the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure === null) await this.flush(lastFlushMs);
    this.#stop.abort();
    this.#log.onWritten = null;
    this.#wakeUp?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let failures = 0;
    while (!signal.aborted) {
      if (this.backlog === 0) {
        await this.#somethingWritten();
        continue;
      }
      failures = (await this.#deliverNext(signal)) ? 0 : failures + 1;
      const pause = failures === 0 ? this.#pauseMs : nextDelay(failures, this.#maxRetryMs);
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }

  async #deliverNext(signal: AbortSignal): Promise<boolean> {
    const log = this.#log;
    const logger = this.#logger;
    try {
      await log.sync();
      const batch = await this.#reader.read(log.segments, this.#acknowledged + 1);
      if (batch === null) return true;
      const seq = await this.#deliver(batch, signal);
      if (this.#failure !== null) logger.info({ seq }, 'audit delivery works again');
      // Before the place is written down: who sees the new place must not see the old failure.
      this.#failure = null;
      await this.#acknowledge(seq, batch);
      return true;
    } catch (thrown) {
      if (signal.aborted) return false;
      const failure = toAppError(thrown);
      if (failure.code !== this.#failure?.code) {
        logger.warn({ code: failure.code, detail: failure.detail }, 'audit records cannot be delivered');
      }
      this.#failure = failure;
      return false;
    }
  }

  async #acknowledge(seq: number, batch: AuditBatch): Promise<void> {
    // Beyond what was sent is a receiver that knows another chain; it will say so. Never skip records.
    const acknowledged = Math.min(seq, batch.lastSeq);
    if (acknowledged <= this.#acknowledged) return;
    this.#acknowledged = acknowledged;
    const text = JSON.stringify({ acknowledged });
    await writeFile(`${this.#placeFile}.new`, text, { mode: 0o600 });
    await rename(`${this.#placeFile}.new`, this.#placeFile);
    this.#log.acknowledge(acknowledged);
  }

  async #somethingWritten(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakeUp = resolve;
    if (this.backlog > 0 || this.#stop.signal.aborted) resolve();
    await promise;
    this.#wakeUp = null;
  }
}

/** 0 when it was never written or cannot be read: records are then sent again, and known again. */
function readPlace(file: string): number {
  try {
    return placeSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).acknowledged;
  } catch {
    return 0;
  }
}
