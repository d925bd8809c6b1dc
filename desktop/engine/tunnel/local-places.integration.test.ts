import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Secret } from '@daam/shared/base/secret';
import { passwordKeys } from '@daam/shared/pgwire/scram-verifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine } from '../engine.ts';
import type { EngineOptions } from '../engine-options.ts';
import { socketFolder, socketPath } from '../local-address.ts';
import { startFakeAgent } from '../testing/fake-agent.ts';
import { type FakeControlPlane, ids, startFakeControlPlane } from '../testing/fake-control-plane.ts';
import { FakeAgentDoor, type FakeSidecar, fakeSidecars } from '../testing/fake-sidecar.ts';

let controlPlane: FakeControlPlane;
let sidecars: ReturnType<typeof fakeSidecars>;
let stateDir: string;
let time: number;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  controlPlane = stack.use(await startFakeControlPlane());
  const door = new FakeAgentDoor();
  sidecars = fakeSidecars(door);
  time = Date.now();
  controlPlane.now = () => time;
  controlPlane.tunnel = { publicKey: door.publicKey, candidates: [] };
  const expiresAt = new Date(time + 3_600_000).toISOString();
  controlPlane.relay = { name: 'relay', url: 'ws://localhost:1/relay/v1', stun: [], token: 't', expiresAt };
  controlPlane.agent = { id: ids.agent, host: '127.0.0.1', port: 1 };
  controlPlane.grantLifetime = 36_000;
  stateDir = await mkdtemp(join(tmpdir(), 'daam-places-'));
  stack.defer(async () => await rm(stateDir, { recursive: true, maxRetries: 5 }));
  const first = await open();
  await first.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
  await first[Symbol.asyncDispose]();
});
afterEach(async () => await stack.disposeAsync());

async function open(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const clock = { now: () => time };
  const startSidecar = sidecars.start;
  return stack.use(await Engine.open({ stateDir, secretStore: 'file', clock, startSidecar, ...options }));
}

function sidecar(): FakeSidecar {
  const last = sidecars.all.at(-1);
  if (last === undefined) throw new Error('no sidecar was started');
  return last;
}

async function say(at: { readonly path: string } | { readonly port: number }): Promise<string> {
  const socket = connect('path' in at ? { path: at.path } : { host: '127.0.0.1', port: at.port });
  socket.on('error', () => {});
  socket.end('hi');
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

describe('a local port as a Unix socket', () => {
  it('is in a folder of its person alone, by the name that libpq looks for, and opens no TCP port', async () => {
    const engine = await open();
    const local = await engine.connect('shop', { place: 'socket' });
    const path = socketPath(local) ?? '';
    expect(path).toMatch(/\/\.s\.PGSQL\.\d+$/);
    expect(local.dsn).toBe(`postgres://dev@/shop?host=${encodeURIComponent(local.host)}&port=${local.port}`);
    expect((await stat(local.host)).mode & 0o777).toBe(0o700);
    expect(sidecar().sent('forward.add')).toMatchObject([{ listen: path }]);
    expect(await say({ path })).toBe('through the tunnel\nhi');
    expect(await say({ port: local.port })).toBe('');
    await engine.disconnect('shop');
    expect(await readdir(local.host)).toEqual([]);
  });

  it('lives through an end of the sidecar, at the same path', async () => {
    const engine = await open();
    const path = socketPath(await engine.connect('shop', { place: 'socket' })) ?? '';
    await sidecar().crash();
    await sidecar().up();
    await expect.poll(async () => await say({ path })).toBe('through the tunnel\nhi');
  });

  it('takes the place of one that a process left behind, and not of one that is in use', async () => {
    const folder = await socketFolder(stateDir);
    await writeFile(join(folder, '.s.PGSQL.25432'), '');
    const engine = await open();
    expect(await engine.connect('shop', { place: 'socket', port: 25_432 })).toMatchObject({ port: 25_432 });
    await engine.disconnect('shop');
    const other = createServer().listen(join(folder, '.s.PGSQL.25433'));
    await once(other, 'listening');
    stack.defer(() => void other.close());
    await expect(engine.connect('shop', { place: 'socket', port: 25_433 })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
  });

  it('is shared by all programs of the person, and not changed into a TCP port under them', async () => {
    const [host, guest] = [await open(), await open()];
    const local = await host.connect('shop', { place: 'socket' });
    expect(await guest.connect('shop')).toMatchObject({ host: local.host, port: local.port });
    for (const engine of [host, guest]) {
      await expect(engine.connect('shop', { place: 'tcp' })).rejects.toMatchObject({ code: 'CONFLICT' });
    }
  });

  it('finds a folder where the state folder’s name is too long for a socket', async () => {
    const folder = await socketFolder(join(stateDir, 'x'.repeat(120)));
    stack.defer(async () => await rm(folder, { recursive: true }));
    expect(Buffer.byteLength(join(folder, '.s.PGSQL.65535'))).toBeLessThan(104);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });
});

describe('a local port that nobody uses', () => {
  const minute = 60_000;

  it('closes by itself after the time that was asked for, and not while a client is there', async () => {
    const engine = await open({ idleCloseMs: 10 * minute });
    const { port } = await engine.connect('shop');
    const client = connect({ host: '127.0.0.1', port });
    await once(client, 'data');
    sidecar().emit({ event: 'conn.open', conn: 1, forward: ids.database, peer: 'x' });
    time += 60 * minute;
    await engine.closeIdle();
    expect((await engine.status()).connections).toHaveLength(1);
    client.destroy();
    sidecar().emit({ event: 'conn.close', conn: 1, sent: 0, received: 0, reason: 'ended' });
    time += 9 * minute;
    await engine.closeIdle();
    expect((await engine.status()).connections).toHaveLength(1);
    // One that came and went between two looks counts.
    sidecar().emit({ event: 'conn.open', conn: 2, forward: ids.database, peer: 'x' });
    sidecar().emit({ event: 'conn.close', conn: 2, sent: 0, received: 0, reason: 'ended' });
    time += 9 * minute;
    await engine.closeIdle();
    expect((await engine.status()).connections).toHaveLength(1);
    time += 10 * minute;
    await engine.closeIdle();
    expect((await engine.status()).connections).toEqual([]);
    expect(await say({ port })).toBe('');
  });

  it('stays open without such a time', async () => {
    const engine = await open();
    await engine.connect('shop');
    time += 10_000 * minute;
    await engine.closeIdle();
    expect((await engine.status()).connections).toHaveLength(1);
  });

  it('stays open for the program that wants it, when another one lets go', async () => {
    const [host, guest] = [await open({ idleCloseMs: minute }), await open()];
    const { port } = await host.connect('shop');
    await guest.connect('shop');
    time += 2 * minute;
    await host.closeIdle();
    expect(await say({ port })).toContain('through the tunnel');
    await guest.disconnect('shop');
    await expect.poll(async () => await say({ port })).toBe('');
  });

  it('tells the program that had it open in another process', async () => {
    const [host, guest] = [await open(), await open()];
    await host.databases();
    await host.connect('shop');
    await host.disconnect('shop');
    await guest.connect('shop', { idleCloseMs: minute });
    time += 2 * minute;
    await host.closeIdle();
    await expect.poll(async () => (await guest.status()).connections).toEqual([]);
  });
});

describe('the password of local ports', () => {
  it('is none until it is switched on, then what the sidecar asks for, and another one each time', async () => {
    const engine = await open();
    await engine.connect('shop');
    expect(sidecar().sent('forward.add').at(-1)).not.toHaveProperty('password');
    expect(await engine.localPassword()).toBeNull();
    await engine.switchLocalPassword('on');
    const first = (await engine.localPassword())?.reveal() ?? '';
    const asked = sidecar().sent('forward.password').at(-1)?.['password'] as Record<string, string>;
    const keys = passwordKeys(new Secret(first), Buffer.from(asked['salt'] ?? '', 'base64'), 4_096);
    expect(asked).toMatchObject({
      iterations: 4_096,
      storedKey: keys.storedKey.toString('base64'),
      serverKey: keys.serverKey.toString('base64'),
    });
    expect(first).toMatch(/^[A-Za-z0-9_-]{27}$/);
    await engine.switchLocalPassword('on');
    expect((await engine.localPassword())?.reveal()).not.toBe(first);
    await engine.switchLocalPassword('off');
    expect(await engine.localPassword()).toBeNull();
    expect(sidecar().sent('forward.password').at(-1)).not.toHaveProperty('password');
    expect(await readdir(join(stateDir, 'secrets'))).not.toContain('local-password');
  });

  it('reaches the ports that another process holds, and those that are opened later', async () => {
    const [host, guest] = [await open(), await open()];
    await host.connect('shop');
    await guest.switchLocalPassword('on');
    expect(sidecar().sent('forward.password')).toHaveLength(1);
    await host.disconnect('shop');
    await host.connect('shop');
    expect(sidecar().sent('forward.add').at(-1)).toHaveProperty('password');
  });

  it('is in the secret store alone', async () => {
    const engine = await open();
    await engine.switchLocalPassword('on');
    const password = (await engine.localPassword())?.reveal() ?? '';
    expect(await readFile(join(stateDir, 'local-password.json'), 'utf8')).not.toContain(password);
  });

  it('is not taken for switched off when the secret store has lost it', async () => {
    const engine = await open();
    await engine.switchLocalPassword('on');
    await rm(join(stateDir, 'secrets', 'local-password'));
    await expect(engine.localPassword()).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it('lets no client through while what proves it cannot be read', async () => {
    const engine = await open();
    await writeFile(join(stateDir, 'local-password.json'), '{"half":');
    const local = await engine.connect('shop');
    expect(local.failure?.code).toBe('INVALID_CONFIG');
    expect(sidecar().sent('forward.add')).toEqual([]);
    expect(await say({ port: local.port })).not.toContain('through the tunnel');
  });

  it('is asked for by a port that was just being opened when it was switched on', async () => {
    const engine = await open();
    await engine.connect('shop');
    const adding = Promise.withResolvers<void>();
    sidecar().held.set('forward.add', adding.promise);
    await sidecar().crash();
    await sidecar().up();
    await expect.poll(() => sidecar().sent('forward.add').length).toBe(2);
    expect(sidecar().sent('forward.add').at(-1)).not.toHaveProperty('password');
    const switching = engine.switchLocalPassword('on').then(() => 'switched');
    const early = await Promise.race([switching, setTimeout(300, 'waiting')]);
    adding.resolve();
    await switching;
    expect(early).toBe('waiting');
    expect(sidecar().sent('forward.password').at(-1)).toHaveProperty('password');
  });

  it('is asked for by a port that could not be told: it is closed, and opened anew', async () => {
    const engine = await open();
    const { port } = await engine.connect('shop');
    sidecar().failing.add('forward.password');
    await engine.switchLocalPassword('on');
    expect(sidecar().sent('forward.remove').length).toBeGreaterThan(1);
    await expect.poll(() => sidecar().sent('forward.add').length).toBe(2);
    expect(sidecar().sent('forward.add').at(-1)).toHaveProperty('password');
    await expect.poll(async () => await say({ port })).toContain('through the tunnel');
  });

  it('ends a sidecar that neither takes it nor closes the port', async () => {
    const engine = await open();
    await engine.connect('shop');
    sidecar().failing.add('forward.password').add('forward.remove');
    await engine.switchLocalPassword('on');
    expect(sidecar().restarts).toBe(1);
    sidecar().failing.clear();
    await expect.poll(() => sidecar().sent('forward.add').length, { timeout: 10_000 }).toBe(2);
    expect(sidecar().sent('forward.add').at(-1)).toHaveProperty('password');
  });

  it('closes an open port when what proves it cannot be read any more', async () => {
    const engine = await open();
    const { port } = await engine.connect('shop');
    await engine.switchLocalPassword('on');
    await writeFile(join(stateDir, 'local-password.json'), '{"half":');
    await engine.switchLocalTls('off');
    await expect
      .poll(async () => (await engine.status()).connections[0]?.failure?.code)
      .toBe('INVALID_CONFIG');
    expect(await say({ port })).not.toContain('through the tunnel');
  });

  it('refuses to open a port that could not ask for it', async () => {
    const agent = stack.use(await startFakeAgent());
    controlPlane.agent = agent.target;
    await (await open()).switchLocalPassword('on');
    const plain = await open({ transport: 'loopback' });
    await expect(plain.connect('shop')).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});
