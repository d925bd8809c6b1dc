import type { SessionCounts } from '@daam/shared/api/feed';
import type { KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, systemClock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { acceptDeps, assertRecentSignIn } from './accept-deps.ts';
import { AuditLog } from './audit/audit-log.ts';
import { AuditShipper } from './audit/shipper.ts';
import type { AgentConfig } from './config.ts';
import { ControlLink, type ReportedState } from './control/control-link.ts';
import { controlQuestions } from './control-questions.ts';
import { countFindings } from './doctor/doctor.ts';
import { DoctorWatch, type DoctorWatchOptions } from './doctor/watch.ts';
import type { AccessView, AdjustView } from './enforce/decisions.ts';
import { MatchBudget } from './enforce/match-budget.ts';
import { Events } from './events.ts';
import { assess, type Assessment } from './health/assess.ts';
import { type HealthReport, HealthServer } from './health/server.ts';
import { StateReporter } from './health/state-reporter.ts';
import { SchemaWatch } from './schema/schema-watch.ts';
import { CancelRegistry } from './session/cancel-registry.ts';
import { Session, type SessionDeps } from './session/session.ts';
import { type ListedSession, SessionTable } from './session/session-table.ts';
import { PasskeyBook } from './passkeys/book.ts';
import { standingsForFeed } from './passkeys/standings.ts';
import { type OpenListener, type StreamListener, Transports } from './transports.ts';
import type { AcceptedStream, PeerIdentity } from './tunnel/accept.ts';
import type { ListenerOptions } from './tunnel/listener.ts';
import { wireguardKey } from './tunnel/wireguard-key.ts';
import { UpstreamDatabase, upstreamAway } from './upstream-database.ts';

export const agentVersion = '0.1.0';

/** How long open sessions may go on after the agent was told to stop. */
const drainMs = 60_000;
const maxSessions = 1_000;

/** How often certificates that have ended are looked for. Milliseconds. */
const sweepEveryMs = 500;
/** How long the last words to a client may take through the tunnel. Milliseconds. */
const farewellMs = 150;

export type { AdjustView, ListenerOptions, OpenListener, StreamListener };

/** What `startAgent` needs besides its configuration. */
export interface AgentDeps {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Opens a listener in place of the agent's own (plain TCP), which it is given to build on. There is no tunnel then. */
  readonly openListener?: OpenListener;
  /** For the proof alone: takes single layers away. No configuration reaches it. */
  readonly adjustView?: AdjustView;
}

/** A running agent. Dispose it to end every session and drop every role. */
export interface Agent extends AsyncDisposable {
  /** Where it listens, or would with TLS. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly health: { readonly url: string } | null;
  /** Takes no new sessions, reports itself as draining, and waits up to a minute for the open ones. */
  drain(): Promise<void>;
}

/**
 * Builds the agent. It starts whether or not the control plane and the database can be reached, and refuses
 * sessions until it has a policy and a database; what is built here is taken down in reverse order.
 */
export async function startAgent(config: AgentConfig, deps: AgentDeps): Promise<Agent> {
  const agent = new RunningAgent(config, deps);
  try {
    await agent.start();
    return agent;
  } catch (thrown) {
    await agent[Symbol.asyncDispose]();
    throw thrown;
  }
}

class RunningAgent implements Agent {
  readonly #config: AgentConfig;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #cancels = new CancelRegistry();
  readonly #sessions = new SessionTable();
  readonly #budget: MatchBudget;
  readonly #events: Events;
  readonly #database: UpstreamDatabase;
  readonly #openListener: OpenListener | null;
  readonly #doctor: DoctorWatch;
  readonly #schema: SchemaWatch;
  /** Built in this order by `start`; the audit log as soon as the agent knows who it is. */
  #health: HealthServer | null = null;
  #passkeys: PasskeyBook | null = null;
  #transports: Transports | null = null;
  #control: ControlLink | null = null;
  #audit: AuditLog | null = null;
  #shipper: AuditShipper | null = null;
  #sweeper: NodeJS.Timeout | null = null;
  #stateReporter: StateReporter | null = null;
  #isDraining = false;
  #isStartRecorded = false;
  /** Resolves when the newest policy is in force in every session, with what it did to them. */
  #applying: Promise<SessionCounts | null> = Promise.resolve(null);

  constructor(config: AgentConfig, { logger, clock, openListener, adjustView }: AgentDeps) {
    this.#config = config;
    this.#openListener = openListener ?? null;
    this.#logger = logger;
    this.#clock = clock ?? systemClock;
    this.#budget = new MatchBudget({ clock: this.#clock });
    const { queries, redactQueries } = config.logging;
    this.#events = new Events({
      audit: () => this.#audit,
      logger,
      queryLog: { enabled: queries, redact: redactQueries },
    });
    this.#database = new UpstreamDatabase({
      config: config.upstream,
      logger,
      clock: this.#clock,
      hint: () => `Ask an administrator for a policy of database ${this.#databaseName} that grants it.`,
      onCatalogChanged: () => {
        this.#doctor.lookSoon();
        this.#schema.lookSoon();
        void this.#refreshSessions('catalogue');
      },
      ...(adjustView === undefined ? {} : { adjustView }),
    });
    this.#doctor = new DoctorWatch({
      connect: () => this.#database.openClient('daam-agent doctor'),
      subject: () => this.#examined(),
      refuseOn: config.upstream.refuseOn,
      onReport: (report) => this.#control?.reportDoctor(report),
      clock: this.#clock,
      logger,
    });
    this.#schema = new SchemaWatch({
      connect: () => this.#database.openClient('daam-agent schema'),
      catalog: () => this.#database.opened?.view.catalog ?? null,
      refreshCatalog: async () => await this.#database.opened?.view.look(),
      scope: config.upstream.scope,
      onReport: (report) => this.#control?.reportSchema(report),
      logger,
    });
  }

  get listen(): { readonly host: string; readonly port: number } {
    return this.#transports?.listen ?? this.#config.listen;
  }

  get health(): { readonly url: string } | null {
    return this.#health;
  }

  async start(): Promise<void> {
    const { health, controlPlane, wireguard } = this.#config;
    if (health.enabled) {
      this.#health = await HealthServer.start({
        ...health,
        token: () => this.#control?.credential ?? null,
        report: () => this.#report(),
      });
    }
    const privateKey = await wireguardKey(wireguard.privateKeyPath);
    this.#passkeys = await this.#openPasskeys(privateKey);
    this.#transports = await this.#openTransports(privateKey);
    this.#control = await ControlLink.start({
      config: controlPlane,
      version: agentVersion,
      listen: () => this.#transports?.listen ?? null,
      tunnel: () => this.#transports?.target ?? null,
      onRelay: (ticket) => this.#transports?.useRelay(ticket),
      logger: this.#logger,
      clock: this.#clock,
      onIdentified: (identity) => this.#identified(identity.agentId),
      inForce: () => this.#applying,
      ...controlQuestions({
        control: () => this.#control,
        database: this.#database,
        sessions: this.#sessions,
        elevationEnabled: () => this.#elevationEnabled,
      }),
      onExamine: () => void this.#doctor.look(),
      onIntrospect: () => void this.#schema.look(),
      onAlarm: ({ about, code }) => this.#events.alarm({ rule: `control-${about}`, detail: code }),
    });
    this.#control.store.onChanged(() => {
      this.#applying = this.#policyChanged();
      // Whoever acknowledges the bundle hears of it too.
      this.#applying.catch((thrown: unknown) =>
        this.#events.alarm({ rule: 'policy-not-applied', detail: toAppError(thrown).code }),
      );
    });
    // A policy from the cache came before anyone listened.
    this.#database.opened?.view.keyed(this.#control.pseudonymPads !== null);
    this.#takePasskeys();
    this.#sweeper = setInterval(() => this.#sweep(), sweepEveryMs);
    this.#sweeper.unref();
    this.#stateReporter = new StateReporter({
      state: () => this.#state(),
      send: (state) => this.#control?.reportState(state),
      clock: this.#clock,
    });
  }

  async #openPasskeys(agentKey: KeyObject): Promise<PasskeyBook> {
    const { pinsPath, requirePasskeyProof, newUsers } = this.#config.identity;
    return await PasskeyBook.open({
      path: pinsPath,
      agentKey,
      requireProof: requirePasskeyProof,
      newUsers,
      clock: this.#clock,
      onChange: (change) => this.#events.passkey(change),
      onStandings: (standings) => this.#control?.reportPasskeys(standingsForFeed(standings)),
      onAlarm: (rule) => this.#events.alarm({ rule, detail: pinsPath }),
    });
  }

  async #openTransports(privateKey: KeyObject): Promise<Transports> {
    return await Transports.start({
      config: this.#config,
      privateKey,
      accept: acceptDeps({
        control: () => this.#control,
        passkeys: () => this.#passkeys,
        isDraining: () => this.#isDraining,
        clock: this.#clock,
      }),
      openListener: this.#openListener,
      onAccepted: (stream) => this.#serve(stream),
      onStreamRefused: (refused) => this.#events.streamRefused(refused),
      onKnockRefused: (refused) => this.#events.knockRefused(refused),
      onTarget: (target) => this.#control?.reportTunnel(target),
      onReplaced: (former) =>
        this.#sessions.endWhere(
          ({ peer }) => peer.device === former.device && peer.user === former.user,
          new AppError('REVOKED'),
        ),
      clock: this.#clock,
      logger: this.#logger,
    });
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#transports?.stop();
    this.#control?.reportState(this.#state());
    await this.#sessions.emptied(drainMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDraining = true;
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    this.#stateReporter?.[Symbol.dispose]();
    this.#transports?.stop();
    const hadSessions = this.#sessions.size > 0;
    this.#sessions.endWhere(() => true, new AppError('DRAINING'));
    await this.#sessions.emptied(10_000);
    if (hadSessions && this.#transports?.target !== null) await delay(farewellMs);
    await this.#transports?.[Symbol.asyncDispose]();
    await this.#passkeys?.[Symbol.asyncDispose]();
    await this.#doctor[Symbol.asyncDispose]();
    await this.#schema[Symbol.asyncDispose]();
    await this.#database[Symbol.asyncDispose]();
    await this.#shipper?.[Symbol.asyncDispose]();
    await this.#control?.[Symbol.asyncDispose]();
    await this.#audit?.[Symbol.asyncDispose]();
    await this.#health?.[Symbol.asyncDispose]();
  }

  /** The agent knows who it is (registered now, or long ago): the chain of its records and its roles bear its id. */
  #identified(agentId: string): void {
    this.#audit = new AuditLog({
      directory: this.#config.controlPlane.auditBufferPath,
      stream: agentId,
      clock: this.#clock,
      logger: this.#logger,
    });
    this.#shipper = new AuditShipper({
      log: this.#audit,
      url: this.#config.controlPlane.url,
      credential: () => this.#control?.credential ?? null,
      logger: this.#logger,
    });
    try {
      this.#recordStart();
    } catch (thrown) {
      // A full buffer; no session opens before it is recorded.
      this.#logger.error({ code: toAppError(thrown).code }, 'the start is not recorded yet');
    }
    void this.#database.open(agentId).then(() => this.#databaseOpened());
  }

  /** Before any session of this process: what the chain has open by then is over. */
  #recordStart(): void {
    if (this.#isStartRecorded) return;
    this.#events.started(agentVersion);
    this.#isStartRecorded = true;
  }

  async #serve({ socket, leftover, identity: peer }: AcceptedStream): Promise<void> {
    const session = new Session({ socket, leftover, peer, deps: this.#sessionDeps(peer) });
    await this.#sessions.run(session);
  }

  #sessionDeps(peer: PeerIdentity): SessionDeps {
    return {
      viewOf: (user) => {
        assertRecentSignIn(peer, this.#control?.store.stepUpSeconds ?? null, this.#clock.now());
        return this.#viewOf(user);
      },
      databaseNames: new Set([this.#databaseName, this.#config.upstream.database]),
      elevationEnabled: () => this.#elevationEnabled,
      openRole: (view) => {
        const opened = this.#database.opened;
        if (opened === null) throw upstreamAway();
        this.#doctor.assertSafe();
        if (this.#isDraining) throw new AppError('DRAINING');
        if (this.#sessions.size > maxSessions) throw new AppError('TOO_MANY_SESSIONS');
        return opened.roles.openSession({ access: view.access, catalog: view.catalog });
      },
      connect: (role, request) => this.#database.connect(role, request),
      cancelUpstream: (connection) => this.#database.cancel(connection),
      cancels: this.#cancels,
      events: ({ id, peer, startup }) => {
        this.#recordStart();
        return this.#events.session({
          id,
          peer,
          application: startup.parameters.get('application_name')?.slice(0, 200) ?? null,
          database: this.#databaseName,
          epoch: () => this.#control?.store.epoch ?? 0,
          policies: this.#control?.store.subject(peer.user)?.policy.policies ?? [],
        });
      },
      onRefused: (refused) => this.#events.sessionRefused(refused),
      logger: this.#logger,
      clock: this.#clock,
      budget: this.#budget,
      pseudonymPads: () => this.#control?.pseudonymPads ?? null,
    };
  }

  #viewOf(user: string): AccessView | null {
    const opened = this.#database.opened;
    if (opened === null) throw upstreamAway();
    const subject = this.#control?.store.subject(user) ?? null;
    return subject === null ? null : opened.view.of(subject.policy);
  }

  /** The agent's own configuration may switch it off, never on. */
  get #elevationEnabled(): boolean {
    return this.#config.upstream.elevation && (this.#control?.store.elevationEnabled ?? false);
  }

  /** What the doctor looks at; nothing before the database was reached. */
  #examined(): ReturnType<DoctorWatchOptions['subject']> {
    const catalog = this.#database.opened?.view.catalog;
    const store = this.#control?.store;
    if (catalog === undefined) return null;
    return {
      catalog,
      policies: store?.policies ?? null,
      policyEpoch: store?.epoch ?? null,
      scope: this.#config.upstream.scope,
      agentId: store?.agentId ?? null,
    };
  }

  /** A new bundle is in force: sessions of revoked people end, the others get their new view. */
  async #policyChanged(): Promise<SessionCounts | null> {
    const store = this.#control?.store;
    if (store === undefined) return null;
    const epoch = store.epoch ?? 0;
    const startedAt = performance.now();
    this.#takePasskeys();
    const isRevoked = ({ peer }: ListedSession): boolean => store.isRevoked(peer.device, peer.user);
    const revoked = this.#sessions.endWhere(isRevoked, new AppError('REVOKED'));
    this.#sweep();
    this.#database.opened?.view.vouch(store.vouched);
    this.#database.opened?.view.keyed((this.#control?.pseudonymPads ?? null) !== null);
    const sessions = this.#sessions.size;
    const told = await this.#refreshSessions('policy');
    this.#doctor.lookSoon();
    this.#events.policyApplied({
      epoch,
      sessions,
      tookMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
    });
    return told === null ? null : { updated: told.updated, ended: told.ended + revoked };
  }

  #takePasskeys(): void {
    const bundle = this.#control?.store.bundle ?? null;
    if (bundle !== null) this.#passkeys?.take(bundle);
  }

  /** Devices whose certificates have ended, or that were revoked, leave the tunnel; sessions of the former end. */
  #sweep(): void {
    const store = this.#control?.store;
    const isRevoked = ({ device, user }: PeerIdentity): boolean => store?.isRevoked(device, user) ?? true;
    this.#sessions.endWhere(
      ({ peer }) => this.#transports?.isCurrent(peer) === false,
      new AppError('EXPIRED_CERTIFICATE'),
    );
    this.#transports?.sweep(isRevoked);
  }

  /** A bundle may have come before the database could be reached. */
  async #databaseOpened(): Promise<void> {
    this.#database.opened?.view.vouch(this.#control?.store.vouched ?? []);
    this.#database.opened?.view.keyed((this.#control?.pseudonymPads ?? null) !== null);
    // the first look decides whether sessions may be served, the next ones only tell
    void this.#doctor.look();
    void this.#schema.look();
    await this.#refreshSessions('policy');
  }

  async #refreshSessions(cause: 'policy' | 'catalogue'): Promise<SessionCounts | null> {
    if (this.#database.opened === null) return null;
    return await this.#sessions.refresh(cause, (session) => this.#viewOf(session.peer.user));
  }

  get #databaseName(): string {
    return this.#control?.identity?.database.name ?? this.#config.upstream.database;
  }

  #report(): HealthReport {
    const store = this.#control?.store;
    const isConnected = this.#control?.connected ?? false;
    const opened = this.#database.opened;
    const audit = this.#audit?.state;
    return {
      status: this.#assess().status,
      version: agentVersion,
      sessions: this.#sessions.size,
      upstream: {
        state: opened === null ? 'disconnected' : 'connected',
        serverVersion: opened?.serverVersion ?? null,
      },
      controlPlane: {
        state: isConnected ? 'connected' : 'disconnected',
        since: this.#control?.since ?? null,
      },
      policy: { epoch: store?.epoch ?? null, source: store?.state ?? 'none' },
      tunnel: this.#transports?.tunnel ?? null,
      audit: { bufferedRecords: this.#backlog, bufferedBytes: audit?.bufferedBytes ?? 0 },
      doctor: this.#doctor.report === null ? null : countFindings(this.#doctor.report),
    };
  }

  /** Records that the control plane has not acknowledged. */
  get #backlog(): number {
    if (this.#audit === null || this.#shipper === null) return 0;
    return this.#audit.state.written.seq - this.#shipper.state.acknowledgedSeq;
  }

  /** What the control plane is told. */
  #state(): ReportedState {
    const { status, troubles } = this.#assess();
    const { sessions, upstream, policy, audit } = this.#report();
    return {
      state: status,
      troubles: [...troubles],
      sessions,
      upstream: upstream.state,
      upstreamFailure: this.#database.failure,
      serverVersion: upstream.serverVersion,
      policy: policy.source,
      undelivered: audit.bufferedRecords,
      lease: this.#database.opened?.roles.lease ?? null,
      relay: this.#transports?.relay ?? null,
    };
  }

  #assess(): Assessment {
    const audit = this.#audit?.state;
    return assess({
      isDraining: this.#isDraining,
      policy: this.#control?.store.state ?? 'none',
      isConnected: this.#control?.connected ?? false,
      isRefused: (this.#control?.trouble ?? null) !== null,
      isAuditWritable: audit?.failure === null && !audit.isFull,
      isUpstreamReached: this.#database.opened !== null,
      isSafe: this.#doctor.isSafe,
      isOpen: this.#transports?.isOpen ?? false,
      isWhole: this.#transports?.isWhole ?? false,
    });
  }
}
