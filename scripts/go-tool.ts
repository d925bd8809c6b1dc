/** The Go of this machine, for the sidecar in shared/wireguard. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './step.ts';

export const goFolder = join(root, 'shared', 'wireguard');

/** The oldest Go that builds the module, as its go.mod says. */
export const oldestGo = [1, 24] as const;

/** Why Go cannot be used, with what to install; null when it can. */
export function goMissing(): string | null {
  const { stdout, error } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  const needed = `Go ${oldestGo.join('.')} or newer`;
  if (error !== undefined || stdout.trim() === '')
    return `${needed} is not on the PATH: install it from go.dev/dl or the system's packages`;
  return isNewEnough(stdout.trim()) ? null : `${needed} is needed, this is ${stdout.trim()}`;
}

/** Whether `go1.26.8` and the like is new enough; a development version is. */
export function isNewEnough(version: string): boolean {
  const found = /^go(\d+)\.(\d+)/.exec(version);
  if (found === null) return version.startsWith('devel');
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1]);
}

/** The race detector needs a C compiler. */
export function hasRaceDetector(): boolean {
  return spawnSync('cc', ['--version']).status === 0;
}
