/** The tunnel sidecar as a process: commands in, answers and events out. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import {
  type SidecarAnswer,
  SidecarChannel,
  type SidecarCommand,
  type SidecarEvent,
} from '@daam/shared/wireguard/sidecar-channel';

export { buildSidecar } from '@daam/shared/testing/built-sidecar';

export class SidecarProcess implements AsyncDisposable {
  readonly events: SidecarEvent[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #channel: SidecarChannel;
  readonly #exited: Promise<void>;

  /** `within` is put before the command, as `ip netns exec NAME`. */
  constructor(file: string, role: 'client' | 'agent', within: readonly string[] = []) {
    const words: readonly string[] = [...within, file, `--role=${role}`];
    const [program = file, ...args] = words;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#channel = new SidecarChannel({
      write: (line) => void child.stdin.write(line),
      onEvent: (event) => void this.events.push(event),
    });
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    createInterface({ input: child.stdout }).on('line', (line) => this.#channel.take(line));
  }

  /** Sends a command; a refusal rejects. */
  send(command: SidecarCommand, fields: Readonly<Record<string, unknown>> = {}): Promise<SidecarAnswer> {
    return this.#channel.send(command, fields);
  }

  /** The end of stdin is its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#exited;
    this.#channel.close();
  }
}
