/**
 * The tunnel of this device: the sidecar and what it has been told (relay, paths), for all connections together. It is up
 * while a connection is open; the relay's ticket comes with the first grant. What a single database needs is in
 * tunnel-port.ts.
 */
import type { KeyObject } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { x25519PrivateText } from '@daam/shared/identity/x25519';
import type { SidecarAnswer, SidecarCommand, SidecarEvent } from '@daam/shared/wireguard/sidecar-channel';
import type { SidecarProcess } from '@daam/shared/wireguard/sidecar-process';
import type { SupervisorState } from '@daam/shared/wireguard/sidecar-supervisor';
import type { HeldTicket } from '../account.ts';
import { type Admission, Knocker, type KnockRequest } from './knocker.ts';
import { type NetworkChange, NetworkWatch } from './network-watch.ts';
import { type SidecarPeer, statsSchema } from './sidecar-stats.ts';
import { type PathView, type RelayView, toPathView } from './tunnel-view.ts';

/** Which paths may be used: `direct` and `relay` use that one alone. */
export type PathChoice = 'auto' | 'direct' | 'relay';

/** The part of SidecarSupervisor that is used. */
export interface Supervised extends AsyncDisposable {
  readonly state: SupervisorState;
  whenUp(): Promise<unknown>;
  send(command: SidecarCommand, fields?: Readonly<Record<string, unknown>>): Promise<SidecarAnswer>;
  restart(): void;
}

/** What a sidecar is started with. */
export interface StartSidecarOptions {
  readonly onEvent: (event: SidecarEvent) => void;
  readonly bringUp: (sidecar: Pick<SidecarProcess, 'send'>) => Promise<void>;
  readonly onState: (state: SupervisorState) => void;
}

/** Starts a sidecar in the client's role and keeps it running. TUNNEL_FAILED when there is none on this machine. */
export type StartSidecar = (options: StartSidecarOptions) => Supervised;

export interface TunnelOptions {
  readonly deviceKey: KeyObject;
  readonly path: PathChoice;
  readonly startSidecar: StartSidecar;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something that `status` shows has changed. */
  readonly onChange: () => void;
  /** Tells the addresses of this machine; for tests. */
  readonly addresses?: () => string;
}

/** What a port hears from the tunnel. */
export interface TunnelListener {
  /** The sidecar is up (again), with nothing in it. */
  onUp(): void;
  /** The sidecar is gone, and with it every forward. */
  onDown(failure: AppError): void;
  /** The agents may have lost this device, or it is found elsewhere: knock again. */
  onMoved(): void;
  onPresence(agentKey: string, isPresent: boolean): void;
  /** Whether the agent is a peer because of this port. */
  uses(agentKey: string): boolean;
  onConnection(event: Extract<SidecarEvent, { event: 'conn.open' | 'conn.close' }>): void;
}

/** How long the sidecar may take to come up before whoever waits is told. Milliseconds. */
const upTimeoutMs = 10_000;

const policies: Record<PathChoice, { readonly direct: 'auto' | 'never'; readonly relay: 'auto' | 'never' }> =
  {
    auto: { direct: 'auto', relay: 'auto' },
    direct: { direct: 'auto', relay: 'never' },
    relay: { direct: 'never', relay: 'auto' },
  };

export class Tunnel implements AsyncDisposable {
  readonly #options: TunnelOptions;
  readonly #knocker: Knocker;
  readonly #watch: NetworkWatch;
  readonly #listeners = new Set<TunnelListener>();
  readonly #paths = new Map<string, PathView>();
  #supervisor: Supervised | null = null;
  #ticket: HeldTicket | null = null;
  #relay: RelayView | null = null;
  #isUp = false;

  constructor(options: TunnelOptions) {
    this.#options = options;
    this.#knocker = new Knocker({
      deviceKey: options.deviceKey,
      clock: options.clock,
      send: async (to, payload) => (await this.send('knock.send', { to, payload }))['sent'] === true,
      delay: async (ms, signal) => await wait(ms, undefined, { signal }),
    });
    this.#watch = new NetworkWatch({
      clock: options.clock,
      onChange: (change) => void this.#rebind(change),
      ...(options.addresses === undefined ? {} : { addresses: options.addresses }),
    });
  }

  get relay(): RelayView | null {
    return this.#relay;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** The path to the holder of the key; null while it is no peer. */
  pathOf(agentKey: string): PathView | null {
    return this.#paths.get(agentKey) ?? null;
  }

  /** Until the returned function is called. The tunnel goes down when nobody listens any more. */
  listen(listener: TunnelListener): () => Promise<void> {
    this.#listeners.add(listener);
    return async () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) await this.#stop();
    };
  }

  /**
   * Brings the tunnel up with this admission to a relay, or renews it. Resolves when the sidecar is up; TUNNEL_FAILED
   * when it cannot be, AGENT_UNAVAILABLE when there is no relay to carry a knock.
   */
  async use(ticket: HeldTicket | null): Promise<void> {
    // The last port was closed while it asked for its way: nothing is started any more.
    if (this.#listeners.size === 0) throw new AppError('CANCELLED');
    const before = this.#ticket;
    this.#ticket = ticket ?? before;
    if (this.#ticket === null) throw noRelay();
    if (this.#supervisor === null) this.#start();
    else if (ticket !== null && before !== null && !isSameRelay(ticket, before)) this.#supervisor.restart();
    else if (this.#isUp && ticket !== null && ticket.token !== before?.token) {
      await this.send('relay.token', { token: ticket.token });
    }
    await this.#untilUp();
  }

  /** Knocks with this device's addresses of the moment. See Knocker. */
  async knock(request: Omit<KnockRequest, 'candidates'>, signal: AbortSignal): Promise<Admission> {
    const { addresses } = await this.#stats();
    return await this.#knocker.knock({ ...request, candidates: addresses }, signal);
  }

  /** Sends a command; TUNNEL_FAILED when the sidecar is not up, or refuses. */
  async send(
    command: SidecarCommand,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<SidecarAnswer> {
    if (this.#supervisor === null) throw new AppError('TUNNEL_FAILED', { detail: 'the tunnel is not up' });
    return await this.#supervisor.send(command, fields);
  }

  /** Ends the sidecar, and with it every port and connection of it; another one is started. */
  restart(): void {
    this.#supervisor?.restart();
  }

  /** Measures the paths anew. A tunnel that is not up has none. */
  async refresh(): Promise<void> {
    if (!this.#isUp) return;
    const stats = await this.#stats().catch(() => null);
    for (const peer of stats?.peers ?? []) this.#notePath(peer);
  }

  /** Forgets a peer, unless another port uses it. */
  async removePeer(agentKey: string): Promise<void> {
    if ([...this.#listeners].some((listener) => listener.uses(agentKey))) return;
    this.#paths.delete(agentKey);
    // A sidecar that ends meanwhile has no peer either.
    if (this.#isUp) await this.send('peer.remove', { publicKey: agentKey }).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    await this.#stop();
  }

  #start(): void {
    this.#supervisor = this.#options.startSidecar({
      onEvent: (event) => this.#onEvent(event),
      bringUp: (sidecar) => this.#bringUp(sidecar),
      onState: (state) => this.#onState(state),
    });
    this.#watch.start();
  }

  async #stop(): Promise<void> {
    const supervisor = this.#supervisor;
    this.#watch[Symbol.dispose]();
    this.#supervisor = null;
    this.#isUp = false;
    this.#relay = null;
    this.#paths.clear();
    await supervisor?.[Symbol.asyncDispose]();
  }

  async #bringUp(sidecar: Pick<SidecarProcess, 'send'>): Promise<void> {
    const ticket = this.#ticket;
    await sidecar.send('up', {
      privateKey: x25519PrivateText(this.#options.deviceKey),
      ...(ticket === null
        ? {}
        : { relay: { url: ticket.url, name: ticket.name, token: ticket.token }, stun: ticket.stun }),
    });
    await sidecar.send('path.policy', policies[this.#options.path]);
  }

  #onState(state: SupervisorState): void {
    const wasUp = this.#isUp;
    this.#isUp = state.kind === 'up';
    if (this.#isUp) for (const listener of this.#listeners) listener.onUp();
    else if (wasUp || state.kind === 'waiting') {
      this.#relay = null;
      this.#paths.clear();
      const failure =
        state.kind === 'waiting' ? state.failure : new AppError('TUNNEL_FAILED', { detail: state.kind });
      if (state.kind === 'waiting')
        this.#options.logger.warn({ code: failure.code }, 'the sidecar has ended');
      for (const listener of this.#listeners) listener.onDown(failure);
    }
    this.#options.onChange();
  }

  #onEvent(event: SidecarEvent): void {
    switch (event.event) {
      case 'knock':
        this.#knocker.take(event.from, event.payload);
        return;
      case 'path':
        this.#notePath({ ...event, publicKey: event.peer, path: event.kind });
        return;
      case 'relay':
        this.#relay = { state: event.state, retryInMs: event.retryInMs, reason: event.reason };
        this.#options.onChange();
        return;
      case 'presence':
        for (const listener of this.#listeners) listener.onPresence(event.peer, event.present);
        return;
      case 'conn.open':
      case 'conn.close':
        for (const listener of this.#listeners) listener.onConnection(event);
        return;
      case 'handshake':
    }
  }

  #notePath({ publicKey, path, address, rttMs }: SidecarPeer): void {
    const before = this.#paths.get(publicKey);
    const now = toPathView(path, address, rttMs);
    this.#paths.set(publicKey, now);
    if (before?.kind !== now.kind || before.address !== now.address) this.#options.onChange();
  }

  async #rebind(change: NetworkChange): Promise<void> {
    if (!this.#isUp) return;
    this.#options.logger.info({ change }, 'opening the tunnel’s sockets again');
    try {
      await this.send('rebind');
    } catch (thrown) {
      this.#options.logger.warn({ code: toAppError(thrown).code }, 'the sockets could not be opened again');
      this.#supervisor?.restart();
      return;
    }
    for (const listener of this.#listeners) listener.onMoved();
  }

  async #stats() {
    const stats = statsSchema.safeParse(await this.send('stats'));
    if (stats.success) return stats.data;
    throw new AppError('TUNNEL_FAILED', { detail: 'the sidecar’s stats are not as expected' });
  }

  async #untilUp(): Promise<void> {
    const supervisor = this.#supervisor;
    if (this.#isUp || supervisor === null) return;
    const patience = new AbortController();
    try {
      const late = wait(upTimeoutMs, undefined, { signal: patience.signal }).then(() => {
        const { state } = supervisor;
        throw state.kind === 'waiting' ? state.failure : new AppError('TIMEOUT');
      });
      await Promise.race([supervisor.whenUp(), late]);
    } finally {
      patience.abort();
    }
  }
}

function isSameRelay(a: HeldTicket, b: HeldTicket): boolean {
  return a.url === b.url && a.name === b.name;
}

function noRelay(): AppError {
  return new AppError('AGENT_UNAVAILABLE', {
    message: 'There is no relay through which the agent could be asked.',
    hint: 'Ask an administrator whether the control plane has a relay configured.',
  });
}
