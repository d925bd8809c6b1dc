import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { SessionNames } from '@daam/shared/sql/verdict';
import type { FromThread, ThreadStart, ToThread } from './analysis-protocol.ts';

/** A text to be judged or explained under an access. */
export interface AnalysisJob {
  readonly kind: 'decide' | 'explain';
  readonly catalog: Catalog;
  readonly access: ResolvedAccess;
  readonly sql: string;
  readonly names: SessionNames;
}

/** How a job ended. A thread that ran out of time or memory, or failed, is gone; the next job gets a new one. */
export type AnalysisOutcome =
  | Extract<FromThread, { kind: 'decided' | 'explained' }>
  | { readonly kind: 'timeout' }
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'failed'; readonly detail: string };

export interface AnalysisThreadOptions {
  readonly major: PostgresMajor;
  /** For one job, once the thread is there. */
  readonly timeLimitMs: number;
  /** Heap of the thread, in MiB. */
  readonly maxHeapMiB: number;
  /** A thread that holds more bytes than this after a job gives way to a new one. */
  readonly maxIdleBytes: number;
  /** The file that the thread runs; the tests' own may do what the real one must never. */
  readonly main?: URL;
}

/** From nothing to ready: a grammar of two megabytes and the lists of functions. */
const startLimitMs = 30_000;
/** Catalogues and accesses that a thread holds; with the oldest catalogue everything under it goes. */
const maxCatalogs = 2;
const maxAccesses = 64;
/** Relations that are copied at once: a millisecond or two. */
const portionSize = 100;

/**
 * One analysis thread and its successors: started when there is something to do, ended when a job takes too long. One
 * job at a time; whoever calls waits for the one before.
 */
export class AnalysisThread implements AsyncDisposable {
  readonly #options: AnalysisThreadOptions;
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;
  #running: Running | null = null;
  #isDisposed = false;

  constructor(options: AnalysisThreadOptions) {
    this.#options = options;
  }

  /** Runs a job. Never rejects. */
  async run(job: AnalysisJob): Promise<AnalysisOutcome> {
    if (this.#isDisposed) return { kind: 'failed', detail: 'the agent ends' };
    if (this.#running === null || this.#running.ended !== null) this.#running = start(this.#options);
    const running = this.#running;
    const outcome = await this.#runOn(running, job);
    const isSpent =
      outcome.kind !== 'decided' && outcome.kind !== 'explained'
        ? true
        : outcome.memory > this.#options.maxIdleBytes;
    if (isSpent) await this.#drop(running);
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    if (this.#running !== null) await this.#drop(this.#running);
  }

  async #drop(running: Running): Promise<void> {
    if (this.#running === running) this.#running = null;
    await running.worker.terminate();
  }

  async #runOn(running: Running, job: AnalysisJob): Promise<AnalysisOutcome> {
    if (!running.isReady) {
      const first = await nextOf(running, startLimitMs);
      if (first.kind !== 'ready') return outcomeOf(first);
      running.isReady = true;
    }
    try {
      await this.#makeKnown(running, job);
      const { kind, access, sql, names } = job;
      post(running, { kind, access: this.#idOf(access), sql, names });
    } catch (thrown) {
      return { kind: 'failed', detail: thrown instanceof Error ? thrown.message : String(thrown) };
    }
    return outcomeOf(await nextOf(running, this.#options.timeLimitMs));
  }

  /** Sends what the thread does not have yet. */
  async #makeKnown(running: Running, { catalog, access }: AnalysisJob): Promise<void> {
    const catalogId = this.#idOf(catalog);
    const accessId = this.#idOf(access);
    if (!running.catalogs.has(catalogId)) {
      if (running.catalogs.size >= maxCatalogs) forgetAll(running);
      running.catalogs.add(catalogId);
      const { relations, byName: _, ...rest } = catalog;
      post(running, { kind: 'catalog', id: catalogId, catalog: rest });
      for await (const portion of portions(relations))
        post(running, { kind: 'relations', id: catalogId, relations: portion });
    }
    if (!running.accesses.has(accessId)) {
      forgetOldest(running, maxAccesses);
      running.accesses.add(accessId);
      const { relations, ...rest } = access;
      post(running, { kind: 'access', id: accessId, catalog: catalogId, access: rest });
      for await (const portion of portions(relations))
        post(running, { kind: 'granted', id: accessId, relations: portion });
    }
  }

  #idOf(value: object): number {
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    this.#lastId += 1;
    this.#ids.set(value, this.#lastId);
    return this.#lastId;
  }
}

/** A worker from its start to its end. */
interface Running {
  readonly worker: Worker;
  readonly catalogs: Set<number>;
  readonly accesses: Set<number>;
  isReady: boolean;
  /** Set once it ended by itself. */
  ended: Ended | null;
  /** Who waits for its next message. */
  waiting: ((message: FromThread | Ended) => void) | null;
}

type Ended =
  | { readonly kind: 'timeout' | 'out-of-memory' }
  | { readonly kind: 'failed'; readonly detail: string };

function start(options: AnalysisThreadOptions): Running {
  const workerData: ThreadStart = { major: options.major };
  const worker = new Worker(options.main ?? new URL('./analysis-worker.ts', import.meta.url), {
    workerData,
    // nothing of what this process was given
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMiB, stackSizeMb: 4 },
  });
  worker.unref();
  const running: Running = {
    worker,
    catalogs: new Set(),
    accesses: new Set(),
    isReady: false,
    ended: null,
    waiting: null,
  };
  const end = (ended: Ended): void => {
    running.ended ??= ended;
    running.waiting?.(running.ended);
  };
  worker.on('message', (message: FromThread) => running.waiting?.(message));
  worker.on('error', (error: NodeJS.ErrnoException) => {
    const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    end(isMemory ? { kind: 'out-of-memory' } : { kind: 'failed', detail: error.message });
  });
  worker.on('exit', (code) => end({ kind: 'failed', detail: `the thread ended with ${code}` }));
  return running;
}

async function nextOf(running: Running, limitMs: number): Promise<FromThread | Ended> {
  if (running.ended !== null) return running.ended;
  const { promise, resolve } = Promise.withResolvers<FromThread | Ended>();
  running.waiting = resolve;
  running.worker.ref();
  const timer = setTimeout(() => resolve({ kind: 'timeout' }), limitMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    running.waiting = null;
    running.worker.unref();
  }
}

function outcomeOf(answer: FromThread | Ended): AnalysisOutcome {
  return answer.kind === 'ready' ? { kind: 'failed', detail: 'the thread is out of step' } : answer;
}

function post(running: Running, message: ToThread): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  running.worker.postMessage(message);
}

/** The values of a map, a few at a time; between them whatever else has to be done goes first. */
async function* portions<Item>(items: ReadonlyMap<number, Item>): AsyncGenerator<readonly Item[], void> {
  let portion: Item[] = [];
  for (const item of items.values()) {
    portion.push(item);
    if (portion.length < portionSize) continue;
    yield portion;
    portion = [];
    await setImmediate();
  }
  yield portion;
}

function forgetAll(running: Running): void {
  const { catalogs, accesses } = running;
  post(running, { kind: 'forget', ids: [...catalogs, ...accesses] });
  catalogs.clear();
  accesses.clear();
}

function forgetOldest(running: Running, most: number): void {
  const oldest = running.accesses.values().next();
  if (running.accesses.size < most || oldest.done) return;
  running.accesses.delete(oldest.value);
  post(running, { kind: 'forget', ids: [oldest.value] });
}
