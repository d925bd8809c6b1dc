import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Logger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';

const here = dirname(fileURLToPath(import.meta.url));
const sources = [
  'renderer',
  'ipc',
  '../shared/errors',
  '../shared/api',
  '../shared/policy',
  'package.json',
].map((path) => join(here, '..', path));
const buildTimeout = 120_000;

/** Where the built screens are: for a browser on this machine, and for the control plane's `/console`. */
export const rendererOutput = join(here, '..', 'dist', 'renderer');
export const consoleOutput = join(here, '..', 'dist', 'console');

/** The folder of the built screens, for `startDesktopWeb`. Builds first when there is no build or a source is newer. */
export async function ensureRendererBuilt({ logger }: { logger: Logger }): Promise<string> {
  return await ensureBuilt('renderer', logger);
}

/** The folder of the built console, for the control plane's `console.folder`. Builds like `ensureRendererBuilt`. */
export async function ensureConsoleBuilt({ logger }: { logger: Logger }): Promise<string> {
  return await ensureBuilt('console', logger);
}

async function ensureBuilt(what: 'renderer' | 'console', logger: Logger): Promise<string> {
  const output = what === 'renderer' ? rendererOutput : consoleOutput;
  const builtAt = await modifiedAt(join(output, 'index.html'));
  const changedAt = Math.max(...(await Promise.all(sources.map(newestIn))));
  if (builtAt > changedAt) return output;
  logger.info({ what }, 'building the screens');
  await build(what);
  return output;
}

/** A process of its own: the build tool is no part of the app, and the environment of a test run is not its business. */
async function build(what: 'renderer' | 'console'): Promise<void> {
  const options = { env: { NODE_ENV: 'production' }, timeout: buildTimeout };
  try {
    await promisify(execFile)(process.execPath, [join(here, 'build-main.ts'), what], options);
  } catch (cause) {
    throw new AppError('INTERNAL', {
      message: 'The screens could not be built.',
      detail: String(cause),
      cause,
    });
  }
}

async function newestIn(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return modifiedAt(path);
  const files = entries.filter((entry) => entry.isFile() && !entry.name.includes('.test.'));
  const times = await Promise.all(files.map((entry) => modifiedAt(join(entry.parentPath, entry.name))));
  return Math.max(0, ...times);
}

async function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}
