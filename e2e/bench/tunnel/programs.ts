/** The programs of the tunnel's benchmark: built with Go, started, and ended with it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { sidecarFile } from '@daam/shared/wireguard/sidecar-file';
import { run } from '../../specs/tools.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const goFolder = join(root, 'shared', 'wireguard');

/** Where what was built or fetched for comparison is kept between runs. */
export const cacheFolder = join(root, 'e2e', 'bench', 'dist');

export interface Built {
  /** The sidecar as it is shipped. */
  readonly sidecar: string;
  /** tunnel-load. */
  readonly load: string;
}

/** Builds what is ours; null, with the reason on the screen, without Go. */
export async function buildOurs(): Promise<Built | null> {
  await mkdir(cacheFolder, { recursive: true });
  const sidecar = await run(process.execPath, [join(root, 'scripts', 'build-wireguard.ts')], {
    timeoutMs: 600_000,
  });
  if (sidecar.code !== 0) {
    process.stderr.write(`skipped: the benchmark of the tunnel\n${sidecar.stdout}${sidecar.stderr}`);
    return null;
  }
  const load = join(cacheFolder, 'tunnel-load');
  const built = await run('go', ['build', '-C', goFolder, '-o', load, './cmd/tunnel-load'], {
    timeoutMs: 600_000,
  });
  if (built.code !== 0) throw new Error(`tunnel-load does not build:\n${built.stderr}`);
  return { sidecar: sidecarFile(), load };
}

/** The version that is compared with, from the Go module proxy. */
export const wireproxyVersion = 'v1.0.9';

/**
 * Builds wireproxy for comparison: its package, started as its own `main` does, without the sandbox around it. Null, with
 * the reason on the screen, when its modules cannot be had.
 */
export async function buildWireproxy(): Promise<string | null> {
  const file = join(cacheFolder, `wireproxy-${wireproxyVersion}`);
  const folder = join(cacheFolder, 'wireproxy-source');
  await mkdir(folder, { recursive: true });
  await copyFile(join(import.meta.dirname, 'wireproxy-main.go.txt'), join(folder, 'main.go'));
  const module = `module bench/wireproxy\n\ngo 1.24.0\n\nrequire github.com/pufferffish/wireproxy ${wireproxyVersion}\n`;
  await writeFile(join(folder, 'go.mod'), module);
  const env = { CGO_ENABLED: '0' };
  const args = ['build', '-C', folder, '-mod=mod', '-trimpath', '-o', file, '.'];
  const { code, stderr } = await run('go', args, { env, timeoutMs: 600_000 });
  if (code === 0) return file;
  process.stderr.write(`skipped: the comparison with wireproxy, which cannot be built:\n${stderr}\n`);
  return null;
}

export type Piped = ChildProcessByStdio<Writable, Readable, null>;

/** A program that ends when its stdin does, or else by a signal. */
export class Program implements AsyncDisposable {
  readonly #child: Piped;
  readonly #lines: AsyncIterator<string>;

  constructor(
    file: string,
    args: readonly string[],
    options: {
      readonly env?: Readonly<Record<string, string>>;
      readonly identity?: { readonly uid: number; readonly gid: number };
    } = {},
  ) {
    this.#child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...options.env },
      ...options.identity,
    });
    this.#child.stdin.on('error', () => {});
    this.#child.on('error', (error) => process.stderr.write(`${file}: ${error.message}\n`));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The next line of stdout. An Error when the program ended without one. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error(`${this.#child.spawnfile} ended early`);
    return next.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 500);
    await ended;
    clearTimeout(timer);
  }
}

/** Memory of a process in MB, from Linux' /proc; NaN elsewhere. */
export async function memoryOf(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}
