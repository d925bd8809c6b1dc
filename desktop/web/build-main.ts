/**
 * Builds the screens with Vite: `npm run build` here for a browser on this machine (dist/renderer), `npm run build:console` for the control
 * plane's `/console` (dist/console), or started by web/build.ts.
 */
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { consoleOutput, rendererOutput } from './build.ts';

const configFile = join(dirname(fileURLToPath(import.meta.url)), '..', 'renderer', 'vite.config.ts');
const isConsole = process.argv[2] === 'console';
const output = isConsole ? consoleOutput : rendererOutput;
const aside = join(dirname(output), `.${basename(output)}-${process.pid}`);
const old = `${aside}-old`;

await mkdir(dirname(output), { recursive: true });
try {
  await build({
    configFile,
    mode: isConsole ? 'console' : 'production',
    build: { outDir: aside, emptyOutDir: true },
    logLevel: 'warn',
  });
  // Two of these may run at once, and a page may be served meanwhile: the folder is swapped, never written in place.
  await rename(output, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(aside, output);
} finally {
  await Promise.all([aside, old].map((folder) => rm(folder, { recursive: true, force: true })));
}
