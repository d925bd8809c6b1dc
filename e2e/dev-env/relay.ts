/** The relay as its own process: it forwards for the organization's agents and devices. */
import { join } from 'node:path';
import type { ApiClient } from '@daam/shared/api/client';
import type { Logger } from '@daam/shared/base/logger';
import type { Guardian } from './guardian.ts';
import type { PortLayout } from './ports.ts';
import { Program } from './program.ts';
import type { StateDir } from './state-dir.ts';

/** What it is started from. */
export interface RelayOptions {
  readonly admin: ApiClient;
  readonly ports: PortLayout;
  readonly state: StateDir;
  readonly guardian: Guardian;
  readonly logger: Logger;
}

const readyTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;

/** Where the relay will be found: its name in tokens, its address, and where STUN answers. */
export function relayPlaceOf(ports: PortLayout): {
  readonly name: string;
  readonly url: string;
  readonly stun: readonly string[];
} {
  return {
    name: `localhost:${ports.relay}`,
    url: `ws://localhost:${ports.relay}/relay/v1`,
    stun: [`127.0.0.1:${ports.relayStun}`],
  };
}

/** Starts it; it admits those whom the organization's keys vouch for. */
export async function startDevRelay({
  admin,
  ports,
  state,
  guardian,
  logger,
}: RelayOptions): Promise<Program> {
  const { orgKeys } = await admin.getOrganization();
  const keysFile = join(await state.folder('relay'), 'issuer-keys.json');
  await state.writePrivate(keysFile, JSON.stringify(orgKeys));
  const { name, url } = relayPlaceOf(ports);
  const program = new Program({
    name: 'relay',
    main: 'relay/main.ts',
    args: [],
    env: {
      DAAM_RELAY_NAME: name,
      DAAM_LISTEN: `127.0.0.1:${ports.relay}`,
      DAAM_STUN_LISTEN: `127.0.0.1:${ports.relayStun}`,
      DAAM_ISSUER_KEYS_FILE: keysFile,
    },
    logFile: join(await state.folder('logs'), 'relay.log'),
    stopTimeoutMs,
    guardian,
    logger,
  });
  try {
    await program.waitForHttp(`http://127.0.0.1:${ports.relay}/health`, readyTimeoutMs);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  logger.info({ pid: program.pid, url }, 'relay is up');
  return program;
}
