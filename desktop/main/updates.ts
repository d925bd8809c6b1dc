/**
 * Updates of the packed app. Where they come from is in the build (`app-update.yml`, which only a build with an address
 * for updates has), never in a setting; what comes is installed when the person quits, and only if it is newer. Windows
 * and macOS check who signed it; an AppImage is as good as the address that its hash comes from, so that is https.
 */
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';

/** The part of electron-updater's `AppUpdater` that is used. */
export interface UpdaterPort {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  allowDowngrade: boolean;
  allowPrerelease: boolean;
  disableWebInstaller: boolean;
  logger: unknown;
  checkForUpdates(): Promise<unknown>;
}

/** Milliseconds. The first look waits until the app has started. */
const firstLookAfter = 60_000;
const lookEvery = 6 * 3_600_000;

/** Looks for updates until disposed. An outage of the address is nothing that a person has to hear of. */
export function watchUpdates(updater: UpdaterPort, logger: Logger): Disposable {
  updater.autoDownload = true;
  updater.autoInstallOnAppQuit = true;
  updater.allowDowngrade = false;
  updater.allowPrerelease = false;
  updater.disableWebInstaller = true;
  // It would write addresses and paths to the console.
  updater.logger = null;
  const look = (): void => {
    updater
      .checkForUpdates()
      .catch((thrown: unknown) =>
        logger.info({ code: toAppError(thrown).code }, 'updates could not be looked for'),
      );
  };
  const first = setTimeout(look, firstLookAfter);
  const timer = setInterval(look, lookEvery);
  for (const each of [first, timer]) each.unref();
  return {
    [Symbol.dispose]: () => {
      clearTimeout(first);
      clearInterval(timer);
    },
  };
}
