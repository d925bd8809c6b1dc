/** The results that are kept: rows on disk, what is known of them in memory. Each belongs to a tab and goes with it. */
import { AppError } from '@daam/shared/errors/app-error';
import type { BridgeEvent, QueryResult } from '../../ipc/schema.ts';
import { ResultSpool } from './result-spool.ts';

/** All tabs together. */
const maxResults = 400;
/** Told at most so often while rows come. Milliseconds. */
const tellEveryMs = 80;
/** Orders and choices of rows that are kept for a result. */
const maxViews = 4;

export interface KeptResult {
  readonly spool: ResultSpool;
  readonly views: Map<string, Uint32Array>;
  readonly info: QueryResult;
}

interface Kept {
  readonly spool: ResultSpool;
  readonly views: Map<string, Uint32Array>;
  info: QueryResult;
  toldAt: number;
  timer: NodeJS.Timeout | null;
}

export interface ResultStoreOptions {
  /** 0700; emptied by its owner at the start. */
  readonly folder: () => Promise<string>;
  readonly emit: (event: BridgeEvent) => void;
}

export class ResultStore implements AsyncDisposable {
  readonly #options: ResultStoreOptions;
  readonly #kept = new Map<string, Kept>();

  constructor(options: ResultStoreOptions) {
    this.#options = options;
  }

  /** Makes a result without rows. RATE_LIMITED when too many are kept. */
  async create(info: QueryResult): Promise<ResultSpool> {
    if (this.#kept.size >= maxResults) {
      throw new AppError('RATE_LIMITED', {
        message: `${maxResults} results are kept already.`,
        hint: 'Close some tabs or results.',
      });
    }
    const spool = await ResultSpool.create(await this.#options.folder());
    this.#kept.set(info.id, { spool, views: new Map(), info, toldAt: 0, timer: null });
    this.#tell(info.id);
    return spool;
  }

  /** NOT_FOUND when it is not kept (any more). */
  get(id: string): KeptResult {
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    throw new AppError('NOT_FOUND', {
      message: 'The result is not kept any more.',
      hint: 'Run the statement again.',
      field: 'result',
    });
  }

  ofTab(tab: string): readonly QueryResult[] {
    return [...this.#kept.values()].filter(({ info }) => info.tab === tab).map(({ info }) => info);
  }

  /** Changes what is known, and tells it. */
  change(id: string, changes: Partial<QueryResult>): QueryResult {
    const kept = this.#find(id);
    kept.info = { ...kept.info, ...changes, rows: kept.spool.rows, bytes: kept.spool.bytes };
    this.#tell(id);
    return kept.info;
  }

  /** There are more rows; told soon. */
  grew(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    kept.info = { ...kept.info, rows: kept.spool.rows, bytes: kept.spool.bytes };
    const wait = kept.toldAt + tellEveryMs - performance.now();
    if (wait <= 0) return this.#tell(id);
    kept.timer ??= setTimeout(() => this.#tell(id), wait);
  }

  addView(id: string, view: string, rows: Uint32Array): void {
    const { views } = this.#find(id);
    views.set(view, rows);
    for (const old of views.keys()) {
      if (views.size <= maxViews) return;
      views.delete(old);
    }
  }

  async close(id: string): Promise<void> {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    if (kept.timer !== null) clearTimeout(kept.timer);
    await kept.spool[Symbol.asyncDispose]();
    this.#options.emit({ event: 'resultClosed', payload: { result: id } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#kept.keys()].map(async (id) => await this.close(id)));
  }

  #find(id: string): Kept {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw new AppError('NOT_FOUND', { field: 'result' });
    return kept;
  }

  #tell(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    if (kept.timer !== null) clearTimeout(kept.timer);
    kept.timer = null;
    kept.toldAt = performance.now();
    this.#options.emit({ event: 'resultChanged', payload: { result: kept.info } });
  }
}
