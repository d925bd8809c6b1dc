import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '@daam/shared/api/client';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerCall } from '../../ipc/answer-call.ts';
import { initialSettings } from '../../ipc/initial-settings.ts';
import { type BridgeEvent, type Method, methods, type Params, type Result } from '../../ipc/schema.ts';
import { type Account, accountSchema } from '../account.ts';
import type { DatabaseEntry, LocalEndpoint } from '../engine.ts';
import { StateFolder } from '../state-folder.ts';
import { EngineBackend, type EngineBackendOptions } from './engine-backend.ts';

/** All that one person leaves behind has this word in it, and nothing of the other one has. */
const canary = 'canary';
const ada = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10';
const ben = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b11';
/** Both of them have it; the other one is Ada's alone. */
const shared = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b20';
const adasOwn = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b21';

const accountOf = (user: string): Account => ({
  version: 1,
  controlPlane: 'http://127.0.0.1:9',
  user: { id: user, email: user === ada ? 'canary@example.com' : 'ben@example.com', name: 'x' },
  organization: { id: shared, name: user === ada ? 'canary' : 'Example' },
  device: { id: shared, name: user === ada ? 'canary' : 'laptop', publicKey: 'x' },
  secretStore: 'file',
  signedInWith: 'passkey',
  signedInAt: '2030-01-15T09:00:00Z',
});

let postgres: EmbeddedPostgres;
let folder: string;
let exportFolder: string;
let state: StateFolder;
let backend: EngineBackend;
let events: BridgeEvent[];

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-leave-'));
  exportFolder = join(await mkdtemp(join(tmpdir(), 'daam-exports-')), canary);
  state = await StateFolder.open(folder);
  await signInHere(ada);
  open();
});
afterEach(async () => {
  await backend[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
  await rm(join(exportFolder, '..'), { recursive: true, force: true });
});

const signInHere = async (user: string): Promise<void> => await state.write('account.json', accountOf(user));

/** The engine's outside over files of accounts, with a server instead of a tunnel. */
class TwoPeople {
  /** Ports are of who opened them: whoever signs in over them finds them closed. */
  #local: { readonly of: string | null; readonly local: LocalEndpoint } | null = null;
  changed = (): void => {};
  stateFolder = state;
  #user = async (): Promise<string | null> => (await this.status()).account?.user.id ?? null;

  status = async (): ReturnType<EngineBackendOptions['engine']['status']> => ({
    account: await state.read('account.json', accountSchema),
    secrets: { store: 'file', state: 'found' },
    certificateExpiresAt: null,
    notice: { kind: 'fine' },
    connections: [],
  });

  databases = async () => {
    const user = await this.#user();
    if (user === null) throw new AppError('UNAUTHENTICATED');
    const entry = (id: string, name: string, local: LocalEndpoint | null): DatabaseEntry => {
      const policies = user === ada ? [canary] : ['analyst'];
      return { id, name, environment: 'staging', state: 'online', policies, agent: null, port: null, local };
    };
    const local = this.#local?.of === user ? this.#local.local : null;
    const ofAda = user === ada ? [entry(adasOwn, 'canary', null)] : [];
    return { live: true, asOf: 0, items: [entry(shared, 'shop', local), ...ofAda] };
  };

  connect = async (): Promise<LocalEndpoint> => {
    const local: LocalEndpoint = {
      database: 'postgres',
      databaseId: shared,
      host: '127.0.0.1',
      port: postgres.port,
      user: 'postgres',
      dsn: '',
      since: 0,
      clients: 0,
      path: null,
      relay: null,
      failure: { code: 'UPSTREAM_UNAVAILABLE', message: 'canary is away.', hint: null },
    };
    this.#local = { of: await this.#user(), local };
    this.changed();
    return local;
  };

  logout = async (): Promise<void> => {
    this.#local = null;
    await state.remove('account.json');
    this.changed();
  };

  loginWithPasskey = async (): Promise<Account> => {
    await signInHere(ben);
    this.changed();
    return accountOf(ben);
  };

  api = async (): Promise<ApiClient> => {
    const isAda = (await this.#user()) === ada;
    const tables = isAda
      ? [{ schema: 'public', name: 'canary', kind: 'table', comment: null, ...nothingOfTable }]
      : [];
    const of = { tables, isKnown: true, epoch: 1, searchPath: [], version: 1 };
    const asked = { id: 'r', state: 'pending', database: { id: 'db', name: 'canary' }, window: null };
    const items = isAda ? [{ ...asked, approval: { mine: true } }] : [];
    return {
      getMySchema: async () => of,
      listRequests: async () => ({ items, next: null }),
      getMe: async () => ({ role: 'member' }),
    } as unknown as ApiClient;
  };

  disconnect = async (): Promise<void> => void (this.#local = null);
  credentials = async (): Promise<never> => await refuse();
  signInAgain = async (): Promise<never> => await refuse();
  switchLocalTls = async (): Promise<never> => await refuse();
  switchLocalPassword = async (): Promise<never> => await refuse();
  setPlace = async (): Promise<never> => await refuse();
  localTls = async () => ({ isOn: false, caFile: null });
  localPassword = async (): Promise<Secret> =>
    new Secret(decodeURIComponent(new URL(postgres.superuserDsn).password));
  sessions = async (): Promise<[]> => [];
  endSession = async (): Promise<boolean> => false;
  place = async (): Promise<'tcp'> => 'tcp';
  subscribe = (listener: () => void): (() => void) => {
    this.changed = listener;
    return () => {};
  };
}
const nothingOfTable = {
  operations: ['select'],
  isFiltered: false,
  columns: [],
  primaryKey: [],
  foreignKeys: [],
};

async function refuse(): Promise<never> {
  throw new AppError('UNSUPPORTED');
}

function open(): void {
  events = [];
  backend = new EngineBackend({ engine: new TwoPeople(), version: '0', logger: silentLogger, home: folder });
  backend.subscribe((event) => events.push(event));
}

async function call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
  return await backend.methods[method](params);
}

const run = (tab: string, sql: string): Params<'runQuery'> => ({
  tab,
  database: shared,
  sql,
  mode: 'run',
  transaction: 'auto',
  stopOnError: true,
  keepResults: false,
  confirmed: true,
});

/** Ada uses all that there is. Answers the id of a result of hers, and of something she saved. */
async function use(): Promise<{ readonly result: string; readonly saved: string }> {
  await call('changeSettings', { exportFolder, pinnedDatabases: [canary] });
  await call('listDatabases', {});
  await call('connectionDetails', { database: shared });
  await call('readObjects', { database: shared, refresh: true });
  await call('runQuery', run('one', "select 'canary' as canary"));
  await expect.poll(async () => (await call('listQueries', {}))[0]?.run?.state).toBe('done');
  const [query] = await call('listQueries', {});
  const [result = 'none'] = query?.results ?? [];
  const named = { format: 'csv', view: null, columns: null, rows: 'all', hasHeader: true } as const;
  await call('startExport', { ...named, result, delimiter: ',', nullText: '', hasByteOrderMark: false });
  await expect.poll(async () => (await call('listExports', {}))[0]?.state).toBe('done');
  await expect.poll(async () => (await call('listNotifications', {})).length).toBeGreaterThan(0);
  const of = { folder: '', description: '', database: shared };
  const { id } = await call('saveQuery', { ...of, id: null, name: canary, sql: 'select canary' });
  const tab = { id: 'one', title: canary, database: shared, sql: canary, cursor: 0, scroll: 0 };
  await call('writeWorkspace', {
    tabs: [{ ...tab, transaction: 'auto', savedQuery: null }],
    active: 'one',
  });
  // It is running when she leaves.
  await call('runQuery', run('two', "select pg_sleep(60), 'canary'"));
  await expect.poll(async () => (await call('listHistory', recent)).items.length).toBe(1);
  return { result, saved: id };
}

const recent = { database: null, text: null, outcome: null, after: null, limit: 200 } as const;

/** What every method of the bridge is asked with; those that begin or end a sign-in are the tests' own. */
function questions({ result, saved }: { readonly result: string; readonly saved: string }) {
  const view = null;
  const cell = { result, view, row: 0, column: 0 };
  const database = shared;
  const tab = 'one';
  return {
    status: {},
    describeDevice: {},
    readSignIn: {},
    readLock: {},
    listNotifications: {},
    markNotificationRead: { id: null },
    countWaiting: {},
    listDatabases: {},
    connectionDetails: { database },
    endPortSession: { database, session: '1' },
    checkPort: { port: 1 },
    previewClientFile: { database, file: 'service', want: 'absent' },
    listTools: {},
    describeLogs: {},
    runChecks: { database, only: 'ports' },
    readLocalTerms: {},
    clearClipboard: { text: 'x', afterMs: 0 },
    readObjects: { database, refresh: false },
    cancelQuery: { tab },
    endSession: { tab },
    endTransaction: { tab, how: 'commit' },
    closeQuery: { tab },
    listQueries: {},
    describeResult: { result },
    loadRows: { result, how: 'all' },
    readRows: { result, view, first: 0, rows: 1 },
    readCell: { ...cell, from: 0 },
    saveCell: cell,
    searchRows: { result, view, text: 'can', isCaseSensitive: false, from: 0, limit: 9 },
    arrangeRows: { result, order: [], filters: [] },
    copyRows: {
      result,
      view,
      rows: [{ first: 0, last: 1 }],
      columns: [0],
      format: 'csv',
      hasHeader: true,
    },
    readPlan: { result },
    pinResult: { result, isPinned: true },
    closeResult: { result },
    listExports: {},
    listHistory: recent,
    listSavedQueries: {},
    removeSavedQuery: { id: saved },
    removeHistory: { id: 'none' },
    readWorkspace: {},
    readSettings: {},
  } satisfies Partial<{ [M in Method]: Params<M> }>;
}

/** They change something, ask the control plane, or tell a secret of this device, and have tests of their own. */
const notAsked: readonly string[] = [
  ...(['startSignIn', 'cancelSignIn', 'signOut', 'lock', 'checkControlPlane'] as const),
  ...(['connect', 'disconnect', 'setPort', 'setPlace', 'writeClientFile', 'openInTool', 'openLogs'] as const),
  ...(['switchLocalTls', 'switchLocalPassword', 'readLocalPassword'] as const),
  ...(['runQuery', 'explainStatement', 'startExport', 'startAuditExport', 'cancelExport'] as const),
  ...(['saveQuery', 'writeWorkspace', 'changeSettings', 'callApi'] as const),
];

/** Asks every method. Answers the codes of the refusals. */
async function askAll(known: Parameters<typeof questions>[0]): Promise<Record<string, string>> {
  const refused: Record<string, string> = {};
  for (const [method, params] of Object.entries(questions(known)) as [Method, object][]) {
    const answer = await answerCall(backend, { kind: 'call', id: 1, method, params });
    expect(`${method}: ${JSON.stringify(answer)}`).not.toContain(canary);
    if (answer.kind === 'error') refused[method] = answer.error.code;
  }
  return refused;
}

/** What is on disk of all that, but for what waits for Ada. */
async function textsOnDisk(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.includes(`saved-queries.${ada}`));
  return await Promise.all(
    files.map(async ({ parentPath, name }) => await readFile(join(parentPath, name), 'utf8')),
  );
}

const ofTabsAndResults = [
  'cancelQuery',
  'endSession',
  'endTransaction',
  'describeResult',
  'loadRows',
  'readRows',
  'readCell',
  'saveCell',
  'searchRows',
  'arrangeRows',
  'copyRows',
  'readPlan',
  'pinResult',
  'closeResult',
] as const;

it('asks here every method that reads', () => {
  const asked = Object.keys(questions({ result: 'r', saved: 's' }));
  expect([...asked, ...notAsked].toSorted()).toEqual(Object.keys(methods).toSorted());
});

describe('what a person leaves behind when they sign out', () => {
  it.each([
    ['in the app', async () => await call('signOut', {})],
    [
      'from the lock screen',
      async () => {
        await call('lock', {});
        await call('signOut', {});
      },
    ],
    ['in another process', async () => await state.remove('account.json')],
    [
      'while the app is closed',
      async () => {
        await backend[Symbol.asyncDispose]();
        await state.remove('account.json');
        open();
      },
    ],
  ])('is told nobody, and not the next person, when it was %s', async (_, leave) => {
    const known = await use();
    await leave();
    const refusedToNobody = await askAll(known);
    for (const method of [...ofTabsAndResults, 'listQueries', 'listExports', 'listHistory', 'readWorkspace'])
      expect(refusedToNobody[method]).toBe('UNAUTHENTICATED');
    await expect(call('writeWorkspace', { tabs: [], active: canary })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect((await textsOnDisk()).join('\n')).not.toContain(canary);

    events.length = 0;
    await signInHere(ben);
    const refusedToBen = await askAll(known);
    for (const method of ofTabsAndResults) expect(refusedToBen[method]).toBe('NOT_FOUND');
    expect(await call('readSettings', {})).toEqual(initialSettings);
    expect((await call('connectionDetails', { database: shared })).paths).toEqual([]);
    expect(JSON.stringify(events)).not.toContain(canary);
  });

  it('is told to no one who signs in over them, from the first answer on', async () => {
    const known = await use();
    await call('startSignIn', { controlPlane: 'http://127.0.0.1:9', way: 'browser', organization: null });
    await askAll(known);
    expect((await textsOnDisk()).join('\n')).not.toContain(canary);
  });

  it('waits for them as far as they saved it', async () => {
    await use();
    await call('signOut', {});
    await signInHere(ben);
    expect(await call('listSavedQueries', {})).toEqual([]);
    await signInHere(ada);
    expect((await call('listSavedQueries', {})).map(({ name }) => name)).toEqual([canary]);
    expect((await call('listHistory', recent)).items).toEqual([]);
  });

  it('stays theirs over a restart', async () => {
    await use();
    await backend[Symbol.asyncDispose]();
    open();
    expect((await call('listHistory', recent)).items.map(({ sql }) => sql)).toContain(
      "select 'canary' as canary",
    );
    expect((await call('readWorkspace', {})).tabs).toHaveLength(1);
    expect((await call('readSettings', {})).pinnedDatabases).toEqual([canary]);
  });
});

it('refuses what is kept while the person before cannot be forgotten, and lets sign in', async () => {
  await use();
  const remove = state.remove.bind(state);
  state.remove = async (name) => {
    if (name === 'workspace.json') throw new AppError('INTERNAL');
    return await remove(name);
  };
  await signInHere(ben);
  await expect(call('listHistory', recent)).rejects.toMatchObject({ code: 'INTERNAL' });
  expect((await call('status', {})).account?.email).toBe('ben@example.com');
  state.remove = remove;
  expect(await call('listHistory', recent)).toMatchObject({ items: [] });
});
