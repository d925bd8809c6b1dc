/**
 * The agent's end of the tunnel. A sealed knock comes out of the sidecar (knock-queue.ts), is verified offline
 * (knock-door.ts), makes its key a peer (admitted-peers.ts) and is answered; connections of peers come back through a Unix
 * socket (tunnel-socket.ts) and become sessions of the person whose key was admitted. Certificates that end and
 * revocations take peers away again.
 */
import { type KeyObject, randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import type { RelayTicket, TunnelTarget } from '@daam/shared/api/schemas';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import type { ErrorCode } from '@daam/shared/errors/codes';
import { x25519PublicText } from '@daam/shared/identity/x25519';
import { sidecarFile } from '@daam/shared/wireguard/sidecar-file';
import type { AgentConfig } from '../config.ts';
import type { AcceptDeps, AcceptedStream, PeerIdentity } from './accept.ts';
import { AddressPool } from './address-pool.ts';
import { AdmittedPeers } from './admitted-peers.ts';
import { FailureCounter } from './failure-counter.ts';
import { type DroppedKnock, KnockDoor } from './knock-door.ts';
import { type KnockDrop, KnockQueue } from './knock-queue.ts';
import { SidecarLink, tunnelPort, type TunnelState } from './sidecar-link.ts';
import { TicketFile } from './ticket-file.ts';
import { TunnelSocket } from './tunnel-socket.ts';

export interface AgentTunnelOptions {
  readonly config: AgentConfig['wireguard'];
  readonly privateKey: KeyObject;
  readonly accept: AcceptDeps;
  readonly onAccepted: (stream: AcceptedStream) => void | Promise<void>;
  readonly onRefused: (refused: RefusedTunnelKnock) => void;
  /** Where devices find the agent has changed. */
  readonly onTarget: (target: TunnelTarget) => void;
  /** Sessions of this identity must end: somebody else signed in on the device. */
  readonly onReplaced: (former: PeerIdentity) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A knock that let nobody in; `failures` of its key in the current minute, this one included. */
export interface RefusedTunnelKnock extends DroppedKnock {
  readonly failures: number;
}

/** How the tunnel is, for the health report. */
export interface TunnelReport extends TunnelState {
  readonly peers: number;
  readonly knocks: {
    readonly admitted: number;
    readonly refused: Readonly<Record<string, number>>;
    readonly dropped: Readonly<Record<string, number>>;
  };
}

/** Failures of a key in a minute after which its knocks are not opened any more in that minute. */
const maxFailures = 20;

export class AgentTunnel implements AsyncDisposable {
  readonly #options: AgentTunnelOptions;
  readonly #pool: AddressPool;
  readonly #peers: AdmittedPeers;
  readonly #door: KnockDoor;
  readonly #queue: KnockQueue;
  readonly #failures: FailureCounter;
  readonly #socket: TunnelSocket;
  readonly #link: SidecarLink;
  readonly #ticket: TicketFile;
  #keeping: Promise<void> = Promise.resolve();
  /** Knocks since the start: answered with a yes, refused by code, and not looked at. */
  #admitted = 0;
  readonly #refusals = new Map<ErrorCode, number>();
  readonly #drops = new Map<KnockDrop, number>();

  private constructor(options: AgentTunnelOptions, file: string, socket: TunnelSocket, shared: Shared) {
    const { privateKey, accept, logger } = options;
    this.#options = options;
    this.#socket = socket;
    this.#ticket = new TicketFile({
      path: `${options.config.privateKeyPath}.relay-ticket`,
      agentKey: privateKey,
    });
    this.#pool = shared.pool;
    this.#peers = shared.peers;
    this.#failures = new FailureCounter({
      limit: maxFailures,
      windowMs: 60_000,
      maxAddresses: 10_000,
      now: () => options.clock.now(),
    });
    this.#link = new SidecarLink({
      config: options.config,
      file,
      privateKey,
      address: this.#pool.own,
      socket: { path: socket.path, secret: shared.secret },
      peers: () => this.#peers.all(),
      onKnock: (key, payload) => this.#queue.push(key, payload),
      onTarget: (target) => options.onTarget(target),
      onState: ({ sidecar, relay, reason }) => logger.info({ sidecar, relay, reason }, 'tunnel'),
      logger,
    });
    shared.link = this.#link;
    this.#door = new KnockDoor({
      privateKey,
      accept,
      admit: async (admitted) => await this.#admit(admitted),
      onRefused: (refused) => this.#refused(refused),
    });
    this.#queue = new KnockQueue({
      take: (key, sealed) => this.#door.take(key, sealed),
      answer: (key, sealed) => this.#link.answer(key, sealed),
      failures: this.#failures,
      onDropped: (drop) => this.#dropped(drop),
    });
  }

  /**
   * Opens the socket and starts the sidecar; does not wait for it. TUNNEL_FAILED when there is no sidecar on this machine,
   * INVALID_CONFIG when there can be no socket.
   */
  static async start(options: AgentTunnelOptions): Promise<AgentTunnel> {
    const file = sidecarFile(options.config.sidecarPath);
    const shared = new Shared(options);
    const socket = await TunnelSocket.start({
      folder: dirname(options.config.privateKeyPath),
      secret: shared.secret,
      peerOf: (key) => shared.peers.find(key),
      onAccepted: options.onAccepted,
      onRefused: ({ code, detail }) =>
        options.logger.warn({ code, reason: detail }, 'a connection of the tunnel was refused'),
    });
    const tunnel = new AgentTunnel(options, file, socket, shared);
    const kept = await tunnel.#ticket.read(options.clock.now());
    if (kept !== null) tunnel.#link.useRelay(kept);
    return tunnel;
  }

  get target(): TunnelTarget {
    return this.#link.target;
  }

  get state(): TunnelReport {
    const refused = Object.fromEntries(this.#refusals);
    const knocks = { admitted: this.#admitted, refused, dropped: Object.fromEntries(this.#drops) };
    return { ...this.#link.state, peers: this.#peers.size, knocks };
  }

  /** A ticket of the agent's relay, or none. */
  useRelay(ticket: RelayTicket | null): void {
    this.#link.useRelay(ticket);
    if (ticket !== null) this.#keeping = this.#keeping.then(() => this.#ticket.write(ticket));
  }

  /** Takes away peers whose certificates have ended, and those that `isBarred` names. */
  sweep(isBarred: (identity: PeerIdentity) => boolean): void {
    this.#peers.removeWhere(isBarred);
  }

  /** Whether sessions of this identity may go on. */
  isCurrent(identity: PeerIdentity): boolean {
    return this.#peers.isCurrent(identity);
  }

  /** No new connections; those that were accepted go on. */
  stop(): void {
    this.#socket.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket[Symbol.asyncDispose]();
    await this.#link[Symbol.asyncDispose]();
    await this.#keeping;
  }

  async #admit(admitted: {
    readonly key: string;
    readonly identity: PeerIdentity;
    readonly candidates: readonly string[];
  }) {
    const { address } = await this.#peers.admit(admitted);
    this.#admitted += 1;
    const { user, device } = admitted.identity;
    this.#options.logger.info({ user, device }, 'knock admitted');
    const { target, run } = this.#link;
    const { candidates } = target;
    return { address, agentAddress: this.#pool.own, port: tunnelPort, candidates, run };
  }

  #refused(refused: DroppedKnock): void {
    this.#refusals.set(refused.code, (this.#refusals.get(refused.code) ?? 0) + 1);
    this.#options.onRefused({ ...refused, failures: this.#failures.add(refused.key) });
  }

  #dropped(drop: KnockDrop): void {
    this.#drops.set(drop, (this.#drops.get(drop) ?? 0) + 1);
  }
}

/** What the socket must know before there is a sidecar. */
class Shared {
  readonly secret = randomBytes(32);
  readonly pool: AddressPool;
  readonly peers: AdmittedPeers;
  link: SidecarLink | null = null;

  constructor({ privateKey, clock, onReplaced }: AgentTunnelOptions) {
    this.pool = new AddressPool({ ownKey: x25519PublicText(privateKey) });
    this.peers = new AdmittedPeers({
      pool: this.pool,
      now: () => clock.now(),
      addPeer: async (peer) => await this.link?.addPeer(peer),
      removePeer: async (key) => await this.#removePeer(key),
      onReplaced,
    });
  }

  async #removePeer(key: string): Promise<void> {
    await this.link?.removePeer(key).catch(() => this.link?.restart());
  }
}
