import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { silentLogger } from '@daam/shared/base/logger';
import type { Logger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { closeCodes, maxClientMessageBytes } from '../ipc/messages.ts';
import { testBridgeContract } from '../ipc/testing/bridge-contract.ts';
import { MemoryBackend } from '../ipc/testing/memory-backend.ts';
import { sampleDatabases, sampleStatus, sampleTime } from '../ipc/testing/sample.ts';
import { connectWebSocket } from '../ipc/web-socket-transport.ts';
import { startDesktopWeb } from './app.ts';
import type { DesktopWeb } from './app.ts';

const token = 'correct-token-of-at-least-32-characters';
const loopbackHosts = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .map(({ address }) => address)
  .filter((address) => address === '127.0.0.1' || address === '::1');
let folder = '';
let assetsDir = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-web-'));
  assetsDir = join(folder, 'dist');
  await mkdir(join(assetsDir, 'assets'), { recursive: true });
  await writeFile(join(assetsDir, 'index.html'), '<!doctype html><title>DAAM</title>');
  await writeFile(join(assetsDir, 'assets', 'main-1a2b.js'), 'export {};');
  await writeFile(join(assetsDir, 'notes.txt'), 'not a kind of file that is served');
  await writeFile(join(folder, 'secret.html'), 'canary');
  await symlink(join(folder, 'secret.html'), join(assetsDir, 'link.html'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const newBackend = (): MemoryBackend =>
  new MemoryBackend({ databases: sampleDatabases, status: sampleStatus, now: sampleTime, user: 'dev' });

function start(logger: Logger = silentLogger, backend = newBackend()): Promise<DesktopWeb> {
  return startDesktopWeb({ backend, port: 0, token: new Secret(token), assetsDir, logger });
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** Sends the path as it is; fetch would tidy it up first. */
function get(url: string, path: string, options: { host?: string; method?: string } = {}): Promise<Answer> {
  const { port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = { host: options.host ?? host };
    request({ host: '127.0.0.1', port, path, method: options.method ?? 'GET', headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .on('error', reject)
      .end();
  });
}

/** Opens the bridge as a page would; resolves with the HTTP status of a refusal, or with the open socket. */
function openBridge(
  url: string,
  { origin = url, host, path = '/bridge' }: { origin?: string | null; host?: string; path?: string } = {},
): Promise<WebSocket | number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, {
    headers: host === undefined ? {} : { host },
    ...(origin === null ? {} : { origin }),
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', reject);
  });
}

async function openSocket(url: string): Promise<WebSocket> {
  const opened = await openBridge(url);
  if (typeof opened === 'number') throw new Error(`refused with ${opened}`);
  return opened;
}

const closeCode = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => socket.on('close', resolve));
const hello = (offered: string): string => JSON.stringify({ kind: 'hello', version: 2, token: offered });
const call = (id: number): string =>
  JSON.stringify({ kind: 'call', id, method: 'listDatabases', params: {} });

describe('the desktop page', () => {
  it('serves the screens with a policy that allows nothing inline and nothing from elsewhere', async () => {
    await using web = await start();
    const { status, headers, body } = await get(web.url, '/');
    expect(status).toBe(200);
    expect(body).toContain('<title>DAAM</title>');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });

  it('lets browsers keep only what has a hash in its name', async () => {
    await using web = await start();
    const { headers } = await get(web.url, '/assets/main-1a2b.js');
    expect(headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8' });
    expect(headers['cache-control']).toContain('immutable');
  });

  it.each([
    '/../secret.html',
    '/..%2fsecret.html',
    '/%2e%2e/secret.html',
    '/assets/../../secret.html',
    '/assets/..\\..\\secret.html',
    '//etc/passwd',
    '/link.html',
    '/notes.txt',
    '/index.html%00.js',
    '/constructor',
  ])('has no page at %s', async (path) => {
    await using web = await start();
    const { status, body } = await get(web.url, path);
    expect(status).toBe(404);
    expect(body).not.toContain('canary');
  });

  it.each(['evil.example', 'localhost', 'localhost:1', '127.0.0.1:PORT', 'localhost.evil.example:PORT'])(
    'does not answer to the name %s',
    async (host) => {
      await using web = await start();
      const named = host.replace('PORT', new URL(web.url).port);
      expect((await get(web.url, '/', { host: named })).status).toBe(421);
    },
  );

  it('answers nothing but GET and HEAD', async () => {
    await using web = await start();
    expect((await get(web.url, '/', { method: 'POST' })).status).toBe(405);
    expect(await get(web.url, '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('keeps its token out of the address that may be logged, and out of the log', async () => {
    const lines: string[] = [];
    const write = (fields: unknown, message: string): void =>
      void lines.push(JSON.stringify(fields) + message);
    const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
    await using web = await start(logger);
    const socket = await openSocket(web.url);
    const closed = closeCode(socket);
    socket.send(hello(`${token}x`));
    await closed;
    expect(web.openUrl.reveal()).toBe(`${web.url}/#token=${token}`);
    expect(web.url + lines.join('\n') + JSON.stringify(web)).not.toContain('correct-token');
    expect(lines.length).toBeGreaterThan(1);
  });

  it('refuses to start with a token that could be guessed', async () => {
    const options = { backend: newBackend(), port: 0, assetsDir, logger: silentLogger };
    await expect(startDesktopWeb({ ...options, token: new Secret('short') })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
  });

  it.each(loopbackHosts)('refuses to start when another program has its port on %s', async (host) => {
    const other = createServer().listen(0, host);
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const options = { backend: newBackend(), token: new Secret(token), assetsDir, logger: silentLogger };
    await expect(startDesktopWeb({ ...options, port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    other.close();
  });

  it('closes its port and its sockets when it is disposed', async () => {
    const backend = newBackend();
    const web = await start(silentLogger, backend);
    const socket = await openSocket(web.url);
    const closed = closeCode(socket);
    socket.send(hello(token));
    await expect.poll(() => backend.subscribers).toBe(1);
    await web[Symbol.asyncDispose]();
    await closed;
    expect(backend.subscribers).toBe(0);
    const port = Number(new URL(web.url).port);
    const refused = await new Promise((resolve) =>
      connect(port, '127.0.0.1').on('error', () => resolve(true)),
    );
    expect(refused).toBe(true);
  });
});

describe('the bridge of the desktop page', () => {
  it.each([
    ['another site', { origin: 'https://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://localhost:1' }, 403],
    ['no page at all', { origin: null }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['a name that was bound to this address', { host: 'evil.example' }, 421],
    ['another path', { path: '/bridge/../bridge2' }, 404],
    ['a path with the token in it', { path: '/bridge?token=x' }, 404],
  ])('is refused to %s', async (_case, options, status) => {
    await using web = await start();
    expect(await openBridge(web.url, options)).toBe(status);
  });

  it.each([
    ['a wrong token', hello('wrong-token-of-the-very-same-length-xx')],
    ['an empty token', hello('')],
    ['a token that only begins right', hello(token.slice(0, -1))],
    ['a call before the token', call(1)],
  ])('closes without a word after %s', async (_case, first) => {
    const backend = newBackend();
    await using web = await start(silentLogger, backend);
    const socket = await openSocket(web.url);
    const heard: unknown[] = [];
    socket.on('message', (data) => heard.push(data));
    const closed = closeCode(socket);
    socket.send(first);
    socket.send(call(2));
    expect(await closed).toBe(closeCodes.unauthenticated);
    expect(heard).toEqual([]);
    expect(backend.subscribers).toBe(0);
  });

  it('closes on a message that is larger than any request', async () => {
    await using web = await start();
    const socket = await openSocket(web.url);
    const closed = closeCode(socket);
    socket.send(hello(token));
    socket.send(`"${'x'.repeat(maxClientMessageBytes)}"`);
    expect(await closed).toBe(1_009);
  });

  it('closes on a long message from who has not said hello', async () => {
    await using web = await start();
    const socket = await openSocket(web.url);
    const closed = closeCode(socket);
    socket.send(`"${'x'.repeat(5_000)}"`);
    expect(await closed).toBe(closeCodes.invalidMessage);
  });

  it.each([
    ['is not JSON', 'hello'],
    ['is a second hello', hello(token)],
    ['calls what does not exist', '{"kind":"call","id":1,"method":"runSql","params":{}}'],
    ['is binary', Buffer.from(call(1))],
  ])('closes on a message that %s', async (_case, message) => {
    await using web = await start();
    const socket = await openSocket(web.url);
    const closed = closeCode(socket);
    socket.send(hello(token));
    socket.send(message);
    expect(await closed).toBe(closeCodes.invalidMessage);
  });

  it('closes on a flood of calls', async () => {
    await using web = await start();
    const socket = await openSocket(web.url);
    const closed = closeCode(socket);
    socket.send(hello(token));
    for (let id = 0; id < 1_000; id += 1) socket.send(call(id));
    expect(await closed).toBe(closeCodes.rateLimited);
  });

  it('takes no more than sixteen pages at once', async () => {
    await using web = await start();
    for (let page = 0; page < 16; page += 1) await openSocket(web.url);
    expect(await openBridge(web.url)).toBe(503);
  });

  it('drops who never says hello', { timeout: 15_000 }, async () => {
    await using web = await start();
    const socket = await openSocket(web.url);
    const outcome = await Promise.race([closeCode(socket), wait(9_000, 'still open')]);
    expect(outcome).toBe(closeCodes.unauthenticated);
  });
});

describe('the WebSocket transport against the desktop page', () => {
  testBridgeContract(async (backend) => {
    const web = await start(silentLogger, backend as MemoryBackend);
    const bridge = connectWebSocket({
      open: () => new WebSocket(`${web.url.replace('http', 'ws')}/bridge`, { origin: web.url }),
      token,
      schedule: () => () => {},
    });
    return {
      bridge,
      [Symbol.asyncDispose]: async () => {
        bridge.close();
        await web[Symbol.asyncDispose]();
      },
    };
  });
});
