/** Exports: written by the engine, block by block, beside everything else; a screen only sees how far they are. */
import { rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { toBridgeError } from '../../ipc/errors.ts';
import type { BridgeEvent, Export, Params } from '../../ipc/schema.ts';
import { chooseColumns, tableOf, textsOf } from './copy-rows.ts';
import { exportName, type NewFile, openNewFile } from './export-file.ts';
import { readView, rowsOfView } from './read-rows.ts';
import type { KeptResult } from './result-store.ts';
import { rowWriter } from './row-formats.ts';
import { newKey } from './wire-session.ts';

/** Written at once. Characters. */
const pieceLength = 256 * 1024;
const tellEveryMs = 200;
const maxKept = 100;
const maxRunning = 8;

const endings = { csv: 'csv', tsv: 'tsv', json: 'json', jsonl: 'jsonl', insert: 'sql' } as const;

export interface ExportsOptions {
  readonly folder: () => Promise<string>;
  readonly emit: (event: BridgeEvent) => void;
  readonly now: () => number;
}

type Told = Partial<Pick<Export, 'rows' | 'bytes' | 'state' | 'error' | 'totalRows'>>;
/** Writes pieces until done; throws when it was cancelled. */
type Work = (
  write: (text: string | Uint8Array, rows: number) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;

export class Exports implements AsyncDisposable {
  readonly #options: ExportsOptions;
  readonly #known = new Map<string, Export>();
  readonly #running = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  /** Fires when whoever is signed in is not any more; another one is made then. */
  #owner = new AbortController();

  constructor(options: ExportsOptions) {
    this.#options = options;
  }

  get list(): readonly Export[] {
    return [...this.#known.values()].toReversed();
  }

  /** Rows of a result. `loadAll` resolves when the rest is there. FORBIDDEN for one that a newer policy would mask. */
  async ofResult(
    kept: KeptResult,
    asked: Params<'startExport'>,
    loadAll: () => Promise<void>,
    database: string,
  ): Promise<Export> {
    const owner = this.#owner.signal;
    mustBeCurrent(kept);
    const columns = asked.columns ?? kept.info.columns.map((_, index) => index);
    const shown = chooseColumns(kept, columns);
    const writer = rowWriter(asked.format, {
      ...asked,
      columns: shown,
      table: tableOf(shown),
      defusesFormulas: asked.keepsFormulas !== true,
    });
    const name = exportName([database, kept.info.name], new Date(this.#options.now()));
    const totalRows = asked.rows === 'all' ? null : rowsOfView(kept, asked.view);
    return await this.#start(
      owner,
      { kind: 'result', result: kept.info.id, format: asked.format, totalRows },
      await this.#file(name, endings[asked.format]),
      async (write) => {
        if (asked.rows === 'all') await loadAll();
        await write(`${asked.hasByteOrderMark ? '\uFEFF' : ''}${writer.head}`, 0);
        let rows = 0;
        let text = '';
        for await (const block of readView(kept, asked.view, {
          first: 0,
          last: rowsOfView(kept, asked.view),
        })) {
          mustBeCurrent(kept);
          for (const row of block) text += writer.row(textsOf(row, columns), rows++);
          if (text.length < pieceLength) continue;
          await write(text, rows);
          text = '';
        }
        await write(`${text}${writer.tail}`, rows);
      },
    );
  }

  /** A stream of the control plane, as it comes. */
  async ofStream(
    kind: 'audit',
    open: () => Promise<ReadableStream<Uint8Array>>,
    format: 'csv' | 'jsonl',
  ): Promise<Export> {
    const owner = this.#owner.signal;
    const stream = await open();
    const work: Work = async (write, signal) => {
      let rows = 0;
      for await (const piece of untilAborted(stream, signal)) {
        for (const byte of piece) if (byte === 0x0a) rows += 1;
        await write(piece, rows);
      }
    };
    try {
      const name = exportName([kind], new Date(this.#options.now()));
      const file = await this.#file(name, format);
      return await this.#start(owner, { kind, result: null, format, totalRows: null }, file, work);
    } catch (thrown) {
      await stream.cancel().catch(() => {});
      throw thrown;
    }
  }

  cancel(id: string): void {
    this.#running.get(id)?.stop.abort();
  }

  /** Ends what is written for the one who was signed in; `forgotten` resolves when nothing of it is listed any more. */
  forget(): { readonly forgotten: Promise<void> } {
    this.#owner.abort();
    this.#owner = new AbortController();
    const running = [...this.#running.values()].map(async ({ done }) => await done);
    const before = [...this.#known.keys()];
    const forgotten = Promise.all(running).then(() => {
      for (const id of before) this.#known.delete(id);
    });
    return { forgotten };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.forget().forgotten;
  }

  async #file(name: string, ending: string): Promise<NewFile> {
    if (this.#running.size >= maxRunning)
      throw new AppError('RATE_LIMITED', { message: 'Too many exports run.' });
    return await openNewFile(await this.#options.folder(), name, ending);
  }

  async #start(
    owner: AbortSignal,
    of: Pick<Export, 'kind' | 'result' | 'format' | 'totalRows'>,
    { path, file }: NewFile,
    work: Work,
  ): Promise<Export> {
    if (owner.aborted) {
      await discard({ path, file });
      throw new AppError('CANCELLED');
    }
    const made: Export = {
      ...of,
      id: newKey(),
      file: path.slice(0, 1_024),
      state: 'running',
      rows: 0,
      bytes: 0,
      startedAt: new Date(this.#options.now()).toISOString(),
      error: null,
    };
    this.#known.set(made.id, made);
    for (const [id, { state }] of this.#known) {
      if (this.#known.size <= maxKept) break;
      if (state !== 'running') this.#known.delete(id);
    }
    const stop = new AbortController();
    const signal = AbortSignal.any([owner, stop.signal]);
    const done = this.#write(made.id, { path, file }, work, signal).finally(() =>
      this.#running.delete(made.id),
    );
    this.#running.set(made.id, { stop, done });
    this.#tell(made.id, {});
    return made;
  }

  async #write(id: string, { path, file }: NewFile, work: Work, signal: AbortSignal): Promise<void> {
    let bytes = 0;
    let rows = 0;
    let toldAt = 0;
    try {
      await work(async (piece, written) => {
        if (signal.aborted) throw new AppError('CANCELLED');
        bytes += await writeAll(file, piece);
        rows = written;
        if (performance.now() - toldAt < tellEveryMs) return;
        toldAt = performance.now();
        this.#tell(id, { rows, bytes });
      }, signal);
      if (signal.aborted) throw new AppError('CANCELLED');
      await file.close();
      this.#tell(id, { rows, bytes, state: 'done' });
    } catch (thrown) {
      // Half a file would be taken for a whole one.
      await discard({ path, file });
      const isCancelled = signal.aborted || toAppError(thrown).code === 'CANCELLED';
      if (isCancelled) this.#tell(id, { state: 'cancelled' });
      else this.#tell(id, { state: 'failed', error: toBridgeError(thrown) });
    }
  }

  #tell(id: string, changes: Told): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    const changed = { ...known, ...changes };
    this.#known.set(id, changed);
    this.#options.emit({ event: 'exportChanged', payload: { export: changed } });
  }
}

async function discard({ path, file }: NewFile): Promise<void> {
  await file.close().catch(() => {});
  await rm(path, { force: true });
}

/** The pieces of a stream. One that says nothing ends too when the signal fires. */
async function* untilAborted(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  const end = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', end, { once: true });
  try {
    if (signal.aborted) return;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

async function writeAll(file: FileHandle, piece: string | Uint8Array): Promise<number> {
  const bytes = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
  await file.writeFile(bytes);
  return bytes.length;
}

export function mustBeCurrent({ info }: KeptResult): void {
  if (!info.isOutdated) return;
  throw new AppError('FORBIDDEN', {
    message: 'The policy changed since these rows came, and would show less now.',
    hint: 'Run the statement again.',
  });
}
