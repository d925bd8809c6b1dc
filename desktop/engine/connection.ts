import type { KeyObject } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';
import type { AgentTarget, HeldGrant, KnownDatabase } from './account.ts';
import type { Credentials } from './credentials.ts';
import { LocalListener } from './local-listener.ts';
import type { OpenStream } from './open-stream.ts';

/** How long opening a stream may take altogether, in milliseconds. */
const openTimeoutMs = 15_000;

export interface ConnectionOptions {
  readonly database: KnownDatabase;
  readonly credentials: Credentials;
  readonly deviceKey: KeyObject;
  readonly openStream: OpenStream;
  readonly ports: readonly number[];
  readonly folder: string | undefined;
  readonly logger: Logger;
}

/** Opens the local port of a database. Each of its clients gets a stream under whatever credentials hold by then. */
export function openConnection(options: ConnectionOptions): Promise<LocalListener> {
  const { ports, folder, logger } = options;
  return LocalListener.start({
    ports,
    folder,
    logger,
    open: (signal) => openWithCredentials(options, signal),
  });
}

async function openWithCredentials(options: ConnectionOptions, caller: AbortSignal): Promise<Duplex> {
  const { credentials, database } = options;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), openTimeoutMs);
  const signal = AbortSignal.any([caller, deadline.signal]);
  try {
    const grant = await credentials.grant(database.id);
    try {
      return await openOnce(options, grant, signal);
    } catch (thrown) {
      if (!mayBeOutdated(toAppError(thrown).code) || signal.aborted) throw thrown;
      await credentials.refreshGrant(database.id);
      const fresh = await credentials.grant(database.id);
      if (fresh === null || fresh.grant === grant?.grant) throw thrown;
      return await openOnce(options, fresh, signal);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function openOnce(
  options: ConnectionOptions,
  grant: HeldGrant | null,
  signal: AbortSignal,
): Promise<Duplex> {
  const { database, credentials, deviceKey, openStream } = options;
  const { certificate } = await credentials.certificate();
  const agent: AgentTarget | null = grant?.agent ?? database.agent;
  if (agent === null) {
    throw new AppError('UPSTREAM_UNAVAILABLE', {
      message: `No agent of "${database.name}" is online.`,
      hint: 'Ask an administrator whether its agent runs.',
    });
  }
  return openStream({
    agent,
    database: database.id,
    certificate,
    grant: grant?.grant ?? null,
    deviceKey,
    signal,
  });
}

/** Whether a new grant, which also says where the agent is now, may help. */
function mayBeOutdated(code: ErrorCode): boolean {
  return (
    code === 'FORBIDDEN' ||
    code === 'NOT_FOUND' ||
    code === 'UPSTREAM_UNAVAILABLE' ||
    code === 'INVALID_PROOF'
  );
}
