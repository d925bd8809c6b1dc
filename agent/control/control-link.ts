import type { FetchLike } from '@daam/shared/api/client';
import type { EndSessionAnswer, EndSessionQuestion } from '@daam/shared/api/end-session';
import type { ExplainAnswer, ExplainQuestion } from '@daam/shared/api/explain';
import type { JudgeAnswer, JudgeQuestion } from '@daam/shared/api/judge';
import type { DoctorReport } from '@daam/shared/api/doctor';
import {
  type AgentMessage,
  type ControlMessage,
  feedCloseCodes,
  type PasskeyStanding,
  type SessionCounts,
} from '@daam/shared/api/feed';
import type { RelayTicket, TunnelTarget } from '@daam/shared/api/schemas';
import { type Clock, systemClock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import type { Secret } from '@daam/shared/base/secret';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { PseudonymPads } from '@daam/shared/sql/pseudonym';
import type { ErrorCode } from '@daam/shared/errors/codes';
import { BackOff, type BackOffOptions } from './back-off.ts';
import { FeedSocket } from './feed-socket.ts';
import { type AppliedBundle, PolicyIntake } from './policy-intake.ts';
import { PolicyStore } from './policy-store.ts';
import type { SchemaReport } from '../schema/schema-watch.ts';
import { SchemaUpload } from './schema-upload.ts';
import { type AgentCredential, type AgentIdentity, readCredential, register } from './registration.ts';

/**
 * The agent's tie to the control plane. registration.ts gives it an identity, bundle-cache.ts its last
 * policy, feed-socket.ts newer ones; policy-intake.ts verifies them, puts them in force in policy-store.ts
 * and makes them durable, and only then they are acknowledged. Whatever happens to the control plane, the
 * agent goes on with what it has, and comes back.
 */

export interface ControlLinkOptions {
  readonly config: {
    readonly url: string;
    /** The one-time registration token; not looked at once there is a credential file. */
    readonly authToken: Secret | null;
    readonly credentialPath: string;
    readonly policyCachePath: string;
  };
  /** This agent's version. */
  readonly version: string;
  /** Where clients reach this agent; asked at each connection. Null: not told. */
  readonly listen: () => AgentAddress | null;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly fetch?: FetchLike;
  /** Called once, as soon as the agent knows who it is; before the first policy. */
  readonly onIdentified?: (identity: AgentIdentity) => void;
  /** The agent's end of the tunnel; asked at each connection. Null, or absent: it has none. */
  readonly tunnel?: () => TunnelTarget | null;
  /** A ticket for the agent's relay came, or the word that there is none. */
  readonly onRelay?: (ticket: RelayTicket | null) => void;
  /** Called when a bundle was put in force, for the audit log. */
  readonly onApplied?: (applied: AppliedBundle) => void;
  /** Awaited before a bundle is acknowledged: resolves when it is in force in every open session. */
  readonly inForce?: () => Promise<SessionCounts | null>;
  /** The control plane wants the database examined now; the answer goes by `reportDoctor`. */
  readonly onExamine?: () => void;
  /** The control plane wants the schema read now; the answer goes by `reportSchema`. */
  readonly onIntrospect?: () => void;
  /** Answers what the control plane asks about a statement. */
  readonly explain?: (question: ExplainQuestion) => Promise<ExplainAnswer>;
  /** Judges statements under policies that are not in force. */
  readonly judge?: (question: JudgeQuestion) => Promise<JudgeAnswer>;
  /** Ends one session because an administrator said so. */
  readonly endSession?: (question: EndSessionQuestion) => Promise<EndSessionAnswer>;
  /** Called when someone should look: a bundle, the cache or the credential was refused. */
  readonly onAlarm?: (alarm: ControlAlarm) => void;
  /** Default 250 ms to 15 s. */
  readonly backOff?: BackOffOptions;
  readonly heartbeatMs?: number;
}

export interface AgentAddress {
  readonly host: string;
  readonly port: number;
}

export interface ControlAlarm {
  readonly about: 'registration' | 'cache' | 'bundle' | 'feed' | 'storage';
  readonly code: ErrorCode;
}

type FeedBundle = Extract<ControlMessage, { type: 'bundle' }>;

/** What the agent tells of itself. */
export type ReportedState = Omit<Extract<AgentMessage, { type: 'state' }>, 'type'>;

/** Runs until it is disposed of or the agent is revoked. Nothing but `start` and `ready` ever fails. */
export class ControlLink implements AsyncDisposable {
  /** Resolves with the first policy, from the cache or live; rejects when there will be none. */
  readonly ready: Promise<void>;
  readonly store: PolicyStore;
  readonly #options: ControlLinkOptions;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  readonly #stopped = new AbortController();
  readonly #readiness = Promise.withResolvers<void>();
  readonly #intake: PolicyIntake;
  #feed: FeedSocket | null = null;
  #since: string;
  #trouble: AppError | null = null;
  #reported: ReportedState | null = null;
  #doctor: DoctorReport | null = null;
  #schemaHash: string | null = null;
  readonly #upload: SchemaUpload;
  #passkeys: readonly PasskeyStanding[] | null = null;
  #running: Promise<void> = Promise.resolve();

  private constructor(options: ControlLinkOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#backOff = new BackOff(options.backOff ?? { minMs: 250, maxMs: 15_000 });
    this.#since = new Date(this.#clock.now()).toISOString();
    this.ready = this.#readiness.promise;
    // Who does not wait for it hears of failures by `trouble`.
    this.ready.catch(() => {});
    this.#upload = new SchemaUpload({
      url: options.config.url,
      credential: () => this.credential,
      fetch: this.#fetch,
      signal: this.#stopped.signal,
      logger: options.logger,
    });
    this.store = new PolicyStore({
      clock: this.#clock,
      onListenerFailure: (thrown) =>
        options.logger.error({ code: toAppError(thrown).code }, 'a listener of the policy failed'),
    });
    this.#intake = new PolicyIntake({
      store: this.store,
      credentialPath: options.config.credentialPath,
      policyCachePath: options.config.policyCachePath,
      clock: this.#clock,
      onApplied: (applied) => this.#announce(applied),
      onRefused: (about, code) => this.#alarm(about, code),
    });
  }

  /**
   * Reads the credential and the cache and starts to connect; does not wait for the control plane. Throws
   * INVALID_CONFIG when the credential file is damaged, or when there is neither credential nor token.
   */
  static async start(options: ControlLinkOptions): Promise<ControlLink> {
    const held = await readCredential(options.config.credentialPath);
    if (held === null && options.config.authToken === null) {
      throw new AppError('INVALID_CONFIG', {
        field: 'control_plane.auth_token',
        message: 'control_plane.auth_token: is needed to register, there is no credential file yet.',
        hint: 'Take a one-time token from the control plane: an administrator makes it with the database.',
      });
    }
    const link = new ControlLink(options);
    if (held !== null) await link.#adopt(held);
    link.#running = link.#run();
    return link;
  }

  /** Whether the feed is open now. */
  get connected(): boolean {
    return this.#feed !== null;
  }

  /** Since when `connected` is what it is: ISO 8601 in UTC. */
  get since(): string {
    return this.#since;
  }

  /** Null before the registration. */
  get credential(): Secret | null {
    return this.#intake.held?.credential ?? null;
  }

  /** Null before the registration. */
  get identity(): AgentIdentity | null {
    return this.#intake.held?.identity ?? null;
  }

  /** What pseudonyms are computed with; null: there is no key, and they show as redact does. */
  get pseudonymPads(): Secret<PseudonymPads> | null {
    return this.#intake.pseudonymPads;
  }

  /**
   * Why the agent is unhealthy, or null. REVOKED: this agent was, and has no policy any more. UNAUTHENTICATED:
   * the credential or the registration token is refused. INVALID_CONFIG: its files cannot be written.
   */
  get trouble(): AppError | null {
    return this.#trouble;
  }

  /** Tells the control plane how the agent is, now and after each reconnection. */
  reportState(state: ReportedState): void {
    this.#reported = state;
    this.#feed?.send({ type: 'state', ...state });
  }

  /** Tells the control plane what the doctor found, now and after each reconnection. */
  reportDoctor(report: DoctorReport): void {
    this.#doctor = report;
    this.#feed?.send({ type: 'doctor', report });
  }

  /** Tells the control plane which schema the agent sees, now and after each reconnection. */
  reportSchema({ schema, hash }: SchemaReport): void {
    this.#schemaHash = hash;
    this.#upload.take(schema);
    this.#feed?.send({ type: 'schema', hash });
  }

  /** Tells the control plane where the agent's tunnel is found; after a reconnection `hello` does. */
  reportTunnel(tunnel: TunnelTarget): void {
    this.#feed?.send({ type: 'tunnel', tunnel });
  }

  /** Tells the control plane which passkeys are trusted here, now and after each reconnection. */
  reportPasskeys(passkeys: readonly PasskeyStanding[]): void {
    this.#passkeys = passkeys;
    this.#sendPasskeys(this.#feed);
  }

  /** Says goodbye and ends the connection. The policy stays in force. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#upload.settled();
    this.#readiness.reject(new AppError('CANCELLED'));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#follow(this.#intake.held ?? (await this.#join()));
      } catch (thrown) {
        if (!signal.aborted) this.#fail(toAppError(thrown));
      }
      if (this.#isOver()) return await this.#giveUp();
      await this.#backOff.wait(signal);
    }
  }

  get #fetch(): FetchLike {
    return this.#options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** Registers and becomes that agent. */
  async #join(): Promise<AgentCredential> {
    const held = await this.#register();
    await this.#adopt(held);
    return held;
  }

  async #register(): Promise<AgentCredential> {
    const { config, version, logger } = this.#options;
    const { url, credentialPath, authToken: token } = config;
    if (token === null) throw new AppError('INVALID_CONFIG', { field: 'control_plane.auth_token' });
    const { signal } = this.#stopped;
    const held = await register({ url, token, version, credentialPath, fetch: this.#fetch, signal });
    this.#backOff.reset();
    this.#trouble = null;
    logger.info({ agent: held.identity.agentId, database: held.identity.database.id }, 'registered');
    return held;
  }

  /** Becomes the agent that the credential names, with the policy that is cached for it. */
  async #adopt(held: AgentCredential): Promise<void> {
    this.#intake.adopt(held);
    this.#options.onIdentified?.(held.identity);
    await this.#intake.takeCached();
  }

  async #follow({ credential }: AgentCredential): Promise<void> {
    const { config, heartbeatMs, explain, judge, endSession, onExamine, onIntrospect, onRelay } =
      this.#options;
    const { signal } = this.#stopped;
    await using feed = await FeedSocket.open({
      url: config.url,
      credential,
      signal,
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
      ...(explain === undefined ? {} : { explain }),
      ...(judge === undefined ? {} : { judge }),
      ...(endSession === undefined ? {} : { endSession }),
      ...(onExamine === undefined ? {} : { onExamine }),
      ...(onIntrospect === undefined ? {} : { onIntrospect }),
      onSchemaWanted: () => this.#upload.wanted(),
      ...(onRelay === undefined ? {} : { onRelay: (ticket) => this.#tell(() => onRelay(ticket)) }),
    });
    this.#connect(feed);
    try {
      this.#greet(feed);
      for await (const bundle of feed.bundles()) await this.#take(bundle, feed);
    } finally {
      this.#disconnect(feed);
    }
  }

  /** Who the agent is, and what it told before. */
  #greet(feed: FeedSocket): void {
    const { version, explain, judge, endSession, onExamine, onIntrospect } = this.#options;
    const listen = this.#options.listen();
    const tunnel = this.#options.tunnel?.() ?? null;
    const can = [
      ...(explain === undefined ? [] : ['explain']),
      ...(judge === undefined ? [] : ['judge']),
      ...(endSession === undefined ? [] : ['end-session']),
      ...(onExamine === undefined ? [] : ['examine']),
      ...(onIntrospect === undefined ? [] : ['schema']),
    ];
    feed.send({
      type: 'hello',
      version,
      epoch: this.store.epoch ?? 0,
      ...(can.length === 0 ? {} : { can }),
      ...(listen === null ? {} : { listen }),
      ...(tunnel === null ? {} : { tunnel }),
    });
    if (this.#reported !== null) feed.send({ type: 'state', ...this.#reported });
    if (this.#doctor !== null) feed.send({ type: 'doctor', report: this.#doctor });
    if (this.#schemaHash !== null) feed.send({ type: 'schema', hash: this.#schemaHash });
    this.#sendPasskeys(feed);
  }

  #sendPasskeys(feed: FeedSocket | null): void {
    if (this.#passkeys !== null) feed?.send({ type: 'passkeys', passkeys: [...this.#passkeys] });
  }

  /** A bundle that is refused changes nothing and is not acknowledged. */
  async #take({ jws, pseudonymKey }: FeedBundle, feed: FeedSocket): Promise<void> {
    const startedAt = performance.now();
    const taken = await this.#intake.take(jws, pseudonymKey ?? null);
    if (taken === null) return;
    this.#readiness.resolve();
    this.#backOff.reset();
    this.#trouble = null;
    // The next bundle does not wait for the sessions to take this one.
    void this.#acknowledge(taken.epoch, startedAt, feed);
  }

  async #acknowledge(epoch: number, startedAt: number, feed: FeedSocket): Promise<void> {
    let sessions: SessionCounts | null = null;
    try {
      sessions = (await this.#options.inForce?.()) ?? null;
    } catch (thrown) {
      this.#options.logger.error({ code: toAppError(thrown).code, epoch }, 'policy not in force everywhere');
      return;
    }
    const counts = sessions === null ? {} : { sessions };
    feed.send({ type: 'applied', epoch, tookMs: performance.now() - startedAt, ...counts });
  }

  #announce(applied: AppliedBundle): void {
    this.#options.logger.info({ ...applied }, 'policy in force');
    this.#readiness.resolve();
    this.#tell(() => this.#options.onApplied?.(applied));
  }

  #connect(feed: FeedSocket): void {
    this.#feed = feed;
    this.#since = new Date(this.#clock.now()).toISOString();
    this.#options.logger.info({}, 'connected to the control plane');
  }

  #disconnect(feed: FeedSocket): void {
    this.#feed = null;
    this.#since = new Date(this.#clock.now()).toISOString();
    const { closeCode } = feed;
    this.#options.logger.warn({ closeCode }, 'disconnected from the control plane');
    if (closeCode === feedCloseCodes.revoked) this.#trouble = new AppError('REVOKED');
    if (closeCode === feedCloseCodes.replaced) {
      // Another process has this agent's credential. Coming back at once, the two would chase each other.
      this.#backOff.slowDown();
      this.#alarm('feed', 'CONFLICT');
    }
  }

  #fail(error: AppError): void {
    const about =
      this.#intake.held === null ? 'registration' : error.code === 'INVALID_CONFIG' ? 'storage' : 'feed';
    if (error.code === 'CONTROL_PLANE_UNAVAILABLE' || error.code === 'TIMEOUT') {
      return this.#options.logger.warn({ about, code: error.code }, 'the control plane cannot be reached');
    }
    if (error.code === 'UNAUTHENTICATED') this.#backOff.slowDown();
    if (error.code === 'UNAUTHENTICATED' || error.code === 'INVALID_CONFIG') this.#trouble = error;
    this.#alarm(about, error.code);
  }

  /** Whether there is no use in going on: the agent was revoked, or its registration token is refused. */
  #isOver(): boolean {
    const code = this.#trouble?.code;
    return code === 'REVOKED' || (code === 'UNAUTHENTICATED' && this.#intake.held === null);
  }

  /** A revoked agent has no policy any more, nor after its next start. */
  async #giveUp(): Promise<void> {
    if (this.#trouble?.code === 'REVOKED') {
      this.#alarm('feed', 'REVOKED');
      await this.#intake.withdraw().catch(() => this.#alarm('storage', 'INVALID_CONFIG'));
    }
    this.#readiness.reject(this.#trouble);
  }

  #alarm(about: ControlAlarm['about'], code: ErrorCode): void {
    this.#options.logger.error({ about, code }, 'refused');
    this.#tell(() => this.#options.onAlarm?.({ about, code }));
  }

  /** The loop goes on whatever those who are told make of it. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.#options.logger.error({ code: toAppError(thrown).code }, 'a callback of the control link failed');
    }
  }
}
