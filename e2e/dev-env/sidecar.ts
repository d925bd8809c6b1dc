/**
 * The tunnel's sidecar for this machine. It is built when its sources are newer than what was built before, which needs
 * Go; a machine with neither gets null and the reason on the screen.
 */
import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import { sidecarFile } from '@daam/shared/wireguard/sidecar-file';
import type { StartOptions } from './options.ts';

const root = join(import.meta.dirname, '..', '..');
const sources = join(root, 'shared', 'wireguard');
/** The first build fetches and compiles all that the sidecar is made of. */
const buildTimeoutMs = 300_000;

/** What is needed to decide. */
export interface SidecarOptions {
  readonly options: Pick<StartOptions, 'path'>;
  readonly logger: Logger;
}

/**
 * Path of the sidecar; null when there can be none, and then developers reach the agent over plain loopback TCP.
 * TUNNEL_FAILED instead of null when a path through the tunnel was asked for by name.
 */
export async function prepareSidecar({ options, logger }: SidecarOptions): Promise<string | null> {
  const file = builtFile();
  const isFresh = file !== null && (await newestSource(sources)) <= (await stat(file)).mtimeMs;
  if (isFresh) return file;
  const started = performance.now();
  logger.info({ first: file === null }, 'building the tunnel sidecar');
  const failure = await build();
  if (failure === null) {
    logger.info({ ms: Math.round(performance.now() - started) }, 'tunnel sidecar is built');
    return builtFile();
  }
  if (file !== null) {
    logger.warn({ reason: failure }, 'the tunnel sidecar is older than its sources, and is used as it is');
    return file;
  }
  if (options.path !== 'auto') {
    throw new AppError('TUNNEL_FAILED', {
      message: `--path ${options.path} needs the tunnel, and its sidecar cannot be built.`,
      hint: failure,
    });
  }
  logger.warn(
    { reason: failure },
    'NO TUNNEL: the sidecar cannot be built, developers reach the agent over plain loopback TCP',
  );
  return null;
}

function builtFile(): string | null {
  try {
    return sidecarFile();
  } catch {
    return null;
  }
}

/** Why it could not be built; null when it was. */
async function build(): Promise<string | null> {
  const args = [join(root, 'scripts', 'build-wireguard.ts')];
  try {
    await promisify(execFile)(process.execPath, args, { timeout: buildTimeoutMs });
    return null;
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    const said = `${stdout ?? ''}${stderr ?? ''}`.trim();
    return said === '' ? String(error) : said.slice(-500);
  }
}

/** When a source of the Go module was last changed, in milliseconds since the Unix epoch. */
async function newestSource(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const times = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'dist' ? 0 : await newestSource(path);
    return /(?<!_test)\.go$|^go\.(mod|sum)$/.test(entry.name) ? (await stat(path)).mtimeMs : 0;
  });
  return Math.max(0, ...(await Promise.all(times)));
}
