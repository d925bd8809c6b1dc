/**
 * The whole way across networks: psql and the engine on the device's host, a real relay in public, the real agent with its
 * PostgreSQL on the other side of routers that translate or block. And what can be read on that way, and where not.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildSidecar } from './sidecar-process.ts';
import { networkMissing, TestNetwork } from './test-network.ts';
import { column } from './surroundings.ts';
import { findTool } from './tools.ts';
import { Child } from './tunnel/children.ts';
import { countInFile, countInMemory } from './tunnel/find-text.ts';
import {
  type Headquarters,
  type NetworkWorld,
  startHeadquarters,
  startOnNetwork,
} from './tunnel/network-world.ts';

const built = buildSidecar();
const psql = findTool('psql', 'the tunnel across networks');
const python = findTool('python3', 'captures of the wire');
const missing =
  'missing' in built ? built.missing : psql === null ? 'psql is not installed' : networkMissing();
if (missing !== null) process.stderr.write(`skipped: networks.spec: ${missing}\n`);

type Host = Parameters<TestNetwork['within']>[0];

let headquarters: Headquarters;
let stack: AsyncDisposableStack;
let network: TestNetwork;

beforeAll(async () => {
  if (missing === null) headquarters = await startHeadquarters('file' in built ? built.file : '');
});
afterAll(async () => await headquarters?.[Symbol.asyncDispose]());

beforeEach(() => {
  stack = new AsyncDisposableStack();
  if (missing === null) network = stack.use(new TestNetwork());
});
afterEach(async () => await stack.disposeAsync());

const start = async (): Promise<NetworkWorld> => await startOnNetwork(headquarters, network, stack);

/** Asks the database, which keeps the path in use, until packets go this way. */
async function waitForPath(world: NetworkWorld, path: string): Promise<void> {
  const look = async (): Promise<string> => {
    await world.ask('select 1');
    return await world.path();
  };
  await expect.poll(look, { timeout: 40_000, interval: 200 }).toBe(path);
}

/** Every packet of a host, in a file, until it is ended. */
async function capture(host: Host): Promise<{ readonly file: string; readonly end: () => Promise<void> }> {
  const file = join(headquarters.folder, `${host}-${randomUUID()}.packets`);
  const program = join(import.meta.dirname, 'tunnel', 'capture.py');
  const command = [...network.within(host), python ?? 'python3', program, file];
  const child = stack.use(new Child(command, { endsBy: 'stdin' }));
  await child.firstLine();
  return { file, end: async () => await child[Symbol.asyncDispose]() };
}

/** A text that exists nowhere else, which a statement carries there and rows carry back. */
function canaryQuery(): { readonly canary: string; readonly sql: string } {
  const canary = `canary-${randomUUID()}`;
  return { canary, sql: `select id, '${canary}' as mark, name from customers where id <= 2000` };
}

const masked = 'select email from customers where id = 1';

describe.skipIf(missing !== null)('a developer and an agent', () => {
  it('meet directly where they can reach each other', async () => {
    network.route();
    const world = await start();
    await waitForPath(world, 'direct');
    expect(await world.ask(masked)).toMatch(/^.\*{3}@/);
  });

  it('meet directly where both are behind translating routers', async () => {
    network.hide();
    const world = await start();
    await waitForPath(world, 'direct');
    expect(await world.ask(masked)).toMatch(/^.\*{3}@/);
  });

  it('meet at the relay where UDP is blocked', async () => {
    network.hide();
    network.blockUdp(true);
    const world = await start();
    expect(await world.ask(masked)).toMatch(/^.\*{3}@/);
    // Long enough for every attempt at a direct path.
    await sleep(4_000);
    expect(await world.ask(masked)).toMatch(/^.\*{3}@/);
    expect(await world.path()).toBe('relay');
  });

  it('keep a running COPY alive while UDP dies and comes back', async () => {
    network.hide();
    const world = await start();
    await waitForPath(world, 'direct');
    // Rows come at a pace, so that the copy outlives what happens to the network.
    const rows = 900;
    const copy = world.psql(
      `copy (select id, repeat('x', 2000), pg_sleep(0.02) from customers where id <= ${rows}) to stdout`,
    );
    let [last, longest, lines] = [performance.now(), 0, 0];
    copy.process.stdout.on('data', (chunk: Buffer) => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      lines += chunk.toString('latin1').split('\n').length - 1;
    });
    const paths = new Set<string>();
    const closed = once(copy.process, 'close') as Promise<[number]>;
    const isOver = closed.then(() => true);
    const events = [
      [3_000, () => network.blockUdp(true)],
      [10_000, () => network.blockUdp(false)],
    ] as const;
    for (const [at, act] of events) void sleep(at, undefined, { ref: false }).then(act);
    while (!(await Promise.race([isOver, sleep(500, false)]))) paths.add(await world.path());
    const [code] = await closed;
    process.stdout.write(`networks.spec: longest stall of the COPY ${(longest / 1000).toFixed(1)} s\n`);
    expect([code, copy.errors]).toEqual([0, '']);
    expect(lines).toBe(rows);
    expect([...paths]).toEqual(expect.arrayContaining(['direct', 'relay']));
    await waitForPath(world, 'direct');
  });

  it.skipIf(python === null)('are not overheard on the direct path', async () => {
    network.hide();
    const world = await start();
    await waitForPath(world, 'direct');
    const captures = await Promise.all((['home', 'relay', 'agent'] as const).map(capture));
    const { canary, sql } = canaryQuery();
    expect((await world.ask(sql)).split('\n')).toHaveLength(2_000);
    expect(await world.path()).toBe('direct');
    for (const each of captures) await each.end();
    const [home, relay, agent] = captures.map(({ file }) => countInFile(file, canary));
    // Beside the agent the same bytes go to PostgreSQL in the clear: there the capture finds them.
    expect(agent).toBeGreaterThan(1_000);
    expect([home, relay]).toEqual([0, 0]);
  });

  it.skipIf(python === null)('are not overheard by the relay, nor is its memory of use', async () => {
    network.hide();
    network.blockUdp(true);
    const world = await start();
    const { canary, sql } = canaryQuery();
    const captures = await Promise.all((['home', 'relay', 'agent'] as const).map(capture));
    // The session stays open, so that what PostgreSQL holds of it can be found.
    const open = world.psql(sql, 'select pg_sleep(10)');
    await once(open.process.stdout, 'data');
    const backends = await backendsOf(headquarters);
    const inRelay = countInMemory(world.relay.pid, canary);
    const inBackends = backends.reduce((sum, pid) => sum + countInMemory(pid, canary), 0);
    expect(await world.path()).toBe('relay');
    for (const each of captures) await each.end();
    const [home, relay, agent] = captures.map(({ file }) => countInFile(file, canary));
    expect([inBackends > 0, (agent ?? 0) > 1_000]).toEqual([true, true]);
    expect({ inRelay, home, relay }).toEqual({ inRelay: 0, home: 0, relay: 0 });
  });
});

/** Process ids of the server's backends that serve sessions now. */
async function backendsOf({ shop }: Headquarters): Promise<number[]> {
  const sql = "select pid from pg_stat_activity where usename ~ '^daam_s_'";
  return (await column(shop.superuserDsn, sql)).map(Number);
}
