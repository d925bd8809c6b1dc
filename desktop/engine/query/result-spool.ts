/**
 * Rows of one result on disk: the bodies of the server's DataRows, one behind the other, and in memory only where each
 * ends. On systems that allow it the file has no name any more from the first moment, so that nothing is left behind
 * however the process ends; elsewhere it is 0600 in the spool's folder, which is emptied at the start.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';
import { RowEnds } from './row-ends.ts';

/** Rows wait in memory until so many bytes are there. */
const writeBytes = 512 * 1024;
/** Read at once. */
const blockBytes = 512 * 1024;

export interface RowBlock {
  /** Number of its first row. */
  readonly first: number;
  /** Bodies of DataRow. */
  readonly rows: readonly Buffer[];
}

export class ResultSpool implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #path: string | null;
  readonly #ends = new RowEnds();
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #bytes = 0;
  #isOver = false;

  private constructor(file: FileHandle, path: string | null) {
    this.#file = file;
    this.#path = path;
  }

  static async create(folder: string): Promise<ResultSpool> {
    const path = join(folder, `${randomUUID()}.rows`);
    const file = await open(path, 'wx+', 0o600);
    if (process.platform === 'win32') return new ResultSpool(file, path);
    await rm(path);
    return new ResultSpool(file, null);
  }

  /** Rows that can be read. */
  get rows(): number {
    return this.#ends.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Rows that are here, written or not. */
  get taken(): number {
    return this.#ends.length + this.#waiting.length;
  }

  /** Takes a row; the bytes are the spool's from now on. A promise when it is time to wait for the disk. */
  add(row: Buffer): Promise<void> | undefined {
    this.#waiting.push(row);
    this.#waitingBytes += row.length;
    return this.#waitingBytes >= writeBytes ? this.flush() : undefined;
  }

  /** Makes all rows readable. */
  flush(): Promise<void> {
    this.#writing = this.#writing
      .then(async () => await this.#write())
      .catch((cause: unknown) => {
        throw new AppError('INTERNAL', {
          message: 'The rows could not be written to this machine’s disk.',
          cause,
        });
      });
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#waiting.length === 0 || this.#isOver) return;
    const rows = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const bytes = Buffer.concat(rows);
    let written = 0;
    while (written < bytes.length) {
      const step = await this.#file.write(bytes, written, bytes.length - written, this.#bytes + written);
      written += step.bytesWritten;
    }
    for (const row of rows) {
      this.#bytes += row.length;
      this.#ends.add(this.#bytes);
    }
  }

  /** Rows from `first` up to `last` without it, in blocks; as far as there are any. */
  async *read(first: number, last: number): AsyncGenerator<RowBlock> {
    const end = Math.min(last, this.rows);
    for (let at = first; at < end; ) {
      const upTo = this.#ends.within(at, end, blockBytes);
      yield { first: at, rows: await this.#rowsBetween(at, upTo) };
      at = upTo;
    }
  }

  /** One row. NOT_FOUND when there is none. */
  async row(number: number): Promise<Buffer> {
    const [row] = number < this.rows ? await this.#rowsBetween(number, number + 1) : [];
    if (row === undefined) throw new AppError('NOT_FOUND', { field: 'row' });
    return row;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#writing.catch(() => {});
    await this.#file.close();
    if (this.#path !== null) await rm(this.#path, { force: true });
  }

  async #rowsBetween(first: number, last: number): Promise<Buffer[]> {
    if (this.#isOver) throw new AppError('NOT_FOUND', { field: 'result' });
    const start = this.#ends.start(first);
    const bytes = Buffer.allocUnsafe(this.#ends.start(last) - start);
    let held = 0;
    while (held < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, held, bytes.length - held, start + held);
      if (bytesRead === 0) throw new AppError('INTERNAL', { detail: 'the spool is shorter than it was' });
      held += bytesRead;
    }
    return Array.from({ length: last - first }, (_, index) =>
      bytes.subarray(this.#ends.start(first + index) - start, this.#ends.start(first + index + 1) - start),
    );
  }
}
