/** What a browser loads for which screens, from the built files alone: their imports are followed as the browser would. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const staticImport = /(?:^|[;}\s])(?:import|export)\b[^;"'()]*?["'`]\.\/([\w.-]+\.js)["'`]/g;
const lazyImport = /import\(\s*["'`]\.\/([\w.-]+\.js)["'`]/g;

export interface AssetSizes {
  /** Kilobytes, gzip. */
  readonly shell: number;
  readonly editor: number;
  readonly administrators: number;
  /** Kilobytes as they are. */
  readonly fonts: number;
}

/** Chunks that the shell loads for everybody; what it loads beside them is for administrators. */
const developers = /^(palette|shortcuts|query|requests?|activity|settings|welcome|sign-in|lock-screen)-/;

/** Sizes of the build in a folder. */
export async function measureAssets(assetsDir: string): Promise<AssetSizes> {
  const folder = join(assetsDir, 'assets');
  const names = await readdir(folder);
  const scripts = new Map<string, string>();
  for (const name of names)
    if (name.endsWith('.js')) scripts.set(name, await readFile(join(folder, name), 'utf8'));
  const html = await readFile(join(assetsDir, 'index.html'), 'utf8');
  const closure = (starts: Iterable<string>): Set<string> => {
    const found = new Set<string>();
    const waiting = [...starts];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (found.has(name)) continue;
      found.add(name);
      for (const [, next] of (scripts.get(name) ?? '').matchAll(staticImport)) if (next) waiting.push(next);
    }
    return found;
  };
  const shell = closure([...scripts.keys()].filter((name) => html.includes(name)));
  const editor = closure([...scripts.keys()].filter((name) => name.startsWith('query-screen-')));
  const lazyOf = (loaded: Iterable<string>): string[] =>
    [...loaded].flatMap((name) =>
      [...(scripts.get(name) ?? '').matchAll(lazyImport)].flatMap(([, next]) => next ?? []),
    );
  const screens = closure(lazyOf(shell).filter((name) => !developers.test(name)));
  const administrators = closure([...screens, ...lazyOf(screens.difference(shell))]);
  const kilobytes = (wanted: Iterable<string>): number =>
    [...wanted].reduce(
      (sum, name) => sum + gzipSync(scripts.get(name) ?? '', { level: 9 }).length / 1_024,
      0,
    );
  const fonts = await Promise.all(
    names
      .filter((name) => name.endsWith('.woff2'))
      .map(async (name) => (await readFile(join(folder, name))).length / 1_024),
  );
  return {
    shell: kilobytes(shell),
    editor: kilobytes(editor.difference(shell)),
    // What the query editor has as well, at once or later (its formatter), is counted there.
    administrators: kilobytes(
      administrators.difference(shell).difference(closure([...editor, ...lazyOf(editor.difference(shell))])),
    ),
    fonts: fonts.reduce((sum, each) => sum + each, 0),
  };
}
