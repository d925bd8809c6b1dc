/** The tunnel sidecar as a process: commands in, answers and events out. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const folder = join(import.meta.dirname, '..', '..', 'shared', 'wireguard');

export interface SidecarLine {
  readonly id?: number | null;
  readonly ok?: boolean;
  readonly error?: { readonly code: string; readonly message: string };
  readonly event?: string;
  readonly [field: string]: unknown;
}

/** Builds the sidecar for this machine. The reason why not, when Go is missing; the file's path otherwise. */
export function buildSidecar(): { readonly file: string } | { readonly missing: string } {
  const file = join(folder, 'dist', 'test', 'daam-tunnel');
  const arguments_ = ['build', '-C', folder, '-o', file, './cmd/daam-tunnel'];
  const env = { ...process.env, CGO_ENABLED: '0' };
  const { error, status, stderr } = spawnSync('go', arguments_, { encoding: 'utf8', env });
  if (error !== undefined) return { missing: 'Go is not installed' };
  if (status !== 0 || !existsSync(file)) throw new Error(`the sidecar does not build: ${stderr}`);
  return { file };
}

export class SidecarProcess implements AsyncDisposable {
  readonly events: SidecarLine[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, (answer: SidecarLine) => void>();
  readonly #exited: Promise<void>;
  #next = 1;

  constructor(file: string, role: 'client' | 'agent') {
    this.#child = spawn(file, [`--role=${role}`], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    createInterface({ input: this.#child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as SidecarLine;
      if (line.event !== undefined) this.events.push(line);
      else this.#waiting.get(Number(line.id))?.(line);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a command and waits for its answer. */
  async send(command: string, fields: Readonly<Record<string, unknown>> = {}): Promise<SidecarLine> {
    const id = this.#next;
    this.#next += 1;
    const answer = new Promise<SidecarLine>((resolve) => this.#waiting.set(id, resolve));
    this.#child.stdin.write(`${JSON.stringify({ id, do: command, ...fields })}\n`);
    const line = await answer;
    this.#waiting.delete(id);
    return line;
  }

  /** The same, where a refusal is a failure of the test. */
  async must(command: string, fields: Readonly<Record<string, unknown>> = {}): Promise<SidecarLine> {
    const answer = await this.send(command, fields);
    if (answer.ok !== true) throw new Error(`${command}: ${JSON.stringify(answer.error)}`);
    return answer;
  }

  /** The end of stdin is its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#exited;
  }
}
