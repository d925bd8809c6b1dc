/**
 * The tunnel across networks: psql on the device's host, a real PostgreSQL behind the agent's end, routers that translate
 * or block between them, and the real relay.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { generateX25519, x25519PrivateText, x25519PublicText } from '@daam/shared/identity/x25519';
import { signRelayToken } from '@daam/shared/relay-protocol/token';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildSidecar, SidecarProcess } from './sidecar-process.ts';
import { addresses, networkMissing, TestNetwork } from './test-network.ts';
import { findTool } from './tools.ts';

const built = buildSidecar();
const psql = findTool('psql', 'the tests in network namespaces');
const missing =
  'missing' in built ? built.missing : psql === null ? 'psql is not installed' : networkMissing();
if (missing !== null) process.stderr.write(`skipped: namespaces.spec: ${missing}\n`);
const file = 'file' in built ? built.file : '';

const issuer = generateSigningKey();
const name = 'relay-test';
const root = join(import.meta.dirname, '..', '..');
const relayPort = 7420;
const localPort = 6543;

let server: EmbeddedPostgres;
let stack: AsyncDisposableStack;
let network: TestNetwork;
let folder: string;

beforeAll(async () => {
  if (missing === null) server = await startEmbeddedPostgres();
});
afterAll(async () => await server?.[Symbol.asyncDispose]());

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'daam-network-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  if (missing === null) network = stack.use(new TestNetwork());
});
afterEach(async () => await stack.disposeAsync());

/** Ends with the test. */
function start(command: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}

async function startRelay(): Promise<void> {
  const keys = join(folder, 'keys.json');
  await writeFile(keys, JSON.stringify([issuer.publicKey]));
  const relay = start([...network.within('relay'), process.execPath, join(root, 'relay', 'main.ts')], {
    DAAM_RELAY_NAME: name,
    DAAM_LISTEN: `${addresses.relay}:${relayPort}`,
    DAAM_STUN_LISTEN: `${addresses.relay}:3478`,
    DAAM_ISSUER_KEYS_FILE: keys,
  });
  await new Promise<void>((resolve, reject) => {
    relay.once('exit', (code) => reject(new Error(`the relay ended with ${code}`)));
    relay.stderr?.on('data', (chunk: Buffer) => chunk.includes('relay listening') && resolve());
  });
}

/** Takes the place of the agent: behind the PROXY header comes PostgreSQL. */
async function startSocket(): Promise<string> {
  const path = join(folder, 'agent.sock');
  const listener = createServer((socket: Socket) => {
    socket.once('data', (chunk: Buffer) => {
      const upstream = connect({ host: server.host, port: server.port });
      upstream.write(chunk.subarray(16 + chunk.readUInt16BE(14)));
      socket.pipe(upstream).pipe(socket);
      for (const end of [socket, upstream]) end.on('error', () => end.destroy());
    });
  });
  listener.listen(path);
  await once(listener, 'listening');
  stack.defer(() => void listener.close());
  return path;
}

async function tokenFor(publicKey: string, counterpart: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return await signRelayToken(
    { relay: name, publicKey, counterparts: [counterpart], iat: now, exp: now + 600, jti: 'j' },
    issuer,
  );
}

/** Both ends are up, and psql on the device's host can connect to the local port. */
async function connectBoth(): Promise<{ readonly device: SidecarProcess }> {
  await startRelay();
  const [deviceKey, agentKey] = [generateX25519(), generateX25519()];
  const [devicePublic, agentPublic] = [x25519PublicText(deviceKey), x25519PublicText(agentKey)];
  const common = { stun: [`${addresses.relay}:3478`] };
  const url = `ws://${addresses.relay}:${relayPort}/relay/v1`;
  const agent = stack.use(new SidecarProcess(file, 'agent', network.within('agent')));
  const device = stack.use(new SidecarProcess(file, 'client', network.within('device')));
  for (const each of [agent, device]) await each.send('hello', { proto: 1 });
  await agent.send('up', {
    ...common,
    privateKey: x25519PrivateText(agentKey),
    relay: { url, name, token: await tokenFor(agentPublic, devicePublic) },
    address: '100.64.0.1',
    accept: { port: 5432, socket: await startSocket(), token: randomBytes(32).toString('base64url') },
  });
  await device.send('up', {
    ...common,
    privateKey: x25519PrivateText(deviceKey),
    relay: { url, name, token: await tokenFor(devicePublic, agentPublic) },
  });
  await agent.send('peer.add', { publicKey: devicePublic, allowedIp: '100.64.0.2' });
  await device.send('peer.add', {
    publicKey: agentPublic,
    allowedIp: '100.64.0.1',
    ownAddress: '100.64.0.2',
  });
  const listen = `127.0.0.1:${localPort}`;
  await device.send('forward.add', { forward: 'shop', listen, peer: agentPublic, port: 5432 });
  return { device };
}

function startPsql(sql: string): ChildProcess {
  const dsn = new URL(server.superuserDsn);
  dsn.host = `127.0.0.1:${localPort}`;
  return start([...network.within('device'), psql as string, dsn.href, '-XAtqc', sql]);
}

async function ask(sql: string): Promise<string> {
  const child = startPsql(sql);
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  return Buffer.concat(chunks).toString().trim();
}

async function pathOf(device: SidecarProcess): Promise<string> {
  const { peers } = await device.send('stats');
  return (peers as { path: string }[])[0]?.path ?? '';
}

/** Asks until the path is the one that is waited for. */
async function waitForPath(device: SidecarProcess, path: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await ask('select 1');
        return await pathOf(device);
      },
      { timeout: 30_000, interval: 100 },
    )
    .toBe(path);
}

describe.skipIf(missing !== null)('the tunnel across networks', () => {
  it('is direct where both sides reach each other', async () => {
    network.route();
    const { device } = await connectBoth();
    await waitForPath(device, 'direct');
    expect(await ask('select 6 * 7')).toBe('42');
  });

  it('is direct where both sides are behind translating routers', async () => {
    network.hide();
    const { device } = await connectBoth();
    await waitForPath(device, 'direct');
    expect(await ask('select 6 * 7')).toBe('42');
  });

  it('is relayed where UDP is blocked', async () => {
    network.hide();
    network.blockUdp(true);
    const { device } = await connectBoth();
    expect(await ask('select 6 * 7')).toBe('42');
    await sleep(4_000);
    expect(await ask('select 6 * 7')).toBe('42');
    expect(await pathOf(device)).toBe('relay');
  });

  it('keeps a running COPY alive while UDP dies and comes back', async () => {
    network.hide();
    const { device } = await connectBoth();
    await waitForPath(device, 'direct');
    // Rows come at a pace, so that the copy outlives what happens to the network.
    const rows = 900;
    const copy = startPsql(
      `copy (select n, repeat('x', 2000), pg_sleep(0.02) from generate_series(1, ${rows}) n) to stdout`,
    );
    let last = performance.now();
    let longest = 0;
    let text = '';
    copy.stdout?.on('data', (chunk: Buffer) => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      text += chunk.toString();
    });
    const paths = new Set<string>();
    const closed = once(copy, 'close') as Promise<[number]>;
    const events = [
      [3_000, () => network.blockUdp(true)],
      [10_000, () => network.blockUdp(false)],
    ] as const;
    for (const [at, act] of events) void sleep(at, undefined, { ref: false }).then(act);
    const watch = setInterval(() => void pathOf(device).then((path) => paths.add(path)), 200);
    const [code] = await closed;
    clearInterval(watch);
    process.stderr.write(`namespaces.spec: longest stall ${(longest / 1000).toFixed(1)} s\n`);
    expect(code).toBe(0);
    expect(text.trim().split('\n')).toHaveLength(rows);
    expect([...paths]).toEqual(expect.arrayContaining(['direct', 'relay']));
    await waitForPath(device, 'direct');
  });
});
