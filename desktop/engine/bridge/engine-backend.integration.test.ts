import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine } from '../engine.ts';
import { startFakeAgent } from '../testing/fake-agent.ts';
import type { FakeAgent } from '../testing/fake-agent.ts';
import { startFakeControlPlane } from '../testing/fake-control-plane.ts';
import type { FakeControlPlane } from '../testing/fake-control-plane.ts';
import type { Bridge } from '../../ipc/bridge.ts';
import { connectInMemory } from '../../ipc/memory-transport.ts';
import { EngineBackend } from './engine-backend.ts';

let controlPlane: FakeControlPlane;
let agent: FakeAgent;
let stateDir: string;
let engine: Engine;
let backend: EngineBackend;
let bridge: Bridge;

beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
  agent = await startFakeAgent();
  controlPlane.agent = agent.target;
  stateDir = await mkdtemp(join(tmpdir(), 'daam-bridge-'));
  engine = await Engine.open({ stateDir, secretStore: 'file', transport: 'loopback' });
  backend = new EngineBackend({ engine, version: '0.1.0', logger: silentLogger });
  bridge = connectInMemory(backend);
});

afterEach(async () => {
  bridge.close();
  await backend[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
  await agent[Symbol.asyncDispose]();
  await controlPlane[Symbol.asyncDispose]();
  await rm(stateDir, { recursive: true, force: true });
});

async function signIn(): Promise<string> {
  await engine.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
  const [database] = await bridge.call('listDatabases', {});
  if (database === undefined) throw new Error('the stand-in control plane grants no database');
  return database.id;
}

describe('the real engine behind the bridge', () => {
  it('goes from nobody to signed in, connected and disconnected, in the words of the bridge', async () => {
    expect((await bridge.call('status', {})).account).toBeNull();
    const id = await signIn();
    expect((await bridge.call('status', {})).account?.email).toContain('@');
    const connected = await bridge.call('connect', { database: id });
    expect(connected.connection).toMatchObject({ kind: 'connected', local: { port: connected.port } });
    const disconnected = await bridge.call('disconnect', { database: id });
    expect(disconnected).toMatchObject({ port: connected.port, connection: { kind: 'disconnected' } });
  });

  it('tells the screens what another program connects', async () => {
    const id = await signIn();
    const kinds: string[] = [];
    bridge.on('databasesChanged', ({ databases }) => kinds.push(databases[0]?.connection.kind ?? 'none'));
    await engine.connect(id);
    await expect.poll(() => kinds.at(-1)).toBe('connected');
    await engine.disconnect(id);
    await expect.poll(() => kinds.at(-1)).toBe('disconnected');
  });

  it('says that the port is in use', async () => {
    const id = await signIn();
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(bridge.call('connect', { database: id, port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
    other.close();
  });
});
