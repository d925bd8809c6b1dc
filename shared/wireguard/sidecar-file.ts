/** Where the sidecar's binary is, and what it may see of the environment. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { AppError } from '../errors/app-error.ts';

const systems: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'mac', win32: 'win' };

/**
 * The binary of the sidecar: `configured` where it is told (an absolute path), else the one that
 * `npm run build:wireguard` builds for this machine, in the folder that electron-builder's names give it. TUNNEL_FAILED,
 * with the hint how to get one, when there is no such file.
 */
export function sidecarFile(configured: string | null = null): string {
  const file = configured ?? builtSidecar();
  if (file !== null && isAbsolute(file) && existsSync(file)) return file;
  throw new AppError('TUNNEL_FAILED', {
    message: 'The tunnel’s sidecar (daam-tunnel) is not there.',
    hint: 'Run "npm run build:wireguard" (it needs Go), or configure the path of the binary.',
    detail: file === null ? `no sidecar for ${process.platform}-${process.arch}` : 'no file at the path',
  });
}

function builtSidecar(): string | null {
  const system = systems[process.platform];
  if (system === undefined) return null;
  const name = system === 'win' ? 'daam-tunnel.exe' : 'daam-tunnel';
  return join(import.meta.dirname, 'dist', `${system}-${process.arch}`, name);
}

/** Proxies and their exceptions, further roots for the relay's certificate, and what Windows' sockets need. */
const allowed = new Set(
  ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'SYSTEMROOT'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
);

/** The part of an environment that the sidecar gets: no secret of its owner is in it. */
export function sidecarEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (allowed.has(name) || name.toUpperCase() === 'SYSTEMROOT')) kept[name] = value;
  }
  return kept;
}
