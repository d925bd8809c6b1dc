import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';
import type { Middleware } from 'koa';

/** One file of the console's build. */
interface ConsoleFile {
  readonly bytes: Buffer;
  readonly type: string;
  /** Its name carries a hash of its content. */
  readonly isImmutable: boolean;
}

/** Path below `/console` → file. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const maxTotalBytes = 32 * 1024 * 1024;
const prefix = '/console';

/**
 * Reads the console's build into memory, once. A request only looks a path up, so nothing outside of the build can be
 * asked for. NOT_FOUND when the folder holds no console.
 */
export async function readConsole(folder: string): Promise<ConsoleFiles> {
  const files = new Map<string, ConsoleFile>();
  let total = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    total += bytes.length;
    if (total > maxTotalBytes) throw new AppError('TOO_LARGE', { message: 'The console is too large.' });
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    files.set(path, { bytes, type, isImmutable: path.startsWith('/assets/') });
  }
  if (files.has('/index.html')) return files;
  throw new AppError('NOT_FOUND', {
    message: 'The folder in console.folder holds no console.',
    hint: 'Run "npm run build:console", or leave console.folder out.',
  });
}

/** Scripts and styles of this origin alone, none inline, and no HTML from strings. The console talks to this API alone. */
const headers = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
} as const;

/** Answers `/console` and what is below it; everything else passes. */
export function serveConsole(files: ConsoleFiles): Middleware {
  return async (context, next) => {
    const { path, method } = context;
    if (path !== prefix && !path.startsWith(`${prefix}/`)) {
      await next();
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') throw new AppError('NOT_FOUND');
    // Relative addresses in the page need the slash.
    if (path === prefix) {
      context.redirect(`${prefix}/`);
      return;
    }
    const below = path.slice(prefix.length);
    const file = files.get(below === '/' ? '/index.html' : below);
    if (file === undefined) throw new AppError('NOT_FOUND');
    context.set(headers);
    if (file.isImmutable) context.set('Cache-Control', 'public, max-age=31536000, immutable');
    context.type = file.type;
    context.body = file.bytes;
  };
}
