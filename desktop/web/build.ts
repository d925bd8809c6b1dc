import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Logger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';

const here = dirname(fileURLToPath(import.meta.url));
const sources = ['renderer', 'ipc', '../shared/errors', 'package.json'].map((path) => join(here, '..', path));
const buildTimeout = 120_000;

/** Where the built screens are. */
export const rendererOutput = join(here, '..', 'dist', 'renderer');

/** The folder of the built screens, for `startDesktopWeb`. Builds first when there is no build or a source is newer. */
export async function ensureRendererBuilt({ logger }: { logger: Logger }): Promise<string> {
  const builtAt = await modifiedAt(join(rendererOutput, 'index.html'));
  const changedAt = Math.max(...(await Promise.all(sources.map(newestIn))));
  if (builtAt > changedAt) return rendererOutput;
  logger.info({}, 'building the screens');
  await build();
  return rendererOutput;
}

/** A process of its own: the build tool is no part of the app, and the environment of a test run is not its business. */
async function build(): Promise<void> {
  const options = { env: { NODE_ENV: 'production' }, timeout: buildTimeout };
  try {
    await promisify(execFile)(process.execPath, [join(here, 'build-main.ts')], options);
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
