/**
 * `npm run bench -- --only tunnel`: bytes through the tunnel, direct and by the relay, beside a plain loopback connection,
 * `ssh -L` and wireproxy, in one run and in turns. The sidecars run as in the product: the shipped binary, one process a
 * side, the agent's end on a Unix socket behind the PROXY header, the relay a process of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CrowdResult, measureCrowd, measureIdlePeers } from './crowd.ts';
import { type FarEnd, measureExchanges, measureStreams, startFarEnd } from './load.ts';
import { type Built, buildOurs } from './programs.ts';
import { type Row, type Sample, tunnelAims, tunnelTables } from './report.ts';
import { type OurWay, startBenchRelay, startOurWay } from './sidecars.ts';
import { startSsh } from './ssh.ts';
import { startWireproxy } from './wireproxy.ts';

export interface TunnelBenchOptions {
  /** Of each measurement of throughput; the others take half. */
  readonly seconds: number;
  readonly rounds: number;
  readonly json: boolean;
}

interface Way {
  readonly name: string;
  readonly address: string;
  /** Throws when the way is not what its name says. */
  readonly check: () => Promise<void>;
}

const rows: readonly Row[] = [
  { name: 'echo of 64 bytes, p50', unit: 'ms' },
  { name: 'echo of 64 bytes, p99', unit: 'ms' },
  { name: 'connect and first echo, p50', unit: 'ms' },
  { name: 'down, 1 stream', unit: 'Mbit/s' },
  { name: 'up, 1 stream', unit: 'Mbit/s' },
  { name: 'down, 8 streams', unit: 'Mbit/s' },
];

const crowdSize = 300;
const idlePeers = 1_000;
const log = (text: string): void => void process.stderr.write(`${text}\n`);

export async function benchTunnel(options: TunnelBenchOptions): Promise<void> {
  const built = await buildOurs();
  if (built === null) return;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'daam-bench-tunnel-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const far = stack.use(await startFarEnd(built.load, join(folder, 'agent.sock')));
  const samples = await measureWays(built, { folder, far, options });
  log(`${crowdSize} clients at once`);
  const crowds = new Map<string, CrowdResult>();
  for (const [name, isDirect] of [['direct and relay', true] as const, ['relay alone', false] as const])
    crowds.set(name, await measureCrowd(built, { folder, socket: far.socket, count: crowdSize, isDirect }));
  log(`${idlePeers} idle peers`);
  const idle = await measureIdlePeers(built, { folder, socket: far.socket, count: idlePeers });
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ samples, crowds: Object.fromEntries(crowds), idle })}\n`);
    return;
  }
  const memory = [...crowds].map(
    ([name, { devices, p50Ms, allMs, beforeMb, afterMb }]) =>
      `- ${devices} clients at once, ${name}: half of them up after ${p50Ms} ms, all after ${allMs} ms; the agent's sidecar ${mb(beforeMb)} before, ${mb(afterMb)} with them connected`,
  );
  memory.push(`- ${idlePeers} idle peers: ${mb(idle.emptyMb)} without, ${mb(idle.fullMb)} with them`);
  const aims = tunnelAims(samples, crowds).join('\n');
  process.stdout.write(`${tunnelTables(samples, rows)}\n\n${memory.join('\n')}\n\n${aims}\n`);
}

interface Measuring {
  readonly folder: string;
  readonly far: FarEnd;
  readonly options: TunnelBenchOptions;
}

async function measureWays(built: Built, { folder, far, options }: Measuring): Promise<readonly Sample[]> {
  await using stack = new AsyncDisposableStack();
  const relay = stack.use(await startBenchRelay(folder));
  const ways: Way[] = [{ name: 'loopback', address: far.tcp, check: async () => {} }];
  for (const start of [startSsh, startWireproxy]) {
    const way = await start(far.tcp);
    if (way === null) continue;
    stack.use(way);
    const name = start === startSsh ? 'ssh -L' : 'wireproxy';
    ways.push({ name, address: way.address, check: async () => {} });
  }
  for (const name of ['direct', 'relay'] as const) {
    const way = stack.use(await startOurWay({ file: built.sidecar, relay }, far.socket, name));
    ways.push({ name, address: way.address, check: async () => await checkPath(built, way, name) });
  }
  const samples: Sample[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    log(`round ${round + 1} of ${options.rounds}`);
    const shift = round % ways.length;
    samples.push(
      ...(await measureRound(built, [...ways.slice(shift), ...ways.slice(0, shift)], options.seconds)),
    );
  }
  return samples;
}

/** Traffic makes a way settle on its path; one that does not within ten tries is an error. */
async function checkPath(built: Built, way: OurWay, name: string): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await measureExchanges(built.load, { to: way.address, scenario: 'echo', ms: 300 });
    if ((await way.pathNow()) === name) return;
  }
  throw new Error(`the way is ${await way.pathNow()}, not ${name}`);
}

async function measureRound(
  { load }: Built,
  ways: readonly Way[],
  seconds: number,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const ms = seconds * 1_000;
  for (const { check } of ways) await check();
  const each = async (measure: (way: Way) => Promise<readonly Sample[]>): Promise<void> => {
    for (const way of ways) samples.push(...(await orFailure(way, measure)));
  };
  await each(async ({ name: way, address: to }) => {
    const { p50, p99 } = await measureExchanges(load, { to, scenario: 'echo', ms: ms / 2 });
    return [
      { row: 'echo of 64 bytes, p50', way, value: p50 },
      { row: 'echo of 64 bytes, p99', way, value: p99 },
    ];
  });
  await each(async ({ name: way, address: to }) => {
    const { p50 } = await measureExchanges(load, { to, scenario: 'connect', ms: ms / 2 });
    return [{ row: 'connect and first echo, p50', way, value: p50 }];
  });
  for (const [scenario, streams] of [['down', 1] as const, ['up', 1] as const, ['down', 8] as const]) {
    await each(async ({ name: way, address: to }) => {
      const value = await measureStreams(load, { to, scenario, ms, streams });
      return [{ row: `${scenario}, ${streams} stream${streams === 1 ? '' : 's'}`, way, value }];
    });
  }
  return samples;
}

/** A measurement that fails is told, and counts for nothing. */
async function orFailure(
  way: Way,
  measure: (way: Way) => Promise<readonly Sample[]>,
): Promise<readonly Sample[]> {
  try {
    return await measure(way);
  } catch (thrown) {
    log(`FAILED, ${way.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return [];
  }
}

function mb(value: number): string {
  return `${Math.round(value)} MB`;
}
