/**
 * The local port of one database over the tunnel. It has two hands, of which exactly one holds the port: this process,
 * while there is no way to the agent (its clients wait for the knock under way, or hear why not), and the sidecar, while
 * there is one (then no byte passes through here). Knocking is what moves it from one to the other.
 */
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { ForwardAdd, LocalPassword, LocalTls } from '@daam/shared/wireguard/forward-fields';
import type { SidecarEvent } from '@daam/shared/wireguard/sidecar-channel';
import type { KnownDatabase } from '../account.ts';
import type { Credentials } from '../credentials.ts';
import { addressWords } from '../local-address.ts';
import { LocalListener } from '../local-listener.ts';
import type { PortSession } from '../port-session.ts';
import type { LocalPort } from '../transport.ts';
import { dialLocal } from './dial-local.ts';
import { isSilence } from './knocker.ts';
import { seekAdmission, shownBy, type Target } from './seek-admission.ts';
import { sidecarSessionsSchema } from './sidecar-stats.ts';
import { minKnockPauseMs, nextKnockIn } from './knock-schedule.ts';
import type { Tunnel, TunnelListener } from './tunnel.ts';
import { toFailureView, type TunnelView } from './tunnel-view.ts';

export interface TunnelPortOptions {
  readonly database: KnownDatabase;
  readonly credentials: Credentials;
  readonly tunnel: Tunnel;
  readonly ports: readonly number[];
  readonly folder: string | undefined;
  /** With what the sidecar answers SSLRequest now; null: the agent answers. */
  readonly tls: () => Promise<LocalTls | null>;
  /** What the sidecar asks clients for now; null: nothing. */
  readonly password: () => Promise<LocalPassword | null>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}

type Door = Pick<Target, 'agentKey' | 'port'>;

/** How long a client waits for a knock under way, in milliseconds. */
const clientPatienceMs = 12_000;
/** Between attempts to take the port back from a sidecar that is just ending. */
const takeBackMs = 200;

export class TunnelPort implements LocalPort, TunnelListener {
  readonly #options: TunnelPortOptions;
  readonly #forward: string;
  readonly #stop = new AbortController();
  readonly #leave: () => Promise<void>;
  readonly #conns = new Set<number>();
  /** Holds the port while it is not the sidecar's; its clients may outlive that. */
  #holder: LocalListener;
  /** What the sidecar's forward leads to; null while we hold the port. */
  #forwarded: Door | null = null;
  #isRefusing = false;
  /** The agent that the sidecar knows because of us, and the run of the agent's tunnel that it was known in. */
  #peer: { readonly agentKey: string; readonly run: string | undefined } | null = null;
  /** A connection found nobody: the WireGuard session may be one that the agent has forgotten. */
  #isDoubted = false;
  readonly #former = new Set<LocalListener>();
  #visits = 0;
  #target: Target | null = null;
  /** What the last knock showed: certificate and grant, hashed. */
  #shown: string | null = null;
  #failure: AppError | null = null;
  #failures = 0;
  #knocking: Promise<void> | null = null;
  #knockAgain = false;
  #knockedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  /** The last forward that was made, or is being made. */
  #adding: Promise<void> = Promise.resolve();
  #telling: Promise<void> = Promise.resolve();

  private constructor(options: TunnelPortOptions, holder: LocalListener) {
    this.#options = options;
    this.#forward = options.database.id;
    this.#holder = holder;
    this.#leave = options.tunnel.listen(this);
  }

  /** Takes the port, then begins to knock. PORT_IN_USE when none of the ports can be had. */
  static async open(options: TunnelPortOptions): Promise<TunnelPort> {
    const { ports, folder, logger } = options;
    const made: { port: TunnelPort | null } = { port: null };
    const open = async (signal: AbortSignal): Promise<Duplex> => {
      if (made.port === null) throw new AppError('CANCELLED');
      return await made.port.#openThroughSidecar(signal);
    };
    const port = new TunnelPort(options, await LocalListener.start({ ports, folder, logger, open }));
    made.port = port;
    void port.#knock();
    return port;
  }

  get host(): string {
    return this.#holder.host;
  }

  get port(): number {
    return this.#holder.port;
  }

  get clients(): number {
    const own = [this.#holder, ...this.#former].reduce((sum, { clients }) => sum + clients, 0);
    // A client that came while we held the port is there twice: here, and at the sidecar.
    return Math.max(own, this.#conns.size);
  }

  get visits(): number {
    return this.#visits + this.#holder.visits;
  }

  get view(): TunnelView {
    const { tunnel } = this.#options;
    const none = { kind: 'none', address: null, rttMs: null } as const;
    const path = this.#target === null ? none : (tunnel.pathOf(this.#target.agentKey) ?? none);
    const failure = this.#failure === null || this.#isOpen ? null : toFailureView(this.#failure);
    return { path, relay: tunnel.relay, failure };
  }

  /** All are the sidecar's: those too that came while this process held the port. None while it is not up. */
  async sessions(): Promise<readonly PortSession[]> {
    const { tunnel, clock } = this.#options;
    if (!tunnel.isUp) return [];
    const told = sidecarSessionsSchema.safeParse(
      await tunnel.send('forward.sessions', { forward: this.#forward }),
    );
    if (!told.success) throw new AppError('TUNNEL_FAILED', { detail: 'sessions are not as expected' });
    const now = clock.now();
    return told.data.sessions.map(({ conn, program, ageMs, sent, received }) => ({
      id: String(conn),
      program: program === '' ? null : program,
      since: Math.round(now - ageMs),
      sent,
      received,
    }));
  }

  async endSession(id: string): Promise<boolean> {
    const { tunnel } = this.#options;
    if (!tunnel.isUp) return false;
    return (await tunnel.send('forward.end', { forward: this.#forward, conn: Number(id) }))['ended'] === true;
  }

  /** Resolves when the first knock was answered, or failed, at the latest when the signal fires. Never rejects. */
  async settled(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (!this.#isOpen) this.#knockSoon();
    await Promise.race([this.#knocking ?? this.#turn, aborted]);
  }

  /** Certificate or grant may be new: then the agent shall see them. */
  async credentialsChanged(): Promise<void> {
    // A knock under way looks by itself before it ends.
    if (this.#knocking !== null || !(await this.#hasNewCredentials())) return;
    if (this.#knocking === null) void this.#knock();
  }

  /**
   * TLS or the password was switched on or off; connections that are open stay as they are. Never rejects: a port that cannot
   * be told is closed, and opened again under the new terms.
   */
  async termsChanged(): Promise<void> {
    // A forward that is being made now may have been given those of before.
    await this.#adding.catch(() => {});
    this.#telling = this.#telling.then(() => this.#tellTerms());
    await this.#telling;
  }

  async #tellTerms(): Promise<void> {
    const { tunnel, logger } = this.#options;
    const told = this.#forwarded;
    if (told === null) return;
    const forward = this.#forward;
    try {
      const { tls, password } = await this.#terms();
      await tunnel.send('forward.tls', { forward, ...(tls === undefined ? {} : { tls }) });
      await tunnel.send('forward.password', { forward, ...(password === undefined ? {} : { password }) });
    } catch (thrown) {
      // Gone meanwhile, or made anew: under the terms of now.
      if (this.#forwarded !== told) return;
      logger.warn({ code: toAppError(thrown).code }, 'the local port could not be told its new terms');
      if (!(await this.#removeForward())) tunnel.restart();
      this.#settle();
    }
  }

  /** How clients start, as fields of the sidecar. */
  async #terms(): Promise<Pick<ForwardAdd, 'tls' | 'password'>> {
    const [tls, password] = await Promise.all([this.#options.tls(), this.#options.password()]);
    return { ...(tls === null ? {} : { tls }), ...(password === null ? {} : { password }) };
  }

  async refresh(): Promise<void> {
    await this.#options.tunnel.refresh();
  }

  uses(agentKey: string): boolean {
    return this.#peer?.agentKey === agentKey;
  }

  onUp(): void {
    this.#settle();
    // A knock under way has brought it up, or says itself again.
    if (this.#knocking === null) void this.#knock();
  }

  onDown(failure: AppError): void {
    this.#forwarded = null;
    this.#peer = null;
    this.#failure ??= failure;
    this.#conns.clear();
    this.#settle();
  }

  onMoved(): void {
    void this.#knock();
  }

  onPresence(agentKey: string, isPresent: boolean): void {
    if (isPresent && agentKey === this.#target?.agentKey) this.#knockSoon();
  }

  onConnection(event: Extract<SidecarEvent, { event: 'conn.open' | 'conn.close' }>): void {
    if (event.event === 'conn.open') {
      if (event.forward !== this.#forward) return;
      this.#conns.add(event.conn);
      this.#visits += 1;
      return;
    }
    if (!this.#conns.delete(event.conn)) return;
    // The agent may have been started anew, and know nobody; or what it refused may be mended.
    if (event.reason === 'unreachable') this.#isDoubted = true;
    if (event.reason === 'unreachable' || event.reason === 'refused') this.#knockSoon();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    // Not for the knock: whoever it waits for may never answer, and what comes of it is dropped.
    await this.#turn;
    await this.#removeForward();
    await this.#removePeer();
    await Promise.all([this.#holder, ...this.#former].map(async (each) => each[Symbol.asyncDispose]()));
    await this.#leave();
  }

  /** Whether clients get through, as far as is known. */
  get #isOpen(): boolean {
    return this.#forwarded !== null && !this.#isRefusing;
  }

  /** For a client that came while this process holds the port: waits for the way, then goes it like all others. */
  async #openThroughSidecar(signal: AbortSignal): Promise<Duplex> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(clientPatienceMs)]);
    if (!this.#isOpen) await this.settled(patience);
    if (signal.aborted) throw new AppError('CANCELLED');
    if (!this.#isOpen) throw this.#failure ?? new AppError('TIMEOUT');
    return await dialLocal({ host: this.host, port: this.port }, patience);
  }

  /**
   * Knocks, now or as soon as the shortest pause is over: what asks for it may say so only once, as an agent does that was
   * started anew right after the last knock.
   */
  #knockSoon(): void {
    const pause = this.#knockedAt + minKnockPauseMs - this.#options.clock.now();
    if (pause <= 0) void this.#knock();
    else this.#knockIn(pause);
  }

  #knockIn(pause: number): void {
    if (this.#stop.signal.aborted) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#knock(), pause).unref();
  }

  /** Knocks now, or once more after the knock that is under way. */
  #knock(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    if (this.#knocking !== null) {
      this.#knockAgain = true;
      return this.#knocking;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#knocking = this.#knockUntilDone().finally(() => {
      this.#knocking = null;
      this.#schedule();
    });
    return this.#knocking;
  }

  async #knockUntilDone(): Promise<void> {
    do {
      this.#knockAgain = false;
      await this.#knockOnce();
      if (this.#stop.signal.aborted || this.#failure !== null) return;
    } while (this.#knockAgain || (await this.#hasNewCredentials()));
  }

  async #knockOnce(): Promise<void> {
    this.#knockedAt = this.#options.clock.now();
    try {
      this.#target = await seekAdmission({
        credentials: this.#options.credentials,
        tunnel: this.#options.tunnel,
        database: this.#options.database,
        signal: this.#stop.signal,
        onShown: (shown) => (this.#shown = shown),
      });
      if (this.#stop.signal.aborted) return;
      this.#failure = null;
      this.#failures = 0;
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      this.#failure = toAppError(thrown);
      this.#failures += 1;
      const { code } = this.#failure;
      this.#options.logger.warn({ code, failures: this.#failures }, 'the agent was not reached');
      // Silence ends nothing that works; a no does.
      if (!isSilence(this.#failure)) this.#target = null;
    }
    this.#settle();
    await this.#turn;
    this.#options.onChange();
  }

  async #hasNewCredentials(): Promise<boolean> {
    const { credentials, database } = this.#options;
    try {
      return shownBy(await credentials.way(database.id)) !== this.#shown;
    } catch {
      // None any more: the next knock says so to the clients.
      return this.#target !== null;
    }
  }

  #schedule(): void {
    const pause = nextKnockIn({ failure: this.#failure, failures: this.#failures });
    if (pause !== null) this.#knockIn(pause);
  }

  /** Makes the port what it has to be now, after whatever is being done to it. */
  #settle(): void {
    this.#turn = this.#turn
      .then(() => this.#settleNow())
      .catch((thrown: unknown) => {
        this.#failure = toAppError(thrown);
        this.#options.logger.error({ code: this.#failure.code }, 'the local port cannot be held');
      });
  }

  async #settleNow(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    try {
      const { isUp } = this.#options.tunnel;
      if (this.#target !== null && isUp) await this.#handOver(this.#target);
      else if (this.#forwarded !== null && isUp) await this.#refuse(this.#failure);
      else await this.#takeBack();
    } catch (thrown) {
      this.#failure = toAppError(thrown);
      this.#failures += 1;
      this.#options.logger.warn({ code: this.#failure.code }, 'the local port could not be moved');
      await this.#takeBack();
      this.#schedule();
    }
  }

  /** To the sidecar. Done already, it only hears what is new about the agent. */
  async #handOver(target: Target): Promise<void> {
    const { tunnel } = this.#options;
    const { agentKey, port, run } = target;
    const before = this.#forwarded;
    if (before !== null && (before.agentKey !== agentKey || before.port !== port)) await this.#takeBack();
    // WireGuard would go on with a session that the agent does not have any more.
    const isAnew = this.#isDoubted || this.#peer?.agentKey !== agentKey || this.#peer.run !== run;
    if (isAnew) await this.#removePeer();
    this.#isDoubted = false;
    this.#peer = { agentKey, run };
    await tunnel.send('peer.add', {
      publicKey: agentKey,
      allowedIp: target.agentAddress,
      ownAddress: target.address,
      candidates: target.candidates,
    });
    if (this.#forwarded !== null) {
      if (this.#isRefusing) await tunnel.send('forward.refuse', { forward: this.#forward });
      this.#isRefusing = false;
      return;
    }
    this.#adding = this.#addForward(target);
    await this.#adding;
  }

  async #addForward({ agentKey, port }: Target): Promise<void> {
    const { tunnel } = this.#options;
    const terms = await this.#terms();
    await tunnel.send('forward.remove', { forward: this.#forward });
    this.#holder.release();
    await tunnel.send('forward.add', {
      forward: this.#forward,
      listen: addressWords(this),
      peer: agentKey,
      port,
      ...terms,
    });
    this.#isRefusing = false;
    this.#forwarded = { agentKey, port };
  }

  /** The sidecar keeps the port, and tells clients why not. Connections that are open are the agent's business. */
  async #refuse(failure: AppError | null): Promise<void> {
    const { entry, message, hint } = failure ?? new AppError('AGENT_UNAVAILABLE');
    const refusal = { code: entry.sqlstate, message, ...(hint === undefined ? {} : { hint }) };
    await this.#options.tunnel.send('forward.refuse', { forward: this.#forward, refusal });
    this.#isRefusing = true;
  }

  /** From the sidecar. Nobody else may sit on the port while there is no way: clients would talk to a stranger. */
  async #takeBack(): Promise<void> {
    await this.#removeForward();
    if (this.#holder.isListening) return;
    const { logger, folder } = this.#options;
    const port = this.port;
    while (!this.#stop.signal.aborted) {
      try {
        const open = (signal: AbortSignal): Promise<Duplex> => this.#openThroughSidecar(signal);
        const holder = await LocalListener.start({ ports: [port], folder, logger, open });
        this.#former.add(this.#holder);
        this.#holder = holder;
        for (const each of this.#former) if (each.clients === 0) this.#former.delete(each);
        return;
      } catch (thrown) {
        if (toAppError(thrown).code !== 'PORT_IN_USE') throw thrown;
        this.#failure = toAppError(thrown);
        await wait(takeBackMs, undefined, { signal: this.#stop.signal }).catch(() => {});
      }
    }
  }

  /** Whether the sidecar has none any more. */
  async #removeForward(): Promise<boolean> {
    const { tunnel } = this.#options;
    if (this.#forwarded === null) return true;
    this.#forwarded = null;
    return await tunnel.send('forward.remove', { forward: this.#forward }).then(
      () => true,
      // A sidecar that ends meanwhile has no forward either.
      () => !tunnel.isUp,
    );
  }

  async #removePeer(): Promise<void> {
    const peer = this.#peer;
    this.#peer = null;
    if (peer !== null) await this.#options.tunnel.removePeer(peer.agentKey);
  }
}
