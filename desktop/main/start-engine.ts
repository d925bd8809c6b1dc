import type { Logger } from '@daam/shared/base/logger';
import { Engine } from '../engine/engine.ts';
import { findTools } from '../engine/tools/find-tools.ts';
import { startDetached, Tools } from '../engine/tools/open-in-tool.ts';
import type { DesktopBackend } from '../ipc/backend.ts';
import { EngineBackend } from '../engine/bridge/engine-backend.ts';
import type { ShellConfig } from './config.ts';

export interface StartEngineOptions {
  readonly config: ShellConfig;
  /** The packed sidecar, checked; null in development: the one that was built for this machine. */
  readonly sidecarFile: string | null;
  readonly version: string;
  readonly logger: Logger;
}

/** The engine in this process, as the bridge shows it. Disposing closes its local ports and ends its tunnel. */
export async function startEngine(options: StartEngineOptions): Promise<DesktopBackend & AsyncDisposable> {
  const { config, sidecarFile, version, logger } = options;
  const { stateDir, secretStore, transport, path, env } = config;
  await using stack = new AsyncDisposableStack();
  const engine = stack.use(
    await Engine.open({
      stateDir,
      env,
      sidecarFile: sidecarFile ?? config.sidecarFile ?? null,
      logger,
      ...(secretStore === undefined ? {} : { secretStore }),
      ...(transport === undefined ? {} : { transport }),
      ...(path === undefined ? {} : { path }),
    }),
  );
  const tools = new Tools({
    tools: await findTools({ platform: process.platform, env }),
    start: startDetached(env),
  });
  const backend = stack.use(new EngineBackend({ engine, version, logger, tools }));
  const running = stack.move();
  return {
    capabilities: backend.capabilities,
    methods: backend.methods,
    subscribe: (listener) => backend.subscribe(listener),
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  };
}
