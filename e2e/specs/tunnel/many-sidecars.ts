/** Many sidecars of the client's role in one process: each has a tunnel of its own (e2e/clients/many-tunnels). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type SidecarAnswer,
  SidecarChannel,
  type SidecarCommand,
  type SidecarEvent,
} from '@daam/shared/wireguard/sidecar-channel';
import type { Sidecar } from './knocker.ts';

const root = join(import.meta.dirname, '..', '..', '..');

export class ManySidecars implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #socketPath: string;

  private constructor(child: ChildProcess, socketPath: string) {
    this.#child = child;
    this.#socketPath = socketPath;
  }

  /** Builds it into the folder and starts it. Needs Go. */
  static async start(folder: string): Promise<ManySidecars> {
    const binary = join(folder, 'many-tunnels');
    const source = join(root, 'e2e', 'clients', 'many-tunnels', 'main.go');
    const args = ['build', '-C', join(root, 'shared', 'wireguard'), '-o', binary, source];
    const env = { ...process.env, CGO_ENABLED: '0' };
    const { status, stderr } = spawnSync('go', args, { encoding: 'utf8', env });
    if (status !== 0) throw new Error(`many-tunnels does not build: ${stderr}`);
    const socketPath = join(folder, 'tunnels.sock');
    const child = spawn(binary, [socketPath], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return new ManySidecars(child, socketPath);
  }

  /** One more. */
  async open(): Promise<Sidecar> {
    const socket = connect(this.#socketPath);
    await once(socket, 'connect');
    return new SocketSidecar(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}

class SocketSidecar implements Sidecar {
  readonly events: SidecarEvent[] = [];
  readonly #socket: Socket;
  readonly #channel: SidecarChannel;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#channel = new SidecarChannel({
      write: (line) => void socket.write(line),
      onEvent: (event) => void this.events.push(event),
    });
    socket.on('error', () => {});
    socket.once('close', () => this.#channel.close());
    createInterface({ input: socket }).on('line', (line) => this.#channel.take(line));
  }

  send(command: SidecarCommand, fields: Readonly<Record<string, unknown>> = {}): Promise<SidecarAnswer> {
    return this.#channel.send(command, fields);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.closed) return;
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
  }
}
