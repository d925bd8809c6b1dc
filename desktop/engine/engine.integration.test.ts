import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { decodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine, type EngineOptions } from './engine.ts';
import { type FakeAgent, startFakeAgent } from './testing/fake-agent.ts';
import { type FakeControlPlane, ids, startFakeControlPlane } from './testing/fake-control-plane.ts';

let controlPlane: FakeControlPlane;
let agent: FakeAgent;
let stateDir: string;
let engines: Engine[];
let sockets: Socket[];
let time: number;

beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
  agent = await startFakeAgent();
  controlPlane.agent = agent.target;
  stateDir = await mkdtemp(join(tmpdir(), 'daam-engine-'));
  engines = [];
  sockets = [];
  time = Date.UTC(2030, 0, 1);
  controlPlane.now = () => time;
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const engine of engines) await engine[Symbol.asyncDispose]();
  await agent[Symbol.asyncDispose]();
  await controlPlane[Symbol.asyncDispose]();
  await rm(stateDir, { recursive: true });
});

async function open(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = await Engine.open({
    stateDir,
    secretStore: 'file',
    transport: 'loopback',
    clock: { now: () => time },
    ...options,
  });
  engines.push(engine);
  return engine;
}

async function signedIn(): Promise<Engine> {
  const engine = await open();
  await engine.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
  return engine;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function ended(socket: Socket): Promise<void> {
  if (socket.readableEnded || socket.closed) return;
  await new Promise((resolve) => socket.resume().once('end', resolve).once('close', resolve));
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Sends and ends, then returns everything that came back. */
async function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = await dial(port);
  socket.end(bytes);
  return readAll(socket);
}

const startup = Buffer.concat([
  Buffer.from([0, 0, 0, 0, 0, 3, 0, 0]),
  Buffer.from('user\0dev\0database\0shop\0\0'),
]);
startup.writeInt32BE(startup.length, 0);
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

describe('signing in', () => {
  it('keeps account and secrets in files that only the person can read', async () => {
    const engine = await signedIn();
    const status = await engine.status();
    expect(status.account).toMatchObject({ user: { email: 'dev@example.com' }, secretStore: 'file' });
    expect(status.secrets).toEqual({ store: 'file', state: 'found' });
    expect((await stat(join(stateDir, 'secrets'))).mode & 0o777).toBe(0o700);
    const names = await readdir(join(stateDir, 'secrets'));
    expect(names.sort()).toEqual(['api-token', 'device-key']);
    for (const name of names) {
      expect((await stat(join(stateDir, 'secrets', name))).mode & 0o777).toBe(0o600);
    }
    const deviceKey = await readFile(join(stateDir, 'secrets/device-key'), 'utf8');
    for (const file of ['account.json', 'certificate.json']) {
      const text = await readFile(join(stateDir, file), 'utf8');
      expect(text).not.toContain(controlPlane.token);
      expect(text).not.toContain(deviceKey);
    }
  });

  it('keeps nothing when the token is refused', async () => {
    const engine = await open();
    const attempt = engine.login({ controlPlane: controlPlane.url, token: new Secret('daam_pat_wrong') });
    await expect(attempt).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await readdir(stateDir)).not.toContain('account.json');
    expect((await engine.status()).secrets.state).toBe('missing');
  });

  it('keeps the device key when the same person signs in again', async () => {
    const engine = await signedIn();
    const before = (await engine.status()).account?.device.publicKey;
    await engine.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
    expect((await engine.status()).account?.device.publicKey).toBe(before);
  });

  it.each(['http://example.com', 'ftp://localhost', 'localhost', 'https://u:p@example.com'])(
    'sends no token to %s',
    async (url) => {
      const engine = await open({ fetch: () => Promise.reject(new Error('called')) });
      await expect(engine.login({ controlPlane: url, token: new Secret('t') })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        field: 'control-plane',
      });
    },
  );

  it('says so when there is no keyring, and does not fall back to files', async () => {
    const { KeyringSecretStore } = await import('./keyring-secret-store.ts');
    const engine = await open({
      secretStore: 'keyring',
      makeStore: () =>
        new KeyringSecretStore({ profile: 'p', openEntry: () => Promise.reject(new Error('no bus')) }),
    });
    const attempt = engine.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
    await expect(attempt).rejects.toMatchObject({ code: 'SECRET_STORE_UNAVAILABLE' });
    expect(await readdir(stateDir)).toEqual([]);
  });

  it('has local ports ask for another password once its person left, and for none where they asked for none', async () => {
    const engine = await signedIn();
    await engine.logout();
    expect(await engine.localPassword()).toBeNull();
    await engine.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
    await engine.switchLocalPassword('on');
    const before = (await engine.localPassword())?.reveal();
    await engine.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
    expect((await engine.localPassword())?.reveal()).toBe(before);
    await engine.logout();
    const after = (await engine.localPassword())?.reveal();
    expect(after).toMatch(/^[\w-]{27}$/);
    expect(after).not.toBe(before);
  });

  it('forgets everything at logout', async () => {
    const engine = await signedIn();
    await engine.logout();
    expect((await engine.status()).account).toBeNull();
    expect(await readdir(join(stateDir, 'secrets'))).toEqual([]);
    await expect(engine.databases()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('a local port', () => {
  it('carries bytes both ways and shows the agent certificate and grant', async () => {
    const engine = await signedIn();
    const local = await engine.connect('shop');
    expect(local).toMatchObject({ database: 'shop', host: '127.0.0.1', user: 'dev' });
    expect(local.dsn).toBe(`postgres://dev@127.0.0.1:${local.port}/shop`);
    expect((await exchange(local.port, Buffer.from('hello'))).toString()).toBe('hello');
    expect(agent.knocks[0]).toMatchObject({ database: ids.database });
    expect(agent.knocks[0]?.grant).not.toBeNull();
  });

  it('carries megabytes without losing or reordering a byte, while the reader is slow', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop', { port: 0 });
    const bytes = randomBytes(8 * 1024 * 1024);
    const socket = await dial(port);
    socket.pause();
    socket.end(bytes);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await readAll(socket)).equals(bytes)).toBe(true);
  });

  it('passes on what the agent still has to say after the client has ended its side', async () => {
    agent.serve = (socket) => {
      socket.resume();
      socket.once('end', () => socket.end('goodbye'));
    };
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    expect((await exchange(port, Buffer.from('x'))).toString()).toBe('goodbye');
  });

  it('ends the stream when the client is gone, and the client when the stream is cut', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    const first = await dial(port);
    first.write('a');
    await once(first, 'data');
    const [stream] = agent.streams;
    first.resetAndDestroy();
    if (stream?.closed === false) await new Promise((resolve) => stream.once('close', resolve));
    expect(agent.streams.size).toBe(0);

    const second = await dial(port);
    second.write('a');
    await once(second, 'data');
    for (const each of agent.streams) each.resetAndDestroy();
    await ended(second);
    await expect.poll(async () => (await engine.databases()).items[0]?.local?.clients).toBe(0);
  });

  it('is the same one the next time, also for another engine', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    expect((await engine.connect('shop')).port).toBe(port);
    await engine.disconnect('shop');
    const other = await open();
    expect((await other.connect(ids.database)).port).toBe(port);
    expect((await other.databases()).items[0]).toMatchObject({ port, local: { port } });
  });

  it('is not moved silently when somebody else sits on it', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    await engine.disconnect('shop');
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      await expect(engine.connect('shop')).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    } finally {
      squatter.close();
    }
    expect((await engine.connect('shop')).port).toBe(port);
  });

  it('closes with everything that came through it', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    const client = await dial(port);
    client.write('a');
    await once(client, 'data');
    await engine.disconnect('shop');
    await ended(client);
    const refused = connect({ host: '127.0.0.1', port });
    const [failure] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(failure.code).toBe('ECONNREFUSED');
  });

  it('tells who is connected by the name that the program gives itself, and ends one alone', async () => {
    const engine = await signedIn();
    const { port, databaseId } = await engine.connect('shop');
    const named = Buffer.concat([
      Buffer.from([0, 0, 0, 41, 0, 3, 0, 0]),
      Buffer.from('user\0mina\0application_name\0psql\0\0'),
    ]);
    const [first, second] = [await dial(port), await dial(port)];
    first.write(sslRequest);
    first.write(named);
    await once(first, 'data');
    second.write(startup);
    await once(second, 'data');
    await expect
      .poll(async () => (await engine.sessions(databaseId)).map(({ program }) => program))
      .toEqual(['psql', null]);
    const [session] = await engine.sessions(databaseId);
    expect(session).toMatchObject({ sent: sslRequest.length + named.length });
    expect(await engine.endSession(databaseId, '99')).toBe(false);
    expect(await engine.endSession('other', session?.id ?? '')).toBe(false);
    expect(await engine.endSession(databaseId, session?.id ?? '')).toBe(true);
    await ended(first);
    second.write('still here');
    await once(second, 'data');
    await expect.poll(async () => (await engine.sessions(databaseId)).length).toBe(1);
  });

  it('listens where the database’s place is, unless somebody asks for another', async () => {
    const engine = await signedIn();
    const { databaseId } = await engine.connect('shop');
    await engine.disconnect('shop');
    await engine.setPlace(databaseId, 'socket');
    expect((await engine.connect('shop')).host).toContain('/');
    await engine.disconnect('shop');
    expect((await engine.connect('shop', { place: 'tcp' })).host).toBe('127.0.0.1');
    expect(await engine.place(databaseId)).toBe('socket');
  });

  it('is not opened for a database that the person has no access to', async () => {
    const engine = await signedIn();
    await expect(engine.connect('payroll')).rejects.toMatchObject({ code: 'NOT_FOUND', field: 'database' });
  });
});

describe('a client whose stream cannot be opened', () => {
  async function failureSeenBy(port: number, ...packets: Buffer[]) {
    const socket = await dial(port);
    socket.end(Buffer.concat(packets));
    const answer = await readAll(socket);
    const negotiated = packets.length - 1;
    expect(answer.subarray(0, negotiated).toString()).toBe('N'.repeat(negotiated));
    const frame = answer.subarray(negotiated);
    expect(frame.toString('latin1', 0, 1)).toBe('E');
    expect(frame.readInt32BE(1)).toBe(frame.length - 1);
    return decodeErrorResponse(frame.subarray(5));
  }

  it('is told the agent’s refusal as an ErrorResponse, also after SSLRequest', async () => {
    agent.refuseWith = { ok: false, code: 'REVOKED', message: 'This device was revoked.', hint: 'Ask.' };
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    const expected = { severity: 'FATAL', code: '28000', message: 'This device was revoked.', hint: 'Ask.' };
    expect(await failureSeenBy(port, startup)).toEqual(expected);
    expect(await failureSeenBy(port, sslRequest, startup)).toEqual(expected);
  });

  it('is told that the agent cannot be reached', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    await agent[Symbol.asyncDispose]();
    expect(await failureSeenBy(port, startup)).toMatchObject({ code: '08006' });
    agent = await startFakeAgent();
  });

  it('gets no terminal control characters from an agent', async () => {
    agent.refuseWith = { ok: false, code: 'FORBIDDEN', message: 'a\u001b[2Jb', hint: null };
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    expect((await failureSeenBy(port, startup)).message).toBe('a [2Jb');
  });

  it('is closed without an answer when it does not speak PostgreSQL', async () => {
    agent.refuseWith = { ok: false, code: 'REVOKED', message: 'no', hint: null };
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    expect(await exchange(port, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toHaveLength(0);
  });

  it('finds the agent again after it moved', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    expect((await exchange(port, Buffer.from('1'))).toString()).toBe('1');
    await agent[Symbol.asyncDispose]();
    agent = await startFakeAgent();
    controlPlane.agent = agent.target;
    expect((await exchange(port, Buffer.from('2'))).toString()).toBe('2');
  });
});

describe('without the control plane', () => {
  const outage = { status: 503, code: 'CONTROL_PLANE_UNAVAILABLE' };

  it('connects with what is held, the list as it was', async () => {
    const engine = await signedIn();
    await engine.databases();
    const { port } = await engine.connect('shop');
    await exchange(port, Buffer.from('x'));
    controlPlane.failWith = outage;
    expect(await engine.databases()).toMatchObject({ live: false, items: [{ name: 'shop' }] });
    expect((await exchange(port, Buffer.from('y'))).toString()).toBe('y');
    const restarted = await open();
    const local = await restarted.connect('shop', { port: 0 });
    expect((await exchange(local.port, Buffer.from('z'))).toString()).toBe('z');
  });

  it('goes on without a grant when the grant has ended, and stops when the certificate has', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    await exchange(port, Buffer.from('x'));
    controlPlane.failWith = outage;
    time += 400_000;
    expect((await exchange(port, Buffer.from('y'))).toString()).toBe('y');
    expect(agent.knocks.at(-1)?.grant).toBeNull();
    time += 3_600_000;
    const answer = await exchange(port, startup);
    expect(decodeErrorResponse(answer.subarray(5))).toMatchObject({ code: '28000' });
    expect(agent.knocks).toHaveLength(2);
  });

  it('does not take a refusal for an outage', async () => {
    const engine = await signedIn();
    await engine.databases();
    controlPlane.failWith = { status: 401, code: 'REVOKED' };
    await expect(engine.databases()).rejects.toMatchObject({ code: 'REVOKED' });
  });
});

describe('renewal', () => {
  const count = (part: string): number => controlPlane.calls.filter((call) => call.includes(part)).length;

  it('asks once however many clients connect at once', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    await Promise.all(Array.from({ length: 10 }, (_, n) => exchange(port, Buffer.from(String(n)))));
    expect(count('/certificate')).toBe(1);
    expect(count('/grant')).toBe(1);
  });

  it('uses what is due at once and renews it meanwhile', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    await exchange(port, Buffer.from('x'));
    const first = agent.knocks.at(-1)?.grant;
    time += 201_000;
    await exchange(port, Buffer.from('y'));
    expect(agent.knocks.at(-1)?.grant).toBe(first);
    await expect.poll(() => count('/grant')).toBe(2);
    await expect
      .poll(async () => {
        await exchange(port, Buffer.from('z'));
        return agent.knocks.at(-1)?.grant;
      })
      .not.toBe(first);
  });

  it('takes a new grant with a new certificate', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    await exchange(port, Buffer.from('x'));
    controlPlane.grantLifetime = 100_000;
    time += 3_600_000;
    await exchange(port, Buffer.from('y'));
    const [first, second] = [agent.knocks[0], agent.knocks.at(-1)];
    expect(second?.certificate).not.toBe(first?.certificate);
    expect(second?.grant).not.toBe(first?.grant);
  });
});
