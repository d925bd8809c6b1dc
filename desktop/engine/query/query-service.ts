/** The methods of the bridge about statements and their results, over all tabs. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiClient } from '@daam/shared/api/client';
import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import type { QueryMethods } from '../../ipc/backend.ts';
import type { BridgeEvent, HistoryEntry, Params, Query, Result } from '../../ipc/schema.ts';
import type { LocalEndpoint } from '../open-databases.ts';
import type { StateFolder } from '../state-folder.ts';
import { dialLocal } from '../tunnel/dial-local.ts';
import { copyRows } from './copy-rows.ts';
import { Exports } from './exports.ts';
import { Grammar } from './grammar.ts';
import { MaskMemory } from './mask-memory.ts';
import { planText } from './plan-text.ts';
import { arrangeRows, readCell, readWindow, searchRows } from './read-rows.ts';
import { saveCell } from './save-cell.ts';
import { ResultStore } from './result-store.ts';
import { TabQuery, type TabQueryOptions } from './tab-query.ts';
import { WireSession } from './wire-session.ts';

const maxTabs = 100;
const idleMs = 60_000;

export interface QueryServiceOptions {
  readonly state: StateFolder;
  /** Opens the database's local port, or gives the one that is open. */
  readonly connect: (database: string) => Promise<LocalEndpoint>;
  /** Of local ports; null: they ask for none. */
  readonly localPassword: () => Promise<Secret | null>;
  readonly databaseOf: (id: string) => Promise<{ readonly name: string; readonly isProduction: boolean }>;
  readonly api: () => Promise<ApiClient>;
  readonly settings: () => Promise<{ readonly confirmRisky: boolean; readonly exportFolder: string }>;
  readonly remember: (entry: Omit<HistoryEntry, 'id'>) => void;
  readonly emit: (event: BridgeEvent) => void;
  readonly now: () => number;
  /** How long a page waits on the server for somebody to go on; 60 s unless told. Milliseconds. */
  readonly idleMs?: number;
}

export class QueryService implements AsyncDisposable {
  readonly methods: QueryMethods;
  readonly #options: QueryServiceOptions;
  readonly #tabs = new Map<string, TabQuery>();
  readonly #results: ResultStore;
  readonly #exports: Exports;
  readonly #masks = new MaskMemory();
  readonly #grammar = new Grammar();
  readonly #stop = new AbortController();
  /** Fires when whoever is signed in is not any more; another one is made then. */
  #owner = new AbortController();
  #spool: Promise<string> | null = null;

  constructor(options: QueryServiceOptions) {
    this.#options = options;
    const { emit, now } = options;
    this.#results = new ResultStore({ folder: () => (this.#spool ??= this.#emptySpool()), emit });
    this.#exports = new Exports({ folder: async () => (await options.settings()).exportFolder, emit, now });
    this.methods = { ...this.#statementMethods(), ...this.#rowMethods(), ...this.#exportMethods() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#exports[Symbol.asyncDispose]();
    await Promise.all([...this.#tabs.values()].map(async (tab) => await tab[Symbol.asyncDispose]()));
    this.#tabs.clear();
    await this.#results[Symbol.asyncDispose]();
  }

  /** Somebody else is signed in, or nobody: nothing of the one before may be seen. */
  async forgetAll(): Promise<void> {
    this.#owner.abort();
    this.#owner = new AbortController();
    const { forgotten } = this.#exports.forget();
    for (const tab of this.#tabs.keys()) await this.#close(tab);
    this.#masks.clear();
    await forgotten;
  }

  #statementMethods() {
    return {
      runQuery: async (asked: Params<'runQuery'>) => await this.#tab(asked.tab, asked.database).run(asked),
      cancelQuery: async ({ tab }: Params<'cancelQuery'>) => {
        await this.#known(tab).cancel();
        return {};
      },
      endSession: async ({ tab }: Params<'endSession'>) => {
        await this.#known(tab).endSession();
        return {};
      },
      endTransaction: async ({ tab, how }: Params<'endTransaction'>) =>
        await this.#known(tab).endTransaction(how),
      closeQuery: async ({ tab }: Params<'closeQuery'>) => {
        await this.#close(tab);
        return {};
      },
      listQueries: async (): Promise<Query[]> => [...this.#tabs.values()].map(({ state }) => state),
      explainStatement: async ({ database, sql }: Params<'explainStatement'>) => {
        const api = await this.#options.api();
        return (await api.explainStatement({ params: { database }, body: { sql } })).explanation;
      },
    };
  }

  #rowMethods() {
    const results = this.#results;
    return {
      describeResult: async ({ result }: Params<'describeResult'>) => results.get(result).info,
      loadRows: async ({ result, how }: Params<'loadRows'>) => {
        const { tab } = results.get(result).info;
        this.#known(tab).loadRows(result, how);
        return results.get(result).info;
      },
      readRows: async (asked: Params<'readRows'>) => await readWindow(results.get(asked.result), asked),
      readCell: async (asked: Params<'readCell'>) => await readCell(results.get(asked.result), asked),
      saveCell: async (asked: Params<'saveCell'>) => {
        const kept = results.get(asked.result);
        const { name: database } = await this.#options.databaseOf(kept.info.database);
        const { exportFolder: folder } = await this.#options.settings();
        // Forgotten meanwhile, it is not there any more.
        const still = results.get(asked.result);
        return await saveCell(still, asked, { folder, database, now: this.#options.now() });
      },
      searchRows: async (asked: Params<'searchRows'>) => await searchRows(results.get(asked.result), asked),
      arrangeRows: async (asked: Params<'arrangeRows'>) => await arrangeRows(results, asked),
      copyRows: async (asked: Params<'copyRows'>) => {
        const owner = this.#owner.signal;
        const { answer, masks } = await copyRows(results.get(asked.result), asked);
        if (!owner.aborted) this.#masks.add(masks);
        return answer;
      },
      readPlan: async ({ result }: Params<'readPlan'>) => await this.#readPlan(result),
      pinResult: async ({ result, isPinned }: Params<'pinResult'>) => results.change(result, { isPinned }),
      closeResult: async ({ result }: Params<'closeResult'>) => {
        const { tab } = results.get(result).info;
        await this.#known(tab).closeResult(result);
        return {};
      },
    };
  }

  #exportMethods() {
    return {
      startExport: async (asked: Params<'startExport'>) => {
        const { tab, database } = this.#results.get(asked.result).info;
        const { name } = await this.#options.databaseOf(database);
        // Forgotten meanwhile, it is not there any more.
        const kept = this.#results.get(asked.result);
        const loadAll = async (): Promise<void> => await this.#known(tab).loadAll(asked.result);
        return await this.#exports.ofResult(kept, asked, loadAll, name);
      },
      startAuditExport: async ({ query }: Params<'startAuditExport'>) => {
        // The control plane checks what is asked; this only passes it on.
        const open = async (): Promise<ReadableStream<Uint8Array>> =>
          await (await this.#options.api()).exportAudit({ query });
        const format = query['format'] === 'csv' ? 'csv' : 'jsonl';
        return await this.#exports.ofStream('audit', open, format);
      },
      cancelExport: async (asked: Params<'cancelExport'>) => {
        this.#exports.cancel(asked.export);
        return {};
      },
      listExports: async () => [...this.#exports.list],
    };
  }

  #tab(tab: string, database: string): TabQuery {
    const known = this.#tabs.get(tab);
    if (known !== undefined) return known;
    if (this.#tabs.size >= maxTabs) {
      throw new AppError('RATE_LIMITED', {
        message: 'Too many tabs have run something.',
        hint: 'Close some.',
      });
    }
    const made = new TabQuery(this.#tabOptions(tab, database));
    this.#tabs.set(tab, made);
    return made;
  }

  #tabOptions(tab: string, database: string): TabQueryOptions {
    const { emit, now, databaseOf, settings, remember } = this.#options;
    const owner = this.#owner.signal;
    return {
      tab,
      database,
      results: this.#results,
      grammar: this.#grammar,
      openWire: async (told) => await this.#openWire(told),
      caution: async (id) => {
        const [{ isProduction }, { confirmRisky }] = await Promise.all([databaseOf(id), settings()]);
        return { isCareful: isProduction && confirmRisky, isMask: (text) => this.#masks.has(text) };
      },
      onChange: (query) => emit({ event: 'queryChanged', payload: { query } }),
      remember: ({ database: id, ...entry }) => {
        void databaseOf(id).then(
          // What a sign-out ended is in nobody's history.
          ({ name }) => (owner.aborted ? undefined : remember({ ...entry, database: { id, name } })),
          () => {},
        );
      },
      now,
      idleMs: this.#options.idleMs ?? idleMs,
    };
  }

  async #openWire({ database, ...told }: Parameters<TabQueryOptions['openWire']>[0]): Promise<WireSession> {
    const { host, port, ...endpoint } = await this.#options.connect(database);
    return await WireSession.open({
      ...told,
      dial: async (signal) => await dialLocal({ host, port }, signal),
      user: endpoint.user,
      database: endpoint.database,
      password: this.#options.localPassword,
      signal: this.#stop.signal,
    });
  }

  async #readPlan(result: string): Promise<Result<'readPlan'>> {
    const kept = this.#results.get(result);
    if (kept.info.kind !== 'plan') throw new AppError('INVALID_INPUT', { field: 'result' });
    const { value } = await readCell(kept, { result, view: null, row: 0, column: 0, from: 0 });
    const json = value ?? '[]';
    return { json, text: planText(json) };
  }

  async #close(tab: string): Promise<void> {
    const known = this.#tabs.get(tab);
    if (known === undefined) return;
    this.#tabs.delete(tab);
    await known[Symbol.asyncDispose]();
    this.#options.emit({ event: 'queryClosed', payload: { tab } });
  }

  #known(tab: string): TabQuery {
    const known = this.#tabs.get(tab);
    if (known === undefined) throw new AppError('NOT_FOUND', { field: 'tab' });
    return known;
  }

  /** What a process that was killed left there (only where files cannot be nameless) goes. */
  async #emptySpool(): Promise<string> {
    const folder = join(this.#options.state.path, 'spool');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder))
      if (name.endsWith('.rows')) await rm(join(folder, name), { force: true });
    return folder;
  }
}
