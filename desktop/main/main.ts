/** The app's first file: what is Electron's and the process's own is read here, and handed to `startShell`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toAppError } from '@daam/shared/errors/app-error';
import * as electron from 'electron';
import { startShell } from './app.ts';
import { readShellConfig } from './config.ts';
import { shellLogger } from './shell-logger.ts';
import { packedSidecar } from './packed-sidecar.ts';
import { startEngine } from './start-engine.ts';
import { watchUpdates } from './updates.ts';

/** The bundle lies in `main/`, the rest of the app beside it. */
const appDir = join(import.meta.dirname, '..');

async function run(): Promise<void> {
  const { app } = electron;
  const { isPackaged } = app;
  const config = readShellConfig({ isPackaged });
  const logger = shellLogger(config.stateDir);
  const { platform, arch, resourcesPath, argv } = process;
  const shell = await startShell({
    electron,
    appDir,
    stateDir: config.stateDir,
    platform,
    argv: argv.slice(1),
    logger,
    startEngine: async () => {
      const sidecarFile = isPackaged ? await packedSidecar({ appDir, resourcesPath, platform, arch }) : null;
      return await startEngine({ config, sidecarFile, version: app.getVersion(), logger });
    },
  });
  // Only a build with an address for updates has this file.
  if (shell === null || !isPackaged || !existsSync(join(resourcesPath, 'app-update.yml'))) return;
  const { autoUpdater } = await import('electron-updater');
  watchUpdates(autoUpdater, logger);
}

run().catch((thrown: unknown) => {
  const { code, message, hint } = toAppError(thrown);
  electron.dialog.showErrorBox('DAAM cannot start', [message, hint, `[${code}]`].filter(Boolean).join('\n'));
  electron.app.exit(1);
});
