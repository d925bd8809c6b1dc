import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'wireguard');

/** What go says when it is too old for the module, or cannot fetch what the module is made of. */
const unfit = /requires go|invalid go version|toolchain not available|dial tcp|no such host|proxyconnect/;

/** Builds the tunnel's sidecar for this machine: its file, or why there is none when Go is missing or of no use. */
export function buildSidecar(): { readonly file: string } | { readonly missing: string } {
  const file = join(folder, 'dist', 'test', 'daam-tunnel');
  const arguments_ = ['build', '-C', folder, '-o', file, './cmd/daam-tunnel'];
  const env = { ...process.env, CGO_ENABLED: '0' };
  const { error, status, stderr } = spawnSync('go', arguments_, { encoding: 'utf8', env });
  if (error !== undefined) return { missing: 'Go is not installed' };
  if (status !== 0 && unfit.test(stderr))
    return { missing: `Go cannot build it: ${stderr.trim().slice(-300)}` };
  if (status !== 0 || !existsSync(file)) throw new Error(`the sidecar does not build: ${stderr}`);
  return { file };
}
