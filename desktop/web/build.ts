import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '@daam/shared/base/logger';

const desktop = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(desktop, 'dist', 'renderer');
const sources = ['renderer', 'ipc', '../shared/errors', 'package.json'].map((path) => join(desktop, path));

/**
 * The folder of the built screens, for `startDesktopWeb`. Builds first when there is no build or a source is newer.
 * Two processes may do so at once: each builds aside and then swaps the folder in.
 */
export async function ensureRendererBuilt({ logger }: { logger: Logger }): Promise<string> {
  const builtAt = await modifiedAt(join(output, 'index.html'));
  const changedAt = Math.max(...(await Promise.all(sources.map(newestIn))));
  if (builtAt > changedAt) return output;
  logger.info({}, 'building the screens');
  await buildRenderer();
  return output;
}

/** Builds the screens with Vite into dist/renderer. */
export async function buildRenderer(): Promise<void> {
  // Loaded only when there is something to build: it is a tool, not a part of the app.
  const { build } = await import('vite');
  const aside = join(desktop, 'dist', `.renderer-${process.pid}`);
  const old = `${aside}-old`;
  await mkdir(dirname(output), { recursive: true });
  try {
    await build({
      configFile: join(desktop, 'renderer', 'vite.config.ts'),
      build: { outDir: aside, emptyOutDir: true },
      logLevel: 'warn',
    });
    await rename(output, old).catch(ignoreMissing);
    await rename(aside, output);
  } finally {
    await Promise.all([aside, old].map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

async function newestIn(path: string): Promise<number> {
  const own = await modifiedAt(path);
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && !entry.name.includes('.test.'));
  const times = await Promise.all(files.map((entry) => modifiedAt(join(entry.parentPath, entry.name))));
  return Math.max(entries.length > 0 ? 0 : own, ...times);
}

async function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
