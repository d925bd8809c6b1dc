/**
 * The ways into the agent: the tunnel, and a TLS listener where one is configured. Plain TCP is opened by tests alone, which
 * hand in a listener of their own.
 */
import type { KeyObject } from 'node:crypto';
import type { RelayTicket, TunnelTarget } from '@daam/shared/api/schemas';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import type { AgentConfig } from './config.ts';
import type { AcceptDeps, AcceptedStream, PeerIdentity } from './tunnel/accept.ts';
import { AgentTunnel, type RefusedTunnelKnock, type TunnelReport } from './tunnel/agent-tunnel.ts';
import { type ListenerOptions, type RefusedStream, TunnelListener } from './tunnel/listener.ts';

/** Where streams of known devices come from besides the tunnel. */
export interface StreamListener extends AsyncDisposable {
  readonly listen: { readonly host: string; readonly port: number };
  /** No new streams; those that were accepted go on. */
  stop(): void;
}

type OpenOwnListener = (options: ListenerOptions) => Promise<StreamListener>;
export type OpenListener = (options: ListenerOptions, openOwn: OpenOwnListener) => Promise<StreamListener>;

export interface TransportsOptions {
  readonly config: Pick<AgentConfig, 'listen' | 'listenTls' | 'wireguard'>;
  readonly privateKey: KeyObject;
  readonly accept: AcceptDeps;
  /** In place of the agent's own listener; the tunnel is off then, unless the configuration wants it. */
  readonly openListener: OpenListener | null;
  readonly onAccepted: (stream: AcceptedStream) => Promise<void>;
  readonly onStreamRefused: (refused: RefusedStream) => void;
  readonly onKnockRefused: (refused: RefusedTunnelKnock) => void;
  readonly onTarget: (target: TunnelTarget) => void;
  /** Sessions of this identity must end: somebody else signed in on the device. */
  readonly onReplaced: (former: PeerIdentity) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Transports implements AsyncDisposable {
  readonly #listener: StreamListener | null;
  readonly #tunnel: AgentTunnel | null;
  readonly #clock: Clock;
  #relayName: string | null = null;

  private constructor(listener: StreamListener | null, tunnel: AgentTunnel | null, clock: Clock) {
    this.#listener = listener;
    this.#tunnel = tunnel;
    this.#clock = clock;
  }

  /** Opens what is configured. Throws what a listener throws, and TUNNEL_FAILED when there is no sidecar and no other way in. */
  static async start(options: TransportsOptions): Promise<Transports> {
    const listener = await openListener(options);
    try {
      return new Transports(listener, await openTunnel(options, listener !== null), options.clock);
    } catch (thrown) {
      await listener?.[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** Where it listens besides the tunnel; null: nowhere. */
  get listen(): { readonly host: string; readonly port: number } | null {
    return this.#listener?.listen ?? null;
  }

  /** What devices need to know to knock; null: there is no tunnel. */
  get target(): TunnelTarget | null {
    return this.#tunnel?.target ?? null;
  }

  /** For the health report; null: there is no tunnel. */
  get tunnel(): TunnelReport | null {
    return this.#tunnel?.state ?? null;
  }

  /** The relay that the agent belongs to, and whether it is connected there; null: there is no tunnel. */
  get relay(): { readonly name: string | null; readonly isConnected: boolean } | null {
    const state = this.#tunnel?.state ?? null;
    return state && { name: this.#relayName, isConnected: state.relay === 'connected' };
  }

  /** Whether anybody can come in. */
  get isOpen(): boolean {
    return this.#listener !== null || this.#tunnel?.state.sidecar === 'up';
  }

  /** Whether every way that is configured works as it should. */
  get isWhole(): boolean {
    const state = this.#tunnel?.state ?? null;
    return state === null || (state.sidecar === 'up' && state.relay === 'connected');
  }

  /** A ticket of the agent's relay, or none. */
  useRelay(ticket: RelayTicket | null): void {
    this.#relayName = ticket?.name ?? null;
    this.#tunnel?.useRelay(ticket);
  }

  /** Takes away peers whose certificates have ended, and those that `isBarred` names. */
  sweep(isBarred: (identity: PeerIdentity) => boolean): void {
    this.#tunnel?.sweep(isBarred);
  }

  /** Whether sessions of this identity may go on: its certificate runs, or the device showed a newer one. */
  isCurrent(identity: PeerIdentity): boolean {
    return this.#tunnel?.isCurrent(identity) ?? identity.expiresAt * 1000 > this.#clock.now();
  }

  /** No new streams; those that were accepted go on. */
  stop(): void {
    this.#listener?.stop();
    this.#tunnel?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
    await this.#tunnel?.[Symbol.asyncDispose]();
  }
}

async function openListener(options: TransportsOptions): Promise<StreamListener | null> {
  const { config, accept, onAccepted, onStreamRefused: onRefused, logger } = options;
  const listening: ListenerOptions = { ...config.listen, accept, onAccepted, onRefused };
  if (options.openListener !== null)
    return await options.openListener(listening, (own) => TunnelListener.start(own));
  if (config.listenTls !== null) return await TunnelListener.start({ ...listening, tls: config.listenTls });
  logger.info({}, 'no TCP port is opened: listen_tls is not set, connections come through the tunnel');
  return null;
}

async function openTunnel(options: TransportsOptions, hasListener: boolean): Promise<AgentTunnel | null> {
  const { config, onKnockRefused: onRefused, logger } = options;
  if (!(config.wireguard.enabled ?? options.openListener === null)) return null;
  try {
    return await AgentTunnel.start({ ...options, config: config.wireguard, onRefused });
  } catch (thrown) {
    if (!hasListener || config.wireguard.enabled === true) throw thrown;
    const { code, hint } = toAppError(thrown);
    logger.error({ code, hint }, 'there is no tunnel: connections come through the TLS port only');
    return null;
  }
}
