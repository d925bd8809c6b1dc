/** tunnel-load as far and near end. */
import * as z from 'zod';
import { run } from '../../specs/tools.ts';
import { Program } from './programs.ts';

/** Where the far end listens: on TCP for whoever forwards to a port, on a Unix socket for the agent's sidecar. */
export interface FarEnd extends AsyncDisposable {
  readonly tcp: string;
  readonly socket: string;
}

export async function startFarEnd(load: string, socket: string): Promise<FarEnd> {
  const program = new Program(load, ['serve', '--unix', socket]);
  const { tcp } = z.object({ tcp: z.string() }).parse(JSON.parse(await program.line()));
  return { tcp, socket, [Symbol.asyncDispose]: async () => await program[Symbol.asyncDispose]() };
}

export const scenarios = ['echo', 'connect', 'down', 'up'] as const;
export type Scenario = (typeof scenarios)[number];

const echoSchema = z.object({ count: z.number(), p50Ms: z.number(), p99Ms: z.number() });
const streamSchema = z.object({ mbitPerSecond: z.number() });

/** Median and 99th percentile in ms of exchanges of 64 bytes on one connection, or of new connections. */
export async function measureExchanges(
  load: string,
  options: {
    readonly to: string;
    readonly scenario: 'echo' | 'connect';
    readonly ms: number;
  },
): Promise<{ readonly p50: number; readonly p99: number }> {
  const { p50Ms, p99Ms } = echoSchema.parse(await measure(load, { ...options, streams: 1 }));
  return { p50: p50Ms, p99: p99Ms };
}

/** Mbit/s towards the near end (`down`: rows) or the far end (`up`). */
export async function measureStreams(
  load: string,
  options: {
    readonly to: string;
    readonly scenario: 'down' | 'up';
    readonly ms: number;
    readonly streams: number;
  },
): Promise<number> {
  return streamSchema.parse(await measure(load, options)).mbitPerSecond;
}

async function measure(
  load: string,
  options: {
    readonly to: string;
    readonly scenario: Scenario;
    readonly ms: number;
    readonly streams: number;
  },
): Promise<unknown> {
  const { to, scenario, ms, streams } = options;
  const args = ['measure', `--to=${to}`, `--scenario=${scenario}`, `--for=${ms}ms`, `--streams=${streams}`];
  const { code, stdout, stderr } = await run(load, args, { timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`${scenario} through ${to}: ${stderr}`);
  return JSON.parse(stdout);
}
