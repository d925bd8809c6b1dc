import { closeSync, fdatasync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ChainHead, chainGenesis, sealRecord } from '@daam/shared/audit/chain';
import type { AuditEvent } from '@daam/shared/audit/events';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import {
  closedSegment,
  createSegment,
  listSegments,
  recoverSegment,
  removeSegment,
  type Segment,
} from './segments.ts';

/**
 * The agent's audit log: a hash chain in files, written before anything runs, delivered to the control
 * plane by shipper.ts. `append` puts a record into memory (microseconds) and gives its number; `durable`
 * resolves when everything appended so far is with the operating system, so that it survives the death of
 * this process. All records of one turn of the event loop are one write (group commit). The disk itself is
 * synced before records are delivered, so that after a power cut no number is given twice.
 *
 * The buffer is bounded. When it is full, or cannot be written, statements are refused (AUDIT_UNAVAILABLE):
 * nothing runs unrecorded. A reserve is kept for records of what is already under way.
 */
export interface AuditLogOptions {
  readonly directory: string;
  /** The agent's id: each agent has a chain of its own, in a directory of its own. */
  readonly stream: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ceiling of all segments together; default 1 GiB. */
  readonly maxBytes?: number;
  /** A segment is closed when it is larger; default 8 MiB. */
  readonly segmentBytes?: number;
  /** Writes bytes at a position and answers how many; tests pass one that fails. */
  readonly write?: (descriptor: number, bytes: Buffer, position: number) => number;
}

const syncData = promisify(fdatasync);

/** Above `maxBytes`, for closings and completions. */
const reserveBytes = 1024 * 1024;
/** Records that wait in memory for a disk that does not take them. */
const maxPendingBytes = 16 * 1024 * 1024;
const retryMs = 250;

interface Waiting {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: AppError) => void;
}

/** See the folder's story above. */
export interface AuditLogState {
  /** The last record appended, and the last one written to the file. */
  readonly head: ChainHead;
  readonly written: ChainHead;
  readonly bufferedBytes: number;
  readonly isFull: boolean;
  /** Why nothing can be written; null when all is well. */
  readonly failure: AppError | null;
}

export class AuditLog implements AsyncDisposable {
  readonly stream: string;
  readonly #options: AuditLogOptions;
  /** Where this agent's segments are. */
  readonly directory: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #closed: Segment[];
  #active: Segment;
  #descriptor: number;
  /** Appended; may be ahead of what is written. */
  #head: ChainHead;
  #written: ChainHead;
  #closedBytes: number;
  #pending: string[] = [];
  #pendingBytes = 0;
  #waiting: Waiting | null = null;
  #scheduled: NodeJS.Immediate | NodeJS.Timeout | null = null;
  #failure: AppError | null = null;
  #disposed = false;
  #syncing: Promise<void> = Promise.resolve();
  /** Called after a write; the shipper listens. */
  onWritten: (() => void) | null = null;

  /** Opens the buffer and continues the chain. Throws AUDIT_CHAIN_BROKEN, AUDIT_UNAVAILABLE. */
  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.stream = options.stream;
    this.directory = join(options.directory, options.stream);
    this.#maxBytes = options.maxBytes ?? 1024 ** 3;
    this.#segmentBytes = options.segmentBytes ?? 8 * 1024 * 1024;
    const opened = openBuffer(this.directory, options.stream);
    this.#closed = opened.closed;
    this.#active = opened.segment;
    this.#descriptor = opened.descriptor;
    this.#head = opened.head;
    this.#written = opened.head;
    this.#closedBytes = this.#closed.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Seals an event into the chain, in memory, and answers its sequence number. Throws AUDIT_UNAVAILABLE when
   * the buffer is full. Call `durable` before acting on it.
   */
  append(event: AuditEvent): number {
    this.#refuseWhenFull(event);
    const at = this.#options.clock.now();
    const sealed = sealRecord({ stream: this.stream, head: this.#head }, at, event);
    this.#head = sealed.head;
    const line = `${sealed.text}\n`;
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    this.#scheduled ??= setImmediate(this.#flush);
    return sealed.head.seq;
  }

  /** Resolves when all that was appended is written; rejects with AUDIT_UNAVAILABLE when it cannot be. */
  durable(): Promise<void> {
    if (this.#pending.length === 0) return Promise.resolve();
    this.#waiting ??= makeWaiting();
    return this.#waiting.promise;
  }

  /** Where the chain stands, what is on disk, and why nothing can be written when that is so. */
  get state(): AuditLogState {
    return {
      head: this.#head,
      written: this.#written,
      bufferedBytes: this.#bufferedBytes(),
      isFull: this.#bufferedBytes() >= this.#maxBytes,
      failure: this.#failure,
    };
  }

  /** The segments that hold records, oldest first, the one that is being written last. */
  get segments(): readonly Readonly<Segment>[] {
    return [...this.#closed, this.#active];
  }

  /** Waits until all that is written is on the disk itself. Records are delivered only after that. */
  sync(): Promise<void> {
    const descriptor = this.#descriptor;
    return this.#inSyncOrder(() => syncData(descriptor));
  }

  /** Forgets segments of which every record was delivered. */
  acknowledge(seq: number): void {
    for (;;) {
      const oldest = this.#closed[0];
      if (oldest === undefined || oldest.lastSeq > seq) return;
      removeSegment(oldest);
      this.#closed.shift();
      this.#closedBytes -= oldest.bytes;
    }
  }

  /** Writes what is pending and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#cancelScheduled();
    this.#flush();
    this.#cancelScheduled();
    const descriptor = this.#descriptor;
    await this.#inSyncOrder(() => syncData(descriptor)).catch(() => {});
    closeSync(descriptor);
  }

  #refuseWhenFull(event: AuditEvent): void {
    if (this.#disposed) throw new AppError('AUDIT_UNAVAILABLE', { detail: 'the audit log is closed' });
    const isNew = event.kind === 'statement' || event.kind === 'session.opened';
    const limit = isNew ? this.#maxBytes : this.#maxBytes + reserveBytes;
    if (this.#bufferedBytes() >= limit || this.#pendingBytes >= maxPendingBytes) {
      throw new AppError('AUDIT_UNAVAILABLE', {
        detail: 'the audit buffer is full',
        hint: 'The control plane must take the audit records first. Try again later.',
      });
    }
  }

  #bufferedBytes(): number {
    return this.#closedBytes + this.#active.bytes + this.#pendingBytes;
  }

  /**
   * One write for all that is pending. Synchronous on purpose: a write into the page cache takes less time
   * than handing it to another thread, and nothing could be forwarded meanwhile anyway.
   */
  readonly #flush = (): void => {
    this.#scheduled = null;
    if (this.#pending.length === 0) return;
    const bytes = Buffer.from(this.#pending.join(''), 'utf8');
    try {
      this.#writeAll(bytes);
    } catch (cause) {
      this.#writeFailed(cause);
      return;
    }
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#active.bytes += bytes.length;
    this.#active.lastSeq = this.#head.seq;
    this.#written = this.#head;
    if (this.#failure !== null)
      this.#options.logger.info({ seq: this.#head.seq }, 'audit log writable again');
    this.#failure = null;
    this.#waiting?.resolve();
    this.#waiting = null;
    this.onWritten?.();
  };

  /** To a fixed place, so that after a write that failed half-way the next attempt overwrites the half. */
  #writeAll(bytes: Buffer): void {
    if (this.#active.bytes >= this.#segmentBytes) this.#rotate();
    const write = this.#options.write ?? writeAt;
    let done = 0;
    while (done < bytes.length) {
      done += write(this.#descriptor, bytes.subarray(done), this.#active.bytes + done);
    }
  }

  /** The records stay in memory and are tried again; who waits for them is refused now. */
  #writeFailed(cause: unknown): void {
    const detail = cause instanceof Error ? cause.message : String(cause);
    if (this.#failure === null) this.#options.logger.error({ detail }, 'audit log cannot be written');
    this.#failure = new AppError('AUDIT_UNAVAILABLE', { detail, cause });
    this.#waiting?.reject(this.#failure);
    this.#waiting = null;
    this.#scheduled = setTimeout(this.#flush, retryMs);
  }

  #rotate(): void {
    const { segment, descriptor } = createSegment(this.directory, this.stream, this.#written);
    const before = this.#descriptor;
    this.#inSyncOrder(() => syncData(before))
      .catch((cause: unknown) =>
        this.#options.logger.error({ detail: String(cause) }, 'audit segment not synced'),
      )
      .finally(() => closeSync(before));
    this.#closed.push(this.#active);
    this.#closedBytes += this.#active.bytes;
    this.#active = segment;
    this.#descriptor = descriptor;
  }

  /** One sync after the other, so that no descriptor is closed while another sync still uses it. */
  #inSyncOrder(sync: () => Promise<void>): Promise<void> {
    const mine = this.#syncing.then(sync);
    this.#syncing = mine.catch(() => {});
    return mine;
  }

  #cancelScheduled(): void {
    if (this.#scheduled === null) return;
    clearImmediate(this.#scheduled as NodeJS.Immediate);
    clearTimeout(this.#scheduled as NodeJS.Timeout);
    this.#scheduled = null;
  }
}

interface OpenedBuffer {
  readonly closed: Segment[];
  readonly segment: Segment;
  readonly descriptor: number;
  readonly head: ChainHead;
}

/** Continues the newest segment that has a header; begins the chain when there is none. */
function openBuffer(directory: string, stream: string): OpenedBuffer {
  const files = [...listSegments(directory)];
  for (let newest = files.pop(); newest !== undefined; newest = files.pop()) {
    const recovered = recoverSegment(newest, stream);
    if (recovered === null) continue;
    const closed: Segment[] = [];
    let next = recovered.segment;
    for (const file of files.toReversed()) {
      next = closedSegment(file, stream, next);
      closed.unshift(next);
    }
    return { closed, ...recovered };
  }
  return { closed: [], head: chainGenesis, ...createSegment(directory, stream, chainGenesis) };
}

function writeAt(descriptor: number, bytes: Buffer, position: number): number {
  return writeSync(descriptor, bytes, 0, bytes.length, position);
}

function makeWaiting(): Waiting {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Who asked may be gone by the time it fails; the failure is in `state` as well.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
