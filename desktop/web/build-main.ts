/** Builds the screens with Vite into dist/renderer: `npm run build` here, or started by `ensureRendererBuilt`. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { rendererOutput } from './build.ts';

const configFile = join(dirname(fileURLToPath(import.meta.url)), '..', 'renderer', 'vite.config.ts');
const aside = join(dirname(rendererOutput), `.renderer-${process.pid}`);
const old = `${aside}-old`;

await mkdir(dirname(rendererOutput), { recursive: true });
try {
  await build({ configFile, build: { outDir: aside, emptyOutDir: true }, logLevel: 'warn' });
  // Two of these may run at once, and a page may be served meanwhile: the folder is swapped, never written in place.
  await rename(rendererOutput, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(aside, rendererOutput);
} finally {
  await Promise.all([aside, old].map((folder) => rm(folder, { recursive: true, force: true })));
}
