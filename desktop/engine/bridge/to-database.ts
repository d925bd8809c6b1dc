/** From the engine's words to the bridge's. */
import { type ErrorCode, errorCodes } from '@daam/shared/errors/codes';
import type { BridgeError, Connection, Database } from '../../ipc/schema.ts';
import type { DatabaseEntry, LocalEndpoint } from '../engine.ts';
import type { FailureView, PathView } from '../tunnel/tunnel-view.ts';

/** What is not known yet (server version, versions of policies) is unknown, not none. */
export function toDatabase(
  entry: DatabaseEntry,
  isLive: boolean,
  access: Pick<Database['access'], 'operations' | 'maskedColumns'>,
): Database {
  return {
    id: entry.id,
    name: entry.name,
    environment: entry.environment,
    postgresVersion: null,
    access: { policies: entry.policies.map((name) => ({ name, version: null })), ...access },
    port: entry.port,
    blocked: blockedBy(entry, isLive),
    connection: toConnection(entry.local),
  };
}

function toConnection(local: LocalEndpoint | null): Connection {
  if (local === null) return { kind: 'disconnected' };
  const { host, port, user, database, since, path, failure } = local;
  // The port is open and is tried again; until then its clients hear this.
  if (failure !== null) return { kind: 'failed', error: toBridgeFailure(failure) };
  return {
    kind: 'connected',
    local: { host, port, user, database },
    path: toBridgePath(path),
    since: iso(since),
  };
}

export function toBridgePath(path: PathView | null): 'loopback' | 'direct' | 'relay' | null {
  if (path === null || path.kind === 'none') return null;
  return path.kind === 'both' ? 'direct' : path.kind;
}

export function toBridgeFailure({ code, message, hint }: FailureView): BridgeError {
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL';
  return { code: known, message, hint, field: null };
}

/** An old list says nothing sure about the agent, so then it may be tried. */
function blockedBy({ state }: DatabaseEntry, isLive: boolean): Database['blocked'] {
  if (!isLive || state === 'online') return null;
  const isNew = state === 'unregistered';
  return {
    code: 'UPSTREAM_UNAVAILABLE',
    message: isNew ? 'Its agent was never started.' : 'Its agent is offline.',
    hint: 'Ask an administrator to start it.',
    field: null,
  };
}

export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
