/** A developer's own side: the desktop engine, signed in and connected, and the app over it in a browser. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { Engine, type LocalEndpoint } from '@daam/desktop/engine/engine';
import { startDesktopWeb } from '@daam/desktop/web/app';
import { ensureConsoleBuilt, ensureRendererBuilt } from '@daam/desktop/web/build';
import { EngineBackend } from '@daam/desktop/engine/bridge/engine-backend';
import type { StartOptions } from './options.ts';
import type { DevUser } from './organization.ts';
import type { StateDir } from './state-dir.ts';

/** Whom to sign in, where, and on which local port. */
export interface DeveloperOptions {
  readonly user: DevUser;
  readonly controlPlaneUrl: string;
  readonly database: string;
  readonly port: number;
  /** The tunnel's binary; null: plain loopback TCP to the agent. */
  readonly sidecar: string | null;
  readonly options: Pick<StartOptions, 'path'>;
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
  const { user, controlPlaneUrl, database, port, state, sidecar, logger } = options;
  const home = await state.folder('users', encodeURIComponent(user.email));
  const engine = await Engine.open({
    stateDir: home,
    secretStore: 'file',
    transport: sidecar === null ? 'loopback' : 'tunnel',
    path: options.options.path,
    sidecarFile: sidecar,
    logger,
  });
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
    if (items.some(({ name, state }) => name === database && state === 'online')) return;
    await delay(100);
  }
}

/** Builds the app's screens unless they are built; started early, because it takes a while. */
export function buildScreens(logger: Logger): {
  readonly app: Promise<string>;
  readonly console: Promise<string>;
} {
  // The control plane waits for its console first.
  const console = ensureConsoleBuilt({ logger });
  const app = console.then(async () => await ensureRendererBuilt({ logger }));
  // Whoever waits for them gets the failure; until then it must not end the process.
  for (const building of [app, console]) building.catch(() => {});
  return { app, console };
}

/** What the app is served from. */
export interface WebOptions {
  readonly developer: Developer;
  readonly assetsDir: string;
  readonly port: number;
  readonly logger: Logger;
}

/** Serves the app of a developer. */
export async function startWeb(options: WebOptions): Promise<{ readonly openUrl: Secret } & AsyncDisposable> {
  const { developer, assetsDir, port, logger } = options;
  await using stack = new AsyncDisposableStack();
  const backend = stack.use(new EngineBackend({ engine: developer.engine, version: '0.1.0', logger }));
  const token = new Secret(randomBytes(32).toString('base64url'));
  const web = stack.use(await startDesktopWeb({ backend, port, token, assetsDir, logger }));
  const running = stack.move();
  return { openUrl: web.openUrl, [Symbol.asyncDispose]: async () => await running.disposeAsync() };
}
