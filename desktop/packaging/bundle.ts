/** The scripts of the app: main process and preload script, one CommonJS file each, and the page. */
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type InlineConfig } from 'vite';

const desktop = join(import.meta.dirname, '..');

/** A sandboxed preload script may require `electron` alone; the main process besides what is Node's own. */
function scriptConfig(entry: string, outDir: string): InlineConfig {
  return {
    configFile: false,
    root: desktop,
    logLevel: 'warn',
    mode: 'production',
    resolve: {
      alias: { '@napi-rs/keyring': join(import.meta.dirname, 'keyring-in-app.ts') },
    },
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      sourcemap: false,
      rolldownOptions: {
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  };
}

/** PostgreSQL's grammar, for hints (adr/0174): the script looks for it beside itself. */
function grammarFile(): string {
  const shared = createRequire(join(desktop, '..', 'shared', 'package.json'));
  return join(dirname(shared.resolve('libpg-query')), 'libpg-query.wasm');
}

/** Builds into `<appDir>/main/main.cjs` and `<appDir>/preload/preload.cjs`. */
export async function buildScripts(appDir: string): Promise<void> {
  await build(scriptConfig(join(desktop, 'main', 'main.ts'), join(appDir, 'main')));
  await cp(grammarFile(), join(appDir, 'main', 'libpg-query.wasm'));
  await build(scriptConfig(join(desktop, 'preload', 'preload.ts'), join(appDir, 'preload')));
}

/** Builds the scripts, and the page into `<appDir>/renderer`. */
export async function buildBundles(appDir: string): Promise<void> {
  await buildScripts(appDir);
  await build({
    configFile: join(desktop, 'renderer', 'vite.config.ts'),
    mode: 'electron',
    logLevel: 'warn',
    build: { outDir: join(appDir, 'renderer'), emptyOutDir: true },
  });
}
