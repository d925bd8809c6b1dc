/** The doctor: what a connection needs, looked at one by one. Its report has no secret and names nobody. */
import { createServer } from 'node:net';
import { platform, release } from 'node:os';
import { toAppError } from '@daam/shared/errors/app-error';
import type { Check, Params, Result } from '../../ipc/schema.ts';
import type { DatabaseEntry, EngineStatus } from '../engine-options.ts';
import { loopbackHost } from '../local-address.ts';
import type { Engine } from '../engine.ts';
import type { HeldTicket } from '../account.ts';
import { relayAnswers, udpPasses } from './probe-network.ts';
import { iso } from './to-database.ts';

/** Certificates are refused beyond it. Milliseconds. */
const maxClockSkewMs = 120_000;
const timeoutMs = 5_000;

type Found = Pick<Check, 'state' | 'message'>;

/** What the checks look at. */
export interface CheckOptions {
  readonly engine: Pick<Engine, 'status' | 'databases' | 'credentials'>;
  readonly fetch: typeof fetch;
  /** Of the app. */
  readonly version: string;
  readonly now: () => number;
}

/** `database` null: this machine and the control plane alone. `only` one of them, for who shows them one by one. */
export async function runChecks(
  options: CheckOptions,
  { database, only }: Params<'runChecks'>,
): Promise<Result<'runChecks'>> {
  const { version, now } = options;
  const looked = await look(options);
  const looks: readonly (readonly [Check['id'], label: string, () => Found | Promise<Found>])[] = [
    ['control-plane', 'Control plane', async () => (await looked.plane()).found],
    ['clock', 'Clock of this machine', async () => clockCheck((await looked.plane()).date, now())],
    ['sign-in', 'Sign-in', () => signInCheck(looked.status)],
    ['relay', 'Relay', async () => await relayCheck(looked, options)],
    ['udp', 'Direct path (UDP)', async () => await pathCheck(looked)],
    ['ports', 'Local ports', bindPort],
    ...(database === null
      ? []
      : [['agent', 'Agent of the database', async () => await agentOf(looked, database)] as const]),
  ];
  const wanted = looks.filter(([id]) => only === undefined || id === only);
  const checks = await Promise.all(
    wanted.map(async ([id, label, run]): Promise<Check> => ({ id, label, ...(await run()) })),
  );
  const at = iso(now());
  const lines = checks.map(({ id, state, message }) => `${id}: ${state}. ${message}`);
  return {
    at,
    checks,
    report: [`DAAM ${version}, ${platform()} ${release()}, ${at}`, ...lines, ''].join('\n'),
  };
}

/** What several checks look at, asked for at most once. */
interface Looked {
  readonly status: EngineStatus;
  readonly databases: () => Promise<Awaited<ReturnType<Engine['databases']>> | null>;
  readonly plane: () => Promise<{ readonly found: Found; readonly date: number | null }>;
  /** Where the relay and its STUN servers are, as the control plane says; null: not known. */
  readonly relay: () => Promise<HeldTicket | null>;
}

async function look(options: CheckOptions): Promise<Looked> {
  const { engine } = options;
  const status = await engine.status();
  const databases = once(async () =>
    status.account === null ? null : await engine.databases().catch(() => null),
  );
  const relay = once(async () => {
    const first = (await databases())?.items[0];
    if (first === undefined) return null;
    const credentials = await engine.credentials();
    return (await credentials.way(first.id)).relay;
  });
  return {
    status,
    databases,
    plane: once(async () => await askControlPlane(options, status)),
    relay: async () => await relay().catch(() => null),
  };
}

function once<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let reading: Promise<Value> | null = null;
  return () => (reading ??= read());
}

async function agentOf({ databases }: Looked, database: string): Promise<Found> {
  const list = await databases();
  return agentCheck(list?.items.find(({ id }) => id === database) ?? null, list?.live ?? false);
}

async function askControlPlane(
  { fetch: send }: Pick<CheckOptions, 'fetch'>,
  { account }: EngineStatus,
): Promise<{ readonly found: Found; readonly date: number | null }> {
  if (account === null) return { found: skipped('Nobody is signed in.'), date: null };
  try {
    const url = new URL('/health', account.controlPlane);
    const response = await send(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    const date = Date.parse(response.headers.get('date') ?? '');
    const found: Found = response.ok
      ? { state: 'ok', message: 'It answers.' }
      : { state: 'failed', message: `It answers with status ${response.status}.` };
    return { found, date: Number.isNaN(date) ? null : date };
  } catch {
    return {
      found: { state: 'failed', message: 'It does not answer. Check the network and its address.' },
      date: null,
    };
  }
}

function clockCheck(date: number | null, now: number): Found {
  if (date === null) return skipped('The control plane told no time.');
  const skew = Math.abs(now - date);
  if (skew <= maxClockSkewMs) return { state: 'ok', message: 'It agrees with the control plane.' };
  return {
    state: 'failed',
    message: `It is ${Math.round(skew / 1_000)} s off. Set it; certificates depend on it.`,
  };
}

function signInCheck({ account, notice, secrets }: EngineStatus): Found {
  if (account === null) return { state: 'failed', message: 'Nobody is signed in.' };
  if (secrets.state !== 'found')
    return {
      state: 'failed',
      message: `The key of this device cannot be read (${secrets.state}). Sign in again.`,
    };
  if (notice.kind === 'over') return { state: 'failed', message: 'The sign-in has ended. Sign in again.' };
  return notice.kind === 'soon'
    ? { state: 'warning', message: 'The sign-in ends soon.' }
    : { state: 'ok', message: 'It is valid.' };
}

async function relayCheck(
  { status, relay }: Looked,
  { fetch: send }: Pick<CheckOptions, 'fetch'>,
): Promise<Found> {
  const relays = status.connections.flatMap((each) => each.relay ?? []);
  if (relays.length === 0) {
    const ticket = await relay();
    if (ticket === null) return skipped('Nothing is connected, and no relay is known yet.');
    return (await relayAnswers(ticket.url, send))
      ? { state: 'ok', message: 'It answers.' }
      : { state: 'warning', message: 'It is not reached. Without it, only direct paths work.' };
  }
  if (relays.some(({ state }) => state === 'connected')) return { state: 'ok', message: 'It is connected.' };
  return { state: 'warning', message: 'It is not reached; direct paths go on.' };
}

async function pathCheck({ status, relay }: Looked): Promise<Found> {
  const paths = status.connections.flatMap(({ path }) => path ?? []);
  if (paths.length === 0) {
    const ticket = await relay();
    if (ticket === null || ticket.stun.length === 0)
      return skipped('Nothing is connected, and no server is known to try it with.');
    return (await udpPasses(ticket.stun))
      ? { state: 'ok', message: 'UDP gets through.' }
      : {
          state: 'warning',
          message: 'UDP does not get through; connections go through the relay, which is slower.',
        };
  }
  if (paths.some(({ kind }) => kind === 'direct' || kind === 'both'))
    return { state: 'ok', message: 'Bytes go directly.' };
  if (paths.some(({ kind }) => kind === 'loopback'))
    return { state: 'ok', message: 'The agent is on this machine.' };
  return {
    state: 'warning',
    message: 'UDP does not get through; everything goes through the relay, which is slower.',
  };
}

function agentCheck(entry: DatabaseEntry | null, isLive: boolean): Found {
  if (entry === null) return { state: 'failed', message: 'There is no such database for you.' };
  if (entry.local?.failure) return { state: 'failed', message: entry.local.failure.message.slice(0, 1_000) };
  if (!isLive) return skipped('The control plane does not answer.');
  if (entry.state === 'online') return { state: 'ok', message: 'It is online.' };
  return { state: 'failed', message: entry.state === 'offline' ? 'It is offline.' : 'It was never started.' };
}

function bindPort(): Promise<Found> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) =>
      resolve({ state: 'failed', message: `No port can be opened (${toAppError(error).code}).` }),
    );
    server.listen({ host: loopbackHost, port: 0 }, () =>
      server.close(() => resolve({ state: 'ok', message: 'They can be opened.' })),
    );
  });
}

function skipped(message: string): Found {
  return { state: 'skipped', message };
}
