/** A developer's own side: the desktop engine, signed in and connected, and the app over it in a browser. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { toAppError } from '@daam/shared/errors/app-error';
import { Engine, type LocalEndpoint } from '@daam/desktop/engine/engine';
import { startDesktopWeb } from '@daam/desktop/web/app';
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { EngineBackend } from '@daam/desktop/web/engine-backend';
import type { DevUser } from './organization.ts';
import type { StateDir } from './state-dir.ts';

/** Whom to sign in, where, and on which local port. */
export interface DeveloperOptions {
  readonly user: DevUser;
  readonly controlPlaneUrl: string;
  readonly database: string;
  readonly port: number;
  readonly state: StateDir;
  readonly logger: Logger;
}

/** A signed-in developer with an open local port. */
export interface Developer extends AsyncDisposable {
  readonly user: DevUser;
  readonly engine: Engine;
  readonly local: LocalEndpoint;
  /** The engine's state, which the command `daam` can use as DAAM_HOME. */
  readonly home: string;
}

const onlineTimeoutMs = 30_000;

/** Signs the user in and opens the database's local port. */
export async function startDeveloper(options: DeveloperOptions): Promise<Developer> {
  const { user, controlPlaneUrl, database, port, state, logger } = options;
  const home = await state.folder('users', encodeURIComponent(user.email));
  const engine = await Engine.open({ stateDir: home, secretStore: 'file', logger });
  try {
    await engine.login({ controlPlane: controlPlaneUrl, token: user.apiToken });
    await waitUntilOnline(engine, database);
    const local = await engine.connect(database, { port });
    return {
      user,
      engine,
      local,
      home,
      [Symbol.asyncDispose]: async () => await engine[Symbol.asyncDispose](),
    };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** The agent tells the control plane where it listens; until then there is nowhere to connect to. */
async function waitUntilOnline(engine: Engine, database: string): Promise<void> {
  const end = Date.now() + onlineTimeoutMs;
  while (Date.now() < end) {
    const { items } = await engine.databases();
    if (items.some(({ name, state, agent }) => name === database && state === 'online' && agent !== null))
      return;
    await delay(100);
  }
}

/** Serves the app of a developer. */
export async function startWeb(
  developer: Developer,
  { port, logger }: { readonly port: number; readonly logger: Logger },
): Promise<{ readonly openUrl: Secret } & AsyncDisposable> {
  const assetsDir = await ensureRendererBuilt({ logger });
  const backend = new EngineBackend({ engine: developer.engine, version: '0.1.0', logger });
  const token = new Secret(randomBytes(32).toString('base64url'));
  try {
    const web = await startDesktopWeb({ backend, port, token, assetsDir, logger });
    return {
      openUrl: web.openUrl,
      [Symbol.asyncDispose]: async () => {
        await web[Symbol.asyncDispose]();
        await backend[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    logger.warn({ code: toAppError(error).code }, 'the app could not be served');
    await backend[Symbol.asyncDispose]();
    throw error;
  }
}
