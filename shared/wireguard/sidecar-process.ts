/**
 * The sidecar as a process: its stdin takes commands, its stdout gives answers and events (sidecar-channel.ts), its
 * stderr is for the log. The end of its stdin is its end, so that none outlives who started it.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from '../base/logger.ts';
import { AppError, toAppError } from '../errors/app-error.ts';
import {
  maxSidecarLine,
  type SidecarAnswer,
  SidecarChannel,
  type SidecarCommand,
  type SidecarEvent,
  sidecarProtocol,
} from './sidecar-channel.ts';
import { sidecarEnvironment } from './sidecar-file.ts';

/** What the process does: `client` on a developer's machine, `agent` beside a database. */
export type SidecarRole = 'client' | 'agent';

export interface SidecarOptions {
  /** The binary (sidecar-file.ts). */
  readonly file: string;
  readonly role: SidecarRole;
  readonly onEvent: (event: SidecarEvent) => void;
  /** Called once when the process has ended by itself, with why; not after it was disposed of. */
  readonly onExit: (failure: AppError) => void;
  readonly logger: Logger;
  /** The owner's environment; only proxies and certificate roots of it are handed on. Default: nothing is. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Put before the command, as `ip netns exec NAME`; for tests. */
  readonly within?: readonly string[];
  /** How long a command may take, and the process to end. Milliseconds; default 15,000 and 3,000. */
  readonly commandTimeoutMs?: number;
  readonly exitTimeoutMs?: number;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Lines of the log that are kept of one process in a minute; the rest is counted. */
const maxLogLines = 200;
const maxLogLine = 1_000;

export class SidecarProcess implements AsyncDisposable {
  readonly #options: SidecarOptions;
  readonly #child: Child;
  readonly #channel: SidecarChannel;
  readonly #exited: Promise<unknown>;
  #isDisposed = false;
  #failure: AppError | null = null;

  private constructor(options: SidecarOptions, child: Child) {
    this.#options = options;
    this.#child = child;
    this.#channel = new SidecarChannel({
      write: (line) => void child.stdin.write(line),
      onEvent: options.onEvent,
    });
    this.#exited = new Promise((resolve) => child.once('close', resolve));
    // A broken pipe is the process's end, which `close` tells.
    child.stdin.on('error', () => {});
    readLines(child.stdout, {
      limit: maxSidecarLine,
      onLine: (line) => this.#take(line),
      onTooLong: () => this.#kill(new AppError('FRAME_TOO_LARGE', { detail: 'sidecar line' })),
    });
    logLines(child.stderr, options.logger);
    child.once('close', (code, signal) => this.#ended(`exit ${code ?? signal}`));
  }

  /** Starts the process and greets it. TUNNEL_FAILED when there is none, or one of another protocol. */
  static async start(options: SidecarOptions): Promise<SidecarProcess> {
    const words = [...(options.within ?? []), options.file, `--role=${options.role}`];
    const [program = options.file, ...args] = words;
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environmentOf(options),
      // Ctrl-C is for the owner: it drains first, and the sidecar carries what is drained.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    child.on('error', () => {});
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw new AppError('TUNNEL_FAILED', { detail: 'the sidecar cannot be started', cause });
    }
    const started = new SidecarProcess(options, child);
    try {
      await started.send('hello', { proto: sidecarProtocol });
      return started;
    } catch (thrown) {
      await started[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** Process id; for tests and the log. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Sends a command and gives its answer. TUNNEL_FAILED when it is refused, and when the process ends first; one that
   * does not answer in time is ended.
   */
  async send(
    command: SidecarCommand,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<SidecarAnswer> {
    const timer = setTimeout(
      () => this.#kill(new AppError('TUNNEL_FAILED', { detail: `${command}: no answer in time` })),
      this.#options.commandTimeoutMs ?? 15_000,
    );
    try {
      return await this.#channel.send(command, fields);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks the process to end, and makes it when it does not. `onExit` is not called any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), this.#options.exitTimeoutMs ?? 3_000);
    await this.#exited;
    clearTimeout(timer);
    this.#channel.close();
  }

  #take(line: string): void {
    try {
      this.#channel.take(line);
    } catch (thrown) {
      this.#kill(toAppError(thrown));
    }
  }

  /** It says what it never says, or nothing: whatever it is now, it is no tunnel. */
  #kill(failure: AppError): void {
    this.#failure ??= failure;
    this.#child.kill('SIGKILL');
  }

  #ended(how: string): void {
    this.#channel.close();
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#options.onExit(this.#failure ?? new AppError('TUNNEL_FAILED', { detail: `the sidecar: ${how}` }));
  }
}

/** What it is started within is looked up on the owner's PATH. */
function environmentOf({ env = {}, within }: SidecarOptions): Record<string, string> {
  const kept = sidecarEnvironment(env);
  return within === undefined || env['PATH'] === undefined ? kept : { ...kept, PATH: env['PATH'] };
}

interface LineReader {
  /** Bytes of a line. */
  readonly limit: number;
  readonly onLine: (line: string) => void;
  readonly onTooLong: () => void;
}

/** Splits a stream at LF; never holds more than a line and a chunk. */
function readLines(stream: Readable, { limit, onLine, onTooLong }: LineReader): void {
  let rest: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a)) {
      if (end > 0) onLine(bytes.toString('utf8', 0, end));
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes.length > limit ? Buffer.alloc(0) : bytes;
    if (bytes.length > limit) onTooLong();
  });
  stream.on('error', () => {});
}

/** The sidecar's log has ids and counts, no secrets; there may be a lot of it. */
function logLines(stream: Readable, logger: Logger): void {
  let lines = 0;
  let since = Date.now();
  const log = (text: string): void => {
    if (Date.now() - since > 60_000) {
      if (lines > maxLogLines) logger.warn({ lines: lines - maxLogLines }, 'sidecar: lines left out');
      [lines, since] = [0, Date.now()];
    }
    lines += 1;
    if (lines <= maxLogLines) logger.info({ line: text.slice(0, maxLogLine) }, 'sidecar');
  };
  readLines(stream, {
    limit: maxSidecarLine,
    onLine: log,
    onTooLong: () => log('(a line that is too long)'),
  });
}
