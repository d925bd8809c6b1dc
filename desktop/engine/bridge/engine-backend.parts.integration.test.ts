import { silentLogger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateFolder } from '../state-folder.ts';
import type { DatabaseEntry, LocalEndpoint } from '../engine.ts';
import { statusSchema } from '../../ipc/schema/account.ts';
import { databaseSchema } from '../../ipc/schema/databases.ts';
import type { BridgeEvent } from '../../ipc/schema.ts';
import { EngineBackend } from './engine-backend.ts';
import type { EngineBackendOptions } from './engine-backend.ts';

type EnginePart = EngineBackendOptions['engine'];
const id = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10';
const asOf = Date.parse('2030-01-15T09:41:00Z');
const entry: DatabaseEntry = {
  id,
  name: 'shop',
  environment: 'production',
  state: 'online',
  policies: ['analyst'],
  agent: null,
  port: null,
  local: null,
};
const endpoint: LocalEndpoint = {
  database: 'shop',
  databaseId: id,
  host: '127.0.0.1',
  port: 7_440,
  user: 'dev',
  dsn: 'postgres://dev@127.0.0.1:7440/shop',
  since: asOf,
  clients: 0,
  path: { kind: 'loopback', address: null, rttMs: null },
  relay: null,
  failure: null,
};
const account = {
  version: 1,
  controlPlane: 'http://localhost:7400',
  user: { id, email: 'dev@example.com', name: 'Dev' },
  organization: { id, name: 'Example' },
  device: { id, name: 'laptop', publicKey: 'x' },
  secretStore: 'file',
  signedInWith: 'token',
  signedInAt: '2030-01-15T09:00:00Z',
} as const;

async function refuse(): Promise<never> {
  throw new AppError('UNSUPPORTED');
}

/** The engine's outside, with what it would say in the test's hands. */
class FakeEngine implements EnginePart {
  items: DatabaseEntry[] = [entry];
  live = true;
  isSignedIn = true;
  reads = 0;
  changed = (): void => {};

  async status(): ReturnType<EnginePart['status']> {
    return {
      account: this.isSignedIn ? account : null,
      secrets: { store: 'file', state: 'found' },
      certificateExpiresAt: null,
      notice: { kind: 'fine' },
      connections: [],
    };
  }

  async databases(): ReturnType<EnginePart['databases']> {
    this.reads += 1;
    if (!this.isSignedIn) throw new AppError('UNAUTHENTICATED');
    return { live: this.live, asOf, items: this.items };
  }

  async connect(_database: string, options?: { port?: number }): Promise<LocalEndpoint> {
    const local = { ...endpoint, port: options?.port ?? endpoint.port };
    this.items = [{ ...entry, port: local.port, local }];
    this.changed();
    return local;
  }

  readonly stateFolder: StateFolder;

  constructor(stateFolder: StateFolder) {
    this.stateFolder = stateFolder;
  }

  api = async (): Promise<never> => await refuse();
  signInAgain = async (): Promise<never> => await refuse();
  credentials = async (): Promise<never> => await refuse();
  logout = async (): Promise<never> => await refuse();
  loginWithPasskey = async (): Promise<never> => await refuse();
  switchLocalTls = async (): Promise<never> => await refuse();
  switchLocalPassword = async (): Promise<never> => await refuse();
  localPassword = async (): Promise<null> => null;
  sessions = async (): Promise<[]> => [];
  endSession = async (): Promise<boolean> => false;
  place = async (): Promise<'tcp'> => 'tcp';
  setPlace = async (): Promise<never> => await refuse();
  localTls = async (): ReturnType<EnginePart['localTls']> => ({ isOn: false, caFile: null });

  async disconnect(): Promise<void> {
    this.items = [{ ...entry, port: endpoint.port }];
    this.changed();
  }

  subscribe(listener: () => void): () => void {
    this.changed = listener;
    return () => void (this.changed = () => {});
  }
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-backend-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function start() {
  const engine = new FakeEngine(await StateFolder.open(folder));
  const clock = { now: () => asOf + 60_000 };
  const backend = new EngineBackend({ engine, version: '0.1.0', logger: silentLogger, clock });
  const events: BridgeEvent[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { engine, backend, events, settle, stop: backend.subscribe((event) => events.push(event)) };
}

describe('the engine behind the bridge', () => {
  it('shows a database, and what is not known as not known', async () => {
    await using backend = (await start()).backend;
    const [database] = await backend.methods.listDatabases({});
    expect(databaseSchema.parse(database)).toMatchObject({
      id,
      name: 'shop',
      access: { policies: [{ name: 'analyst', version: null }], operations: null, maskedColumns: null },
      connection: { kind: 'disconnected' },
      blocked: null,
    });
  });

  it('connects on the port that was asked for, and shows no dsn', async () => {
    await using backend = (await start()).backend;
    const connected = await backend.methods.connect({ database: id, port: 7_555 });
    expect(databaseSchema.parse(connected).connection).toEqual({
      kind: 'connected',
      local: { host: '127.0.0.1', port: 7_555, user: 'dev', database: 'shop' },
      path: 'loopback',
      since: '2030-01-15T09:41:00.000Z',
    });
  });

  it('keeps the port of a database that is disconnected', async () => {
    await using backend = (await start()).backend;
    await backend.methods.connect({ database: id });
    expect(await backend.methods.disconnect({ database: id })).toMatchObject({
      port: 7_440,
      connection: { kind: 'disconnected' },
    });
  });

  it.each(['offline', 'unregistered'] as const)('blocks a database whose agent is %s', async (state) => {
    const { engine, backend } = await start();
    await using _owned = backend;
    engine.items = [{ ...entry, state }];
    expect((await backend.methods.listDatabases({}))[0]?.blocked?.code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('blocks nothing by what an old list says, and tells since when it is offline', async () => {
    const { engine, backend } = await start();
    await using _owned = backend;
    engine.items = [{ ...entry, state: 'offline' }];
    engine.live = false;
    expect((await backend.methods.listDatabases({}))[0]?.blocked).toBeNull();
    expect(statusSchema.parse(await backend.methods.status({}))).toMatchObject({
      controlPlane: { kind: 'offline', since: '2030-01-15T09:42:00.000Z' },
      databasesAsOf: '2030-01-15T09:41:00.000Z',
    });
  });

  it('shows nobody and nothing when nobody is signed in', async () => {
    const { engine, backend } = await start();
    await using _owned = backend;
    engine.isSignedIn = false;
    expect((await backend.methods.status({})).account).toBeNull();
    expect(await backend.methods.listDatabases({})).toEqual([]);
  });

  it('tells a change once, and nothing when nothing differs', async () => {
    const { engine, backend, events, settle } = await start();
    await using _owned = backend;
    await backend.methods.connect({ database: id });
    await expect
      .poll(() => events.at(-1))
      .toMatchObject({
        event: 'databasesChanged',
        payload: { databases: [{ port: 7_440 }] },
      });
    const told = events.length;
    const { reads } = engine;
    engine.changed();
    await expect.poll(() => engine.reads).toBeGreaterThan(reads);
    await backend.methods.listDatabases({});
    await settle();
    expect(events.length).toBe(told);
  });

  it('reads once more, not once for each, when much changes at once', async () => {
    const { engine, backend, settle } = await start();
    await using _owned = backend;
    // Nothing is told before the lock is known.
    await backend.methods.readLock({});
    for (let change = 0; change < 50; change += 1) engine.changed();
    await expect.poll(() => engine.reads).toBe(2);
    await backend.methods.listNotifications({});
    await settle();
    expect(engine.reads).toBe(2);
  });

  it('reads nothing while no screen listens', async () => {
    const { engine, backend, stop, settle } = await start();
    await using _owned = backend;
    stop();
    engine.changed();
    await settle();
    expect(engine.reads).toBe(0);
  });
});
