/**
 * The agent's end of the tunnel as the sidecar is told it: `up` with key, socket and relay, the policy of paths, and the
 * peers; again at every start of the process, and when the relay becomes another one.
 */
import { type KeyObject, randomBytes } from 'node:crypto';
import type { RelayTicket, TunnelTarget } from '@daam/shared/api/schemas';
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import { maxCandidates } from '@daam/shared/identity/knock';
import { x25519PrivateText, x25519PublicText } from '@daam/shared/identity/x25519';
import type { SidecarEvent } from '@daam/shared/wireguard/sidecar-channel';
import type { SidecarProcess } from '@daam/shared/wireguard/sidecar-process';
import { SidecarSupervisor } from '@daam/shared/wireguard/sidecar-supervisor';
import * as z from 'zod';
import type { AgentConfig } from '../config.ts';
import type { AdmittedPeer } from './admitted-peers.ts';

/** The port inside the tunnel. */
export const tunnelPort = 5_432;

/** Seconds between keepalives to a peer: none, the device keeps its path open. */
const keepalive = 0;
/** Addresses come and go with networks and STUN answers: looked at this often, and soon after the start. Milliseconds. */
const lookEveryMs = 15_000;
const firstLooksMs = [500, 2_000, 5_000] as const;

/** How the tunnel is. */
export interface TunnelState {
  readonly sidecar: 'starting' | 'up' | 'waiting' | 'stopped';
  /** `none`: there is no ticket for one yet. */
  readonly relay: 'none' | 'connecting' | 'connected' | 'waiting';
  /** Why it waits, in the words of the sidecar or the relay. */
  readonly reason: string | null;
}

export interface SidecarLinkOptions {
  readonly config: Pick<AgentConfig['wireguard'], 'listenPort' | 'candidates' | 'path' | 'environment'>;
  /** The sidecar's binary. */
  readonly file: string;
  readonly privateKey: KeyObject;
  /** The agent's address in the tunnel. */
  readonly address: string;
  readonly socket: { readonly path: string; readonly secret: Buffer };
  /** Those that a fresh sidecar must know. */
  readonly peers: () => readonly AdmittedPeer[];
  readonly onKnock: (key: string, payload: string) => void;
  /** Where the agent is found has changed. */
  readonly onTarget: (target: TunnelTarget) => void;
  readonly onState: (state: TunnelState) => void;
  readonly logger: Logger;
}

const upAnswer = z.object({ addresses: z.array(z.string().max(64)) });

export class SidecarLink implements AsyncDisposable {
  readonly #options: SidecarLinkOptions;
  readonly #supervisor: SidecarSupervisor;
  #ticket: RelayTicket | null = null;
  /** What the sidecar was brought up with. */
  #relayInUse: string | null = null;
  #run = '';
  #relay: TunnelState['relay'] = 'none';
  #reason: string | null = null;
  #candidates: readonly string[];
  #looks: NodeJS.Timeout[] = [];
  /** One change of the sidecar after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: SidecarLinkOptions) {
    this.#options = options;
    this.#candidates = options.config.candidates;
    this.#supervisor = SidecarSupervisor.start({
      file: options.file,
      role: 'agent',
      logger: options.logger,
      env: options.config.environment,
      onEvent: (event) => this.#onEvent(event),
      bringUp: (sidecar) => this.#inTurn(() => this.#bringUp(sidecar)),
      onState: () => this.#onSidecarState(),
    });
  }

  get state(): TunnelState {
    const sidecar = this.#supervisor.state;
    const reason =
      sidecar.kind === 'waiting' ? (sidecar.failure.detail ?? sidecar.failure.code) : this.#reason;
    return { sidecar: sidecar.kind, relay: this.#relay, reason };
  }

  /** Names this time that the sidecar was brought up: a device that hears another name makes a new WireGuard handshake. */
  get run(): string {
    return this.#run;
  }

  /** What devices need to know to knock here. */
  get target(): TunnelTarget {
    return { publicKey: x25519PublicText(this.#options.privateKey), candidates: [...this.#candidates] };
  }

  /**
   * A ticket for the agent's relay: a renewal, or the first one of a relay. Null: there is no relay any more; a sidecar that
   * has one keeps it until its ticket ends, with the connections that it carries.
   */
  useRelay(ticket: RelayTicket | null): void {
    this.#ticket = ticket;
    if (ticket === null) return;
    void this.#inTurn(async () => {
      const sidecar = this.#supervisor.current;
      // A process that starts just now takes the ticket as it is then.
      if (sidecar === null) return;
      if (relayName(ticket) !== this.#relayInUse) {
        await sidecar.send('down');
        await this.#bringUp(sidecar);
      } else await sidecar.send('relay.token', { token: ticket.token });
    }).catch((thrown: unknown) => {
      this.#options.logger.warn({ code: toAppError(thrown).code }, 'the sidecar did not take the relay');
      this.#supervisor.restart();
    });
  }

  /** Without a process that is up, the next one will take the peer from the table. */
  async addPeer({ key, address, candidates }: AdmittedPeer): Promise<void> {
    await this.#supervisor.send('peer.add', {
      publicKey: key,
      allowedIp: address,
      candidates: candidates.filter(isAddress),
      keepalive,
    });
  }

  async removePeer(key: string): Promise<void> {
    await this.#supervisor.send('peer.remove', { publicKey: key });
  }

  async answer(key: string, sealed: Buffer): Promise<void> {
    await this.#supervisor.send('knock.send', { to: key, payload: sealed.toString('base64url') });
  }

  /** A process that cannot be told to forget a peer must not go on. */
  restart(): void {
    this.#supervisor.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopLooking();
    await this.#supervisor[Symbol.asyncDispose]();
  }

  async #bringUp(sidecar: SidecarProcess): Promise<void> {
    const { config, privateKey, address, socket, peers } = this.#options;
    const ticket = this.#ticket;
    this.#relayInUse = relayName(ticket);
    this.#run = randomBytes(16).toString('base64url');
    this.#relay = ticket === null ? 'none' : 'connecting';
    const answer = await sidecar.send('up', {
      privateKey: x25519PrivateText(privateKey),
      address,
      ...(config.listenPort === null ? {} : { listenPort: config.listenPort }),
      ...(ticket === null
        ? {}
        : { relay: { url: ticket.url, name: ticket.name, token: ticket.token }, stun: ticket.stun }),
      candidates: config.candidates,
      accept: { port: tunnelPort, socket: socket.path, token: socket.secret.toString('base64url') },
    });
    await sidecar.send('path.policy', {
      direct: config.path === 'relay' ? 'never' : 'auto',
      relay: config.path === 'direct' ? 'never' : 'auto',
    });
    for (const { key, address: allowedIp, candidates } of peers())
      await sidecar.send('peer.add', {
        publicKey: key,
        allowedIp,
        candidates: candidates.filter(isAddress),
        keepalive,
      });
    this.#found(upAnswer.parse(answer).addresses);
    this.#startLooking();
  }

  #startLooking(): void {
    this.#stopLooking();
    const look = (): void => void this.#look();
    this.#looks = [...firstLooksMs.map((ms) => setTimeout(look, ms)), setInterval(look, lookEveryMs)];
    for (const timer of this.#looks) timer.unref();
  }

  #stopLooking(): void {
    for (const timer of this.#looks.splice(0)) clearTimeout(timer);
  }

  async #look(): Promise<void> {
    try {
      this.#found(upAnswer.parse(await this.#supervisor.send('stats')).addresses);
    } catch {
      // The supervisor deals with a process that does not answer; the next look finds what it found.
    }
  }

  #found(addresses: readonly string[]): void {
    const all = [...new Set([...this.#options.config.candidates, ...addresses])].slice(0, maxCandidates);
    if (all.join(' ') === this.#candidates.join(' ')) return;
    this.#candidates = all;
    this.#options.onTarget(this.target);
  }

  #onEvent(event: SidecarEvent): void {
    if (event.event === 'knock') this.#options.onKnock(event.from, event.payload);
    if (event.event !== 'relay' || this.#relayInUse === null) return;
    this.#relay = event.state;
    this.#reason = event.reason === '' ? null : event.reason;
    this.#options.onState(this.state);
  }

  #onSidecarState(): void {
    const { kind } = this.#supervisor.state;
    if (kind !== 'up') this.#stopLooking();
    if (kind === 'waiting') this.#relay = this.#ticket === null ? 'none' : 'waiting';
    this.#options.onState(this.state);
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#work.then(act);
    this.#work = turn.catch(() => {});
    return turn;
  }
}

/** Two tickets with the same one are for the same connection. */
function relayName(ticket: RelayTicket | null): string | null {
  return ticket === null ? null : JSON.stringify([ticket.name, ticket.url, ticket.stun]);
}

/** A candidate is advice by the other side: one that is no address is passed over, and does not spoil the knock. */
function isAddress(text: string): boolean {
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(text);
}
