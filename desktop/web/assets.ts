import { lstat, readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';

/** One file of the built screens. */
export interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  /** Its name carries a hash of its content. */
  readonly immutable: boolean;
}

/** URL path → file. */
export type Assets = ReadonlyMap<string, Asset>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const maxTotalBytes = 32 * 1024 * 1024;

/**
 * Reads the built screens into memory once. A request then only looks up a key, so no `..`, encoded or not, can reach
 * a file that is not part of the build. Links and unknown kinds of file are left out.
 */
export async function loadAssets(folder: string): Promise<Assets> {
  const assets = new Map<string, Asset>();
  let total = 0;
  const files = await filesIn(folder).catch((cause: unknown) => {
    throw new AppError('NOT_FOUND', {
      message: 'The screens are not built. Run npm run build in desktop.',
      cause,
    });
  });
  for (const file of files) {
    const type = types[extname(file)];
    if (type === undefined) continue;
    const bytes = await readFile(file);
    total += bytes.length;
    if (total > maxTotalBytes)
      throw new AppError('TOO_LARGE', { message: 'The built screens are too large.' });
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    assets.set(path, { bytes, type, immutable: path.startsWith('/assets/') });
  }
  const index = assets.get('/index.html');
  if (index === undefined) {
    throw new AppError('NOT_FOUND', { message: 'The screens are not built. Run npm run build in desktop.' });
  }
  assets.set('/', index);
  return assets;
}

/** By names and stats alone: what else `readdir` can do is not sure inside Electron's archive. */
async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const stat = await lstat(path);
    if (stat.isDirectory()) found.push(...(await filesIn(path)));
    else if (stat.isFile()) found.push(path);
  }
  return found;
}
