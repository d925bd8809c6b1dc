/**
 * A sidecar for tests, and the agent behind it: keeps what it is told, listens where it is told to, and hands sealed
 * knocks to an agent that answers as the test says.
 */
import { type KeyObject, randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import {
  encodeKnock,
  type KnockAnswer,
  parseKnock,
  type SealedKnock,
  sealedKnockSchema,
} from '@daam/shared/identity/knock';
import { seal, unseal } from '@daam/shared/identity/sealed';
import { generateX25519, readX25519Private, x25519PublicText } from '@daam/shared/identity/x25519';
import type { SidecarAnswer, SidecarCommand } from '@daam/shared/wireguard/sidecar-channel';
import type { SupervisorState } from '@daam/shared/wireguard/sidecar-supervisor';
import type { StartSidecar, StartSidecarOptions, Supervised } from '../tunnel/tunnel.ts';

/** How the agent answers a knock: yes, no with a code, or not at all. */
export type AgentMood = 'yes' | 'silent' | { readonly code: string; readonly message: string };

export class FakeAgentDoor {
  readonly key: KeyObject = generateX25519();
  readonly publicKey = x25519PublicText(this.key);
  readonly knocks: SealedKnock[] = [];
  mood: AgentMood = 'yes';
  run = randomBytes(16).toString('base64url');

  answer(from: string, sealed: Buffer): Buffer | null {
    const plain = unseal({ purpose: 'knock', sealed, sender: from, receiver: this.key });
    if (plain === null) throw new Error('a knock that does not open');
    const knock = parseKnock(sealedKnockSchema, plain);
    this.knocks.push(knock);
    if (this.mood === 'silent') return null;
    const answer: KnockAnswer =
      this.mood === 'yes'
        ? {
            v: 1,
            id: knock.id,
            ok: true,
            address: '100.64.0.2',
            agentAddress: '100.64.0.1',
            port: 5432,
            candidates: ['192.0.2.1:4000'],
            run: this.run,
          }
        : { v: 1, id: knock.id, ok: false, hint: null, ...this.mood };
    return seal({ purpose: 'answer', plain: encodeKnock(answer), sender: this.key, receiver: from });
  }
}

interface Command {
  readonly command: SidecarCommand;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The sidecar. Its forwards answer every connection with one line, then echo. */
export class FakeSidecar implements Supervised {
  readonly commands: Command[] = [];
  readonly #options: StartSidecarOptions;
  readonly #door: FakeAgentDoor;
  readonly #forwards = new Map<string, { readonly server: Server; refusal: unknown }>();
  readonly #sockets = new Set<Socket>();
  #up = Promise.withResolvers<void>();
  #self = '';
  state: SupervisorState = { kind: 'starting' };
  /** Whether knocks reach the relay. */
  hasRelay = true;
  restarts = 0;
  /** Commands that fail. */
  readonly failing = new Set<SidecarCommand>();
  /** Commands that wait. */
  readonly held = new Map<SidecarCommand, Promise<void>>();
  isDisposed = false;

  constructor(options: StartSidecarOptions, door: FakeAgentDoor) {
    this.#options = options;
    this.#door = door;
    void this.up();
  }

  whenUp(): Promise<void> {
    return this.state.kind === 'up' ? Promise.resolve() : this.#up.promise;
  }

  async up(): Promise<void> {
    await this.#options.bringUp({ send: (command, fields) => this.#run(command, fields) });
    this.#tell({ kind: 'up' });
    this.#up.resolve();
  }

  /** The process ends, as when it is killed. */
  async crash(): Promise<void> {
    this.#up = Promise.withResolvers();
    await this.#closeAll();
    this.#tell({ kind: 'waiting', failure: new AppError('TUNNEL_FAILED'), retryInMs: 1 });
  }

  restart(): void {
    this.restarts += 1;
    void this.crash().then(() => this.up());
  }

  emit(event: Parameters<StartSidecarOptions['onEvent']>[0]): void {
    this.#options.onEvent(event);
  }

  sent(command: SidecarCommand): readonly Readonly<Record<string, unknown>>[] {
    return this.commands.filter((each) => each.command === command).map(({ fields }) => fields);
  }

  async send(command: SidecarCommand, fields?: Readonly<Record<string, unknown>>): Promise<SidecarAnswer> {
    if (this.state.kind !== 'up') throw new AppError('TUNNEL_FAILED');
    return await this.#run(command, fields);
  }

  async #run(
    command: SidecarCommand,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<SidecarAnswer> {
    this.commands.push({ command, fields });
    await this.held.get(command);
    if (this.failing.has(command)) throw new AppError('TUNNEL_FAILED', { detail: command });
    if (command === 'up') this.#self = x25519PublicText(readX25519Private(String(fields['privateKey'])));
    if (command === 'stats') return { peers: [], addresses: ['198.51.100.7:5000'] };
    if (command === 'forward.sessions')
      return {
        sessions: [{ conn: 7, program: 'psql', ageMs: 1_000, sent: 40, received: 1_200 }],
        count: 1,
      };
    if (command === 'forward.end') return { ended: fields['conn'] === 7 };
    if (command === 'knock.send') return { sent: this.#carry(fields) };
    if (command === 'forward.add') return { listen: await this.#listen(fields) };
    if (command === 'forward.remove') return { removed: await this.#unlisten(String(fields['forward'])) };
    if (command === 'forward.refuse') {
      const forward = this.#forwards.get(String(fields['forward']));
      if (forward !== undefined) forward.refusal = fields['refusal'] ?? null;
    }
    return {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    await this.#closeAll();
    this.#tell({ kind: 'stopped' });
  }

  #carry({ to, payload }: Readonly<Record<string, unknown>>): boolean {
    if (!this.hasRelay || to !== this.#door.publicKey) return this.hasRelay;
    const answer = this.#door.answer(this.#self, Buffer.from(String(payload), 'base64url'));
    if (answer !== null) {
      const event = {
        event: 'knock',
        from: this.#door.publicKey,
        payload: answer.toString('base64url'),
      } as const;
      queueMicrotask(() => this.emit(event));
    }
    return true;
  }

  #listen(fields: Readonly<Record<string, unknown>>): Promise<string> {
    const listen = String(fields['listen']);
    const [host = '', port = ''] = listen.split(':');
    const forward = {
      refusal: null as unknown,
      server: createServer((socket) => {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.write(forward.refusal === null ? 'through the tunnel\n' : 'refused\n');
        if (forward.refusal === null) socket.pipe(socket);
        else socket.end();
      }),
    };
    this.#forwards.set(String(fields['forward']), forward);
    return new Promise((resolve, reject) => {
      forward.server.once('error', (cause) => {
        this.#forwards.delete(String(fields['forward']));
        reject(new AppError('TUNNEL_FAILED', { detail: 'address in use', cause }));
      });
      const at = listen.startsWith('/') ? { path: listen } : { host, port: Number(port) };
      forward.server.listen(at, () => resolve(listen));
    });
  }

  async #unlisten(id: string): Promise<boolean> {
    const forward = this.#forwards.get(id);
    this.#forwards.delete(id);
    forward?.server.close();
    return forward !== undefined;
  }

  async #closeAll(): Promise<void> {
    for (const id of this.#forwards.keys()) await this.#unlisten(id);
    for (const socket of this.#sockets) socket.destroy();
  }

  #tell(state: SupervisorState): void {
    this.state = state;
    this.#options.onState(state);
  }
}

/** Starts fake sidecars, and keeps them for the test to look at. */
export function fakeSidecars(door: FakeAgentDoor): {
  readonly start: StartSidecar;
  readonly all: FakeSidecar[];
} {
  const all: FakeSidecar[] = [];
  const start: StartSidecar = (options) => {
    const sidecar = new FakeSidecar(options, door);
    all.push(sidecar);
    return sidecar;
  };
  return { start, all };
}
