/** One of the programs as a child process: its log goes to a file, its end is noticed, it never outlives us. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Logger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import type { Guardian } from './guardian.ts';

const root = join(import.meta.dirname, '..', '..');

/** What to run. Secrets are handed over in files that the configuration names, never in `args`. */
export interface ProgramOptions {
  readonly name: string;
  /** Path of its main file from the repository's root. */
  readonly main: string;
  /** What runs it; Node unless told. A person may end such a program. */
  readonly executable?: string;
  readonly args: readonly string[];
  /** Its whole environment, but for PATH and the temporary folder. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Milliseconds that it has after SIGTERM. */
  readonly stopTimeoutMs: number;
  readonly guardian: Guardian;
  readonly logger: Logger;
}

/** A running program. Dispose to stop it in its own orderly way. */
export class Program implements AsyncDisposable {
  readonly #options: ProgramOptions;
  readonly #child: ChildProcess;
  #isStopping = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
    const log = openSync(options.logFile, 'a', 0o600);
    // Detached: a Ctrl-C in the terminal reaches only this process, which stops all in order.
    this.#child = spawn(options.executable ?? process.execPath, [join(root, options.main), ...options.args], {
      env: { ...baseEnv(), ...options.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    options.guardian.add(this.pid);
    this.#child.on('error', () => {});
    this.#child.once('exit', (code, signal) => {
      options.guardian.drop(this.pid);
      const fields = { program: options.name, code, signal };
      if (this.#isStopping) options.logger.debug(fields, 'stopped');
      else if (options.executable !== undefined && code === 0) options.logger.info(fields, 'was ended');
      else options.logger.error(fields, 'ended by itself');
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits until the address answers 2xx. INTERNAL (detail: the end of the log) if the program ends first. */
  async waitForHttp(url: string, timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (Date.now() < end) {
      if (this.hasEnded) break;
      const isReady = await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
        async (response) => {
          await response.body?.cancel();
          return response.ok;
        },
        () => false,
      );
      if (isReady) return;
      await delay(50);
    }
    const log = await readFile(this.#options.logFile, 'utf8').catch(() => '');
    throw new AppError('INTERNAL', {
      message: `${this.#options.name} did not start. See ${this.#options.logFile}.`,
      detail: log.slice(-2000),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (this.hasEnded) return;
      const ended = once(this.#child, 'exit');
      this.#child.kill(signal);
      await Promise.race([ended, delay(this.#options.stopTimeoutMs, null, { ref: false })]);
    }
  }
}

/** Runs a program to its end and returns what it printed. INTERNAL (detail: its errors) unless it ends well. */
export async function runProgram(main: string, args: readonly string[]): Promise<string> {
  try {
    const options = { env: baseEnv(), timeout: 60_000 };
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, main), ...args], options);
    return stdout;
  } catch (cause) {
    const detail = String((cause as { stderr?: unknown }).stderr ?? cause);
    throw new AppError('INTERNAL', { message: `${main} failed.`, detail: detail.slice(-2000), cause });
  }
}

function baseEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '', TMPDIR: process.env['TMPDIR'] ?? '/tmp' };
}
