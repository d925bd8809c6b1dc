/** The doctor: what a connection needs, looked at one by one. Its report has no secret and names nobody. */
import { createServer } from 'node:net';
import { platform, release } from 'node:os';
import { toAppError } from '@daam/shared/errors/app-error';
import type { Check, Result } from '../../ipc/schema.ts';
import type { DatabaseEntry, EngineStatus } from '../engine-options.ts';
import { loopbackHost } from '../local-address.ts';
import type { Engine } from '../engine.ts';
import { iso } from './to-database.ts';

/** Certificates are refused beyond it. Milliseconds. */
const maxClockSkewMs = 120_000;
const timeoutMs = 5_000;

type Found = Pick<Check, 'state' | 'message'>;

/** What the checks look at. */
export interface CheckOptions {
  readonly engine: Pick<Engine, 'status' | 'databases'>;
  readonly fetch: typeof fetch;
  /** Of the app. */
  readonly version: string;
  readonly now: () => number;
}

/** `database` null: this machine and the control plane alone. */
export async function runChecks(
  options: CheckOptions,
  database: string | null,
): Promise<Result<'runChecks'>> {
  const { engine, version, now } = options;
  const status = await engine.status();
  const list = status.account === null ? null : await engine.databases().catch(() => null);
  const entry = list?.items.find(({ id }) => id === database) ?? null;
  const [plane, ports] = await Promise.all([askControlPlane(options, status), bindPort()]);
  const checks: Check[] = [
    { id: 'control-plane', label: 'Control plane', ...plane.found },
    { id: 'clock', label: 'Clock of this machine', ...clockCheck(plane.date, now()) },
    { id: 'sign-in', label: 'Sign-in', ...signInCheck(status) },
    { id: 'relay', label: 'Relay', ...relayCheck(status) },
    { id: 'udp', label: 'Direct path (UDP)', ...pathCheck(status) },
    { id: 'ports', label: 'Local ports', ...ports },
    ...(database === null
      ? []
      : [
          { id: 'agent' as const, label: 'Agent of the database', ...agentCheck(entry, list?.live ?? false) },
        ]),
  ];
  const at = iso(now());
  const lines = checks.map(({ id, state, message }) => `${id}: ${state}. ${message}`);
  return {
    at,
    checks,
    report: [`DAAM ${version}, ${platform()} ${release()}, ${at}`, ...lines, ''].join('\n'),
  };
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

function relayCheck({ connections }: EngineStatus): Found {
  const relays = connections.flatMap(({ relay }) => relay ?? []);
  if (relays.length === 0) return skipped('No tunnel is open.');
  if (relays.some(({ state }) => state === 'connected')) return { state: 'ok', message: 'It is connected.' };
  return { state: 'warning', message: 'It is not reached; direct paths go on.' };
}

function pathCheck({ connections }: EngineStatus): Found {
  const paths = connections.flatMap(({ path }) => path ?? []);
  if (paths.length === 0) return skipped('Nothing is connected.');
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
