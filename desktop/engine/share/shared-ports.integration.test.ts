import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine } from '../engine.ts';
import { type FakeControlPlane, ids, startFakeControlPlane } from '../testing/fake-control-plane.ts';
import { FakeAgentDoor, fakeSidecars } from '../testing/fake-sidecar.ts';
import { claim, knockAt, shareSocketPath } from './claim.ts';

let controlPlane: FakeControlPlane;
let stateDir: string;
let stack: AsyncDisposableStack;
let sidecars: ReturnType<typeof fakeSidecars>;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  controlPlane = stack.use(await startFakeControlPlane());
  const door = new FakeAgentDoor();
  sidecars = fakeSidecars(door);
  controlPlane.tunnel = { publicKey: door.publicKey, candidates: [] };
  controlPlane.relay = {
    name: 'relay',
    url: 'ws://localhost:1/relay/v1',
    stun: [],
    token: 't',
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
  controlPlane.agent = { id: ids.agent, host: '127.0.0.1', port: 1 };
  stateDir = await mkdtemp(join(tmpdir(), 'daam-share-'));
  stack.defer(async () => await rm(stateDir, { recursive: true, maxRetries: 5 }));
  const first = await open();
  await first.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
  await first[Symbol.asyncDispose]();
});
afterEach(async () => await stack.disposeAsync());

async function open(): Promise<Engine> {
  return stack.use(await Engine.open({ stateDir, secretStore: 'file', startSidecar: sidecars.start }));
}

async function say(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  socket.end('x');
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const running = () => sidecars.all.filter(({ isDisposed }) => !isDisposed);

describe('engines of one state folder', () => {
  it('share one tunnel and one port', async () => {
    const [host, guest] = [await open(), await open()];
    const a = await host.connect('shop');
    const b = await guest.connect('shop', { port: 0 });
    expect(b.port).toBe(a.port);
    expect(running()).toHaveLength(1);
    expect((await guest.status()).connections).toMatchObject([{ database: 'shop', port: a.port }]);
    expect((await guest.databases()).items[0]?.local?.port).toBe(a.port);
  });

  it('become host one at a time, however many begin at once', async () => {
    const engines = await Promise.all(Array.from({ length: 6 }, open));
    const ports = await Promise.all(engines.map(async (each) => (await each.connect('shop')).port));
    expect(new Set(ports).size).toBe(1);
    expect(sidecars.all).toHaveLength(1);
  });

  it('keep a port open as long as one of them wants it', async () => {
    const [host, guest, other] = [await open(), await open(), await open()];
    await host.databases();
    // Whoever connects first is the host: it holds nothing itself after this.
    const first = await host.connect('shop');
    await host.disconnect('shop');
    const { port } = await guest.connect('shop');
    await other.connect('shop');
    expect(port).toBe(first.port);
    await guest.disconnect('shop');
    expect(await say(port)).toContain('through the tunnel');
    await other[Symbol.asyncDispose]();
    await expect.poll(async () => await say(port)).toBe('');
  });

  it('go on at the same port when the host has gone', async () => {
    const [host, guest, other] = [await open(), await open(), await open()];
    const { port } = await host.connect('shop');
    await Promise.all([guest.connect('shop'), other.connect('shop')]);
    await host[Symbol.asyncDispose]();
    await expect.poll(async () => await say(port), { timeout: 5_000 }).toContain('through the tunnel');
    expect(running()).toHaveLength(1);
    await expect.poll(async () => (await other.status()).connections.length).toBe(1);
  });

  it('hear it when the host’s person disconnects', async () => {
    const [host, guest] = [await open(), await open()];
    await host.connect('shop');
    await guest.connect('shop');
    await host.disconnect('shop');
    await expect.poll(async () => (await guest.status()).connections.length).toBe(0);
  });

  it('tell who is connected, and end one, from whichever of them', async () => {
    const [host, guest] = [await open(), await open()];
    const { databaseId } = await host.connect('shop');
    expect(await guest.sessions(databaseId)).toEqual([]);
    await guest.connect('shop');
    for (const each of [host, guest]) {
      await expect.poll(async () => (await each.sessions(databaseId)).length).toBe(1);
      expect(await each.sessions(databaseId)).toMatchObject([
        { id: '7', program: 'psql', sent: 40, received: 1_200 },
      ]);
      expect(await each.endSession(databaseId, '7')).toBe(true);
      expect(await each.endSession(databaseId, '8')).toBe(false);
    }
    expect(await host.sessions('other')).toEqual([]);
  });

  it('pass on why a database cannot be opened', async () => {
    const [host, guest] = [await open(), await open()];
    await host.connect('shop');
    await expect(guest.connect('payroll')).rejects.toMatchObject({ code: 'NOT_FOUND', field: 'database' });
    await expect(guest.connect('shop', { port: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('end their connections when the person signs out in one of them', async () => {
    const [host, guest, other] = [await open(), await open(), await open()];
    const { port } = await host.connect('shop');
    await guest.connect('shop');
    await other.logout();
    expect(await say(port)).toBe('');
    await expect.poll(async () => (await guest.status()).connections.length).toBe(0);
    expect(running()).toHaveLength(0);
  });
});

describe('the claim', () => {
  it('clears away the socket of a host that died', async () => {
    const path = await shareSocketPath(stateDir);
    await writeFile(path, '');
    const claimed = await claim(path, () => {});
    expect(claimed.kind).toBe('host');
    if (claimed.kind === 'host') await new Promise((resolve) => claimed.server.close(resolve));
  });

  it('welcomes the guest that comes in the very moment in which it is made', async () => {
    const path = await shareSocketPath(stateDir);
    const welcomed: Socket[] = [];
    const claiming = claim(path, (guest) => void welcomed.push(guest));
    let guest = await knockAt(path);
    while (guest === null) guest = await knockAt(path);
    await expect.poll(() => welcomed.length).toBe(1);
    guest.socket.destroy();
    const claimed = await claiming;
    for (const each of welcomed) each.destroy();
    if (claimed.kind === 'host') await new Promise((resolve) => claimed.server.close(resolve));
  });

  it('finds a place for the socket where the folder’s name is too long', async () => {
    const path = await shareSocketPath(join(stateDir, 'x'.repeat(120)));
    expect(Buffer.byteLength(path)).toBeLessThan(104);
    stack.defer(async () => await rm(join(path, '..'), { recursive: true }));
  });

  it('survives whatever is said to it', async () => {
    const host = await open();
    const { port } = await host.connect('shop');
    const path = await shareSocketPath(stateDir);
    const alphabet = [
      '{"id":1',
      ',"do":"close"',
      ',"database":"shop"',
      '}',
      '\n',
      '\u0000',
      '[',
      '1e999',
      '"',
    ];
    for (let round = 0; round < 40; round += 1) {
      const bytes = Buffer.concat(
        Array.from({ length: randomInt(1, 12) }, () =>
          Math.random() < 0.5
            ? randomBytes(randomInt(0, 40))
            : Buffer.from(alphabet[randomInt(alphabet.length)] ?? ''),
        ),
      );
      const socket = connect({ path });
      socket.on('error', () => {});
      socket.end(bytes);
      await once(socket.resume(), 'close');
    }
    expect(await say(port)).toContain('through the tunnel');
  });

  it('ends a guest that does not speak as agreed', async () => {
    const host = await open();
    await host.connect('shop');
    for (const bytes of ['nonsense\n', '{"id":1,"do":"unknown"}\n', 'x'.repeat(70_000)]) {
      const socket = connect({ path: await shareSocketPath(stateDir) });
      socket.on('error', () => {});
      socket.write(bytes);
      await once(socket.resume(), 'close');
    }
    expect((await host.status()).connections).toHaveLength(1);
  });
});
