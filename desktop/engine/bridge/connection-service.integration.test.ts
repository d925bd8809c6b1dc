import { createServer, type AddressInfo, type Server } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import { Secret } from '@daam/shared/base/secret';
import { describe, expect, it } from 'vitest';
import { sampleDatabase } from '../../ipc/testing/sample.ts';
import { connectionDetailsSchema } from '../../ipc/schema/databases.ts';
import { ClientFiles } from '../client-files/client-files.ts';
import { Tools } from '../tools/open-in-tool.ts';
import type { DatabaseEntry, LocalEndpoint } from '../engine.ts';
import { ConnectionService, type ConnectionServiceOptions } from './connection-service.ts';

const now = Date.parse('2030-01-15T09:00:00Z');
const id = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10';

const endpoint = (port: number): LocalEndpoint => ({
  database: 'shop',
  databaseId: id,
  host: '127.0.0.1',
  port,
  user: 'dev',
  dsn: '',
  since: now,
  clients: 2,
  path: { kind: 'direct', address: null, rttMs: 14 },
  relay: { state: 'connected', retryInMs: 0, reason: '' },
  failure: null,
});

function start({ date = now, status = 200 }: { readonly date?: number; readonly status?: number } = {}) {
  const log: string[] = [];
  const entry: DatabaseEntry = {
    id,
    name: 'shop',
    environment: 'production',
    state: 'online',
    policies: [],
    agent: null,
    port: 7_440,
    local: endpoint(7_440),
  };
  const state = { entry };
  const account = { controlPlane: 'http://localhost:7400' };
  const engine = {
    connect: async (_: string, options: { port?: number; idleCloseMs?: number | null } = {}) => {
      log.push(`connect ${options.port} ${options.idleCloseMs}`);
      state.entry = { ...entry, local: endpoint(options.port ?? 7_440) };
      return endpoint(options.port ?? 7_440);
    },
    disconnect: async () => {
      log.push('disconnect');
      state.entry = { ...entry, local: null };
    },
    databases: async () => ({ live: true, asOf: now, items: [state.entry] }),
    status: async () => ({
      account,
      secrets: { store: 'file', state: 'found' },
      certificateExpiresAt: null,
      notice: { kind: 'fine' },
      connections: state.entry.local === null ? [] : [state.entry.local],
    }),
    credentials: async () => {
      throw new AppError('UNAUTHENTICATED');
    },
    localTls: async () => ({ isOn: false, caFile: null }),
    place: async () => 'tcp',
    setPlace: async (_: string, place: string) => void log.push(`place ${place}`),
    sessions: async () => [{ id: '7', program: 'psql', since: now, sent: 40, received: 1_200 }],
    endSession: async (database: string, session: string) => {
      log.push(`end ${database} ${session}`);
      return session === '7';
    },
    localPassword: async () => new Secret('canary-password'),
    switchLocalTls: async () => {},
    switchLocalPassword: async () => {},
  } as unknown as ConnectionServiceOptions['engine'];
  const service = new ConnectionService({
    engine,
    version: '0.1.0',
    now: () => now,
    clientFiles: new ClientFiles({ home: '/nowhere', platform: 'linux', password: async () => null }),
    tools: new Tools({ tools: [], start: async () => {} }),
    idleCloseMs: async () => 60_000,
    databaseOf: async () => sampleDatabase({ name: 'shop' }),
    fetch: async () => new Response('', { status, headers: { date: new Date(date).toUTCString() } }),
  });
  return { service, log, state };
}

async function takePort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

const states = async (
  service: ConnectionService,
  database: string | null = null,
): Promise<Record<string, string>> => {
  const { checks } = await service.methods.runChecks({ database });
  return Object.fromEntries(checks.map(({ id: name, state }) => [name, state]));
};

describe('the panel of a connection', () => {
  it('shows its address, how bytes went, and that there is a password but not which', async () => {
    const { service, state } = start();
    service.look([state.entry]);
    const relayed = { ...endpoint(7_440), path: { kind: 'relay', address: null, rttMs: 40 } } as const;
    service.look([{ ...state.entry, local: relayed }]);
    const details = connectionDetailsSchema.parse(await service.methods.connectionDetails({ database: id }));
    expect(details).toMatchObject({ clients: 2, hasLocalPassword: true, roundTripMs: 14, socket: null });
    expect(details.paths.map(({ path }) => path)).toEqual(['direct', 'relay', 'direct']);
    expect(JSON.stringify(details)).not.toContain('canary-password');
    await expect(service.methods.connectionDetails({ database: 'other' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('tells what every local port asks for, and not the password', async () => {
    const { service } = start();
    const terms = await service.methods.readLocalTerms({});
    expect(terms).toEqual({ hasLocalPassword: true, tls: { isOn: false, caFile: null } });
  });

  it('lists who is connected, and ends one of them', async () => {
    const { service, log } = start();
    const { sessions } = await service.methods.connectionDetails({ database: id });
    expect(sessions).toEqual([
      { id: '7', program: 'psql', since: '2030-01-15T09:00:00.000Z', sent: 40, received: 1_200 },
    ]);
    expect(await service.methods.endPortSession({ database: id, session: '7' })).toEqual({ ended: true });
    expect(await service.methods.endPortSession({ database: id, session: '8' })).toEqual({ ended: false });
    expect(log).toEqual([`end ${id} 7`, `end ${id} 8`]);
  });

  it('moves an open port to the place that the person chose, and notes it for one that is not open', async () => {
    const { service, log, state } = start();
    await service.methods.setPlace({ database: id, place: 'tcp' });
    await service.methods.setPlace({ database: id, place: 'socket' });
    state.entry = { ...state.entry, local: null };
    await service.methods.setPlace({ database: id, place: 'socket' });
    expect(log).toEqual([
      'place tcp',
      'place socket',
      'disconnect',
      'connect undefined 60000',
      'place socket',
    ]);
  });

  it('says whether a port is free, and the next one that is', async () => {
    const { service } = start();
    const { port, server } = await takePort();
    const taken = await service.methods.checkPort({ port });
    expect(taken.isFree).toBe(false);
    expect(taken.nextFree).not.toBe(port);
    await new Promise((resolve) => server.close(resolve));
    expect(await service.methods.checkPort({ port })).toEqual({ isFree: true, nextFree: port, holder: null });
  });

  it('leaves a port open for as long as who opened it said, and has its own close when nobody uses it', async () => {
    const { service, log, state } = start();
    await service.methods.connect({ database: id });
    await service.methods.disconnect({ database: id });
    state.entry = { ...state.entry, local: null };
    await service.methods.connect({ database: id });
    await service.methods.connect({ database: id });
    expect(log).toEqual([
      'connect undefined null',
      'disconnect',
      'connect undefined 60000',
      'connect undefined 60000',
    ]);
  });

  it('moves an open connection to another port, and refuses one that is taken', async () => {
    const { service, log, state } = start();
    const { port, server } = await takePort();
    await expect(service.methods.setPort({ database: id, port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
    await new Promise((resolve) => server.close(resolve));
    await service.methods.setPort({ database: id, port });
    expect(log).toEqual(['disconnect', `connect ${port} 60000`]);
    state.entry = { ...state.entry, local: null };
    await service.methods.setPort({ database: id, port });
    expect(log.slice(2)).toEqual([`connect ${port} 60000`, 'disconnect']);
  });
});

describe('the checks', () => {
  it('pass where all is well, and tell nothing secret', async () => {
    const { service } = start();
    expect(await states(service, id)).toEqual({
      'control-plane': 'ok',
      clock: 'ok',
      'sign-in': 'ok',
      relay: 'ok',
      udp: 'ok',
      ports: 'ok',
      agent: 'ok',
    });
    const { report } = await service.methods.runChecks({ database: id });
    expect(report).not.toMatch(/canary|@|localhost/);
  });

  it('find a clock that is off, and a control plane that does not answer well', async () => {
    expect(await states(start({ date: now - 600_000 }).service)).toMatchObject({ clock: 'failed' });
    expect(await states(start({ status: 503 }).service)).toMatchObject({ 'control-plane': 'failed' });
  });

  it('are made one alone where a screen shows them one by one', async () => {
    const { checks, report } = await start().service.methods.runChecks({ database: null, only: 'ports' });
    expect(checks.map(({ id: name }) => name)).toEqual(['ports']);
    expect(report).not.toContain('control-plane');
  });

  it('say nothing of relay and UDP that nobody has tried', async () => {
    const { service, state } = start();
    state.entry = { ...state.entry, local: null };
    expect(await states(service)).toMatchObject({ relay: 'skipped', udp: 'skipped', ports: 'ok' });
  });

  it('say of a database that is not the person’s no more than that', async () => {
    expect(await states(start().service, 'other')).toMatchObject({ agent: 'failed' });
  });
});
