/** Programs that a test starts on the hosts of its network. Each ends with the test, in its own orderly way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export const root = join(import.meta.dirname, '..', '..', '..');
const stopTimeoutMs = 15_000;
const startTimeoutMs = 60_000;

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** How it ends: by the end of its standard input, or by SIGTERM (default). */
  readonly endsBy?: 'stdin' | 'SIGTERM';
  /** What is given to its standard input at once. */
  readonly input?: string;
}

export class Child implements AsyncDisposable {
  readonly process: ChildProcess & { readonly stdin: Writable; readonly stdout: Readable };
  readonly #name: string;
  readonly #endsBy: 'stdin' | 'SIGTERM';
  #errors = '';

  constructor(command: readonly string[], options: ChildOptions = {}) {
    const [program = '', ...args] = command;
    this.#name = command.slice(-4).join(' ');
    this.#endsBy = options.endsBy ?? 'SIGTERM';
    const env = { ...process.env, ...options.env };
    this.process = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stdin.on('error', () => {});
    this.process.on('error', (error) => (this.#errors += error.message));
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = `${this.#errors}${chunk.toString()}`.slice(-20_000);
      if (process.env['DAAM_TEST_LOG'] === '1') process.stderr.write(chunk);
    });
    if (options.input !== undefined) this.process.stdin.end(options.input);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get hasEnded(): boolean {
    return (
      this.process.exitCode !== null || this.process.signalCode !== null || this.process.pid === undefined
    );
  }

  /** What it said on its standard error, the last of it. */
  get errors(): string {
    return this.#errors;
  }

  /** Its first line on standard output. An Error with what it said when it ends first. */
  async firstLine(): Promise<string> {
    const lines = createInterface({ input: this.process.stdout });
    const ended = once(this.process, 'exit').then(() => null);
    const late = AbortSignal.timeout(startTimeoutMs);
    const expired = once(late, 'abort').then(() => null);
    const outcome = await Promise.race([once(lines, 'line'), ended, expired]);
    if (outcome !== null) return String(outcome[0]);
    throw new Error(`${this.#name} did not start:\n${this.#errors}`);
  }

  /** Its end: exit code and all of its output from now on. */
  async ended(): Promise<{ readonly code: number | null; readonly output: string }> {
    const chunks: Buffer[] = [];
    this.process.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [code] = (await once(this.process, 'close')) as [number | null];
    return { code, output: Buffer.concat(chunks).toString() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.process, 'exit');
    if (this.#endsBy === 'stdin') this.process.stdin.end();
    else this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  }
}
