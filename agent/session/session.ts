import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { encodeErrorResponse } from '@daam/shared/pgwire/error-response';
import type { ErrorCode } from '@daam/shared/errors/codes';
import type { Startup } from '@daam/shared/pgwire/startup';
import type { PeerIdentity } from '../tunnel/accept.ts';
import type { UpstreamConnection } from '../upstream/connect.ts';
import type { AccessView } from '../enforce/decisions.ts';
import type { MatchBudget } from '../enforce/match-budget.ts';
import type { SessionRole as EphemeralRole } from '../roles/session-role.ts';
import type { CancelRegistry } from './cancel-registry.ts';
import { Channel } from './channel.ts';
import { ClientPump } from './client-pump.ts';
import type { SessionAudit, SessionContext, ValueRules } from './context.ts';
import { fatalFields } from './diagnostics.ts';
import { greeting } from './greeting.ts';
import { Latch } from './latch.ts';
import { warmUp } from './metadata.ts';
import { Names } from './names.ts';
import { Notices } from './notices.ts';
import { PendingQueue } from './pending.ts';
import { PolicyChange } from './policy-change.ts';
import { PreparedTable } from './prepared.ts';
import { ServerPump } from './server-pump.ts';
import { openingTimeoutMs, readOpening } from './startup.ts';
import { admitStartupParameters, type StartupRequest } from './startup-parameters.ts';
import { SessionTimers } from './timers.ts';

/** How a session ended, for the audit log and the counters. */
export interface SessionEnd {
  readonly reason: string;
  readonly durationMs: number;
  /** From the client, and to it. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** The ephemeral role as a session uses it. */
export type SessionRole = Pick<
  EphemeralRole,
  'name' | 'password' | 'sealLogin' | 'elevate' | 'lower' | 'leftBehind' | 'moveTo' | 'close'
>;

/** What a session tells about itself, the pumps' part included. */
export interface SessionEvents extends SessionAudit {
  opened(): void;
  closed(end: SessionEnd): void;
}

/** What a session needs from the rest of the agent; everything with a lifetime of its own lives outside. */
export interface SessionDeps {
  /** The view of what this person may do now; null when nothing. */
  readonly viewOf: (user: string) => AccessView | null;
  /** Names that the client may give as database. */
  readonly databaseNames: ReadonlySet<string>;
  /** Whether raw values may be read at all, to compute masks from them; asked again at each change of policy. */
  readonly elevationEnabled: () => boolean;
  readonly openRole: (view: AccessView) => Promise<SessionRole>;
  readonly connect: (role: SessionRole, request: StartupRequest) => Promise<UpstreamConnection>;
  /** Resolves when the server has taken the request; never rejects. */
  readonly cancelUpstream: (connection: UpstreamConnection) => Promise<void>;
  readonly cancels: CancelRegistry;
  /** What this session tells the audit log. */
  readonly events: (session: {
    readonly id: string;
    readonly peer: PeerIdentity;
    readonly startup: Startup;
  }) => SessionEvents;
  /** A known person was turned away before the session was open. */
  readonly onRefused: (refused: {
    readonly session: string;
    readonly peer: PeerIdentity;
    readonly code: ErrorCode;
  }) => void;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Counts what people compare with real values, in all of their sessions. */
  readonly budget: MatchBudget;
  /** What pseudonyms are computed with; null: there is no key. */
  readonly pseudonymPads: ValueRules['pseudonymPads'];
}

/**
 * One client connection from its first byte to the last role that it leaves behind:
 * opening → policy → role → upstream → NOLOGIN → greeting → two pumps → everything taken back.
 */
export class Session {
  readonly id = randomUUID();
  readonly peer: PeerIdentity;
  readonly #deps: SessionDeps;
  readonly #client: Channel;
  readonly #socket: Socket;
  readonly #startedAt: number;
  #server: Channel | null = null;
  #context: SessionContext | null = null;
  #ended: AppError | null = null;
  #change: PolicyChange | null = null;

  constructor({
    socket,
    leftover,
    peer,
    deps,
  }: {
    readonly socket: Socket;
    readonly leftover: Buffer;
    readonly peer: PeerIdentity;
    readonly deps: SessionDeps;
  }) {
    this.peer = peer;
    this.#deps = deps;
    this.#startedAt = deps.clock.now();
    this.#socket = socket;
    this.#client = new Channel({ socket, leftover });
  }

  /** Resolves when nothing of the session is left. Never throws. */
  async run(): Promise<void> {
    try {
      const timer = setTimeout(() => this.#client.destroy(), openingTimeoutMs);
      const opening = await readOpening(this.#client).finally(() => clearTimeout(timer));
      if (opening.kind === 'gone') return;
      if (opening.kind === 'cancel') {
        this.#deps.cancels.request({ ...opening.request, user: this.peer.user });
        return;
      }
      await this.#serve(opening.startup, opening.leftover);
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#deps.logger.warn(
        { session: this.id, code: error.code, detail: error.detail ?? null },
        'session failed',
      );
      if (this.#context === null)
        this.#deps.onRefused({ session: this.id, peer: this.peer, code: error.code });
      this.#client.end(encodeErrorResponse(fatalFields(error)));
    } finally {
      this.#client.end();
    }
  }

  /** Ends the session at once; the client is told why. Idempotent. */
  end(reason: AppError): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#client.end(encodeErrorResponse(fatalFields(reason)));
    this.#server?.destroy();
    this.#context?.pending.abandon();
    this.#change?.abandon();
  }

  #fail(thrown: unknown): void {
    const error = toAppError(thrown);
    if (this.#ended === null) {
      this.#deps.logger.warn(
        { session: this.id, code: error.code, detail: error.detail ?? null },
        'session ended',
      );
    }
    this.end(error);
  }

  /**
   * The policy, the elevation switch or the catalogue changed (policy-change.ts). Resolves when nothing can be done
   * in this session any more that only the old state allowed.
   */
  async viewChanged(view: AccessView | null, cause: 'policy' | 'catalogue'): Promise<void> {
    if (view === null) {
      this.end(new AppError('POLICY_REVOKED'));
      return;
    }
    const elevation = this.#deps.elevationEnabled();
    await this.#change?.change({ view, elevation }, { mayCancel: cause === 'policy' });
  }

  async #serve(startup: Startup, leftover: Buffer): Promise<void> {
    const view = this.#deps.viewOf(this.peer.user);
    if (view === null) {
      throw new AppError('NO_POLICY', {
        hint: 'Ask an administrator to assign a policy for this database to you.',
      });
    }
    const request = admitStartupParameters(startup.parameters, {
      searchPath: view.catalog.defaultSearchPath,
      schemas: view.catalog.schemas,
    });
    if (!this.#deps.databaseNames.has(request.database)) {
      throw new AppError('NOT_FOUND', {
        message: 'this port serves another database',
        hint: `Use the database name ${[...this.#deps.databaseNames][0] ?? ''}.`,
        field: 'database',
      });
    }
    if (request.wantsMetadata) {
      const { searchPath } = request;
      warmUp(view, new Names({ searchPath, isDefaultPath: false, elevationAvailable: () => true }));
    }
    const role = await this.#deps.openRole(view);
    let upstream: UpstreamConnection | null = null;
    try {
      upstream = await this.#deps.connect(role, request);
      await role.sealLogin();
      await this.#converse({ startup, leftover, view, request, role, upstream });
    } finally {
      upstream?.socket.destroy();
      await role.close();
    }
  }

  async #converse(opened: Opened): Promise<void> {
    const { startup, upstream } = opened;
    const audit = this.#deps.events({ id: this.id, peer: this.peer, startup });
    const context = this.#makeContext(opened, audit);
    this.#context = context;
    const cancel = async (): Promise<void> => await this.#deps.cancelUpstream(upstream);
    using key = this.#deps.cancels.register({
      user: this.peer.user,
      minorVersion: Math.min(startup.protocol.minor, 2),
      cancel: () => {
        // Never a statement of the agent's own.
        if (context.pending.head?.own === false) void cancel();
      },
    });
    audit.opened();
    await audit.durable();
    using _timers = new SessionTimers({
      context,
      startedAt: this.#startedAt,
      cancel: () => void cancel(),
    });
    await context.client.write(greeting({ startup, parameters: upstream.parameters, key }));
    await this.#pump(context, { leftover: opened.leftover, cancel });
    audit.closed({
      reason: this.#ended?.code ?? 'client',
      durationMs: this.#deps.clock.now() - this.#startedAt,
      bytesIn: this.#socket.bytesRead,
      bytesOut: this.#socket.bytesWritten,
    });
  }

  #makeContext({ view, request, role, upstream }: Opened, audit: SessionAudit): SessionContext {
    const latch = new Latch({ enabled: this.#deps.elevationEnabled() });
    const server = new Channel({ socket: upstream.socket, leftover: upstream.leftover });
    this.#server = server;
    return {
      client: this.#client,
      server,
      pending: new PendingQueue(),
      prepared: new PreparedTable(),
      names: new Names({
        searchPath: request.searchPath,
        isDefaultPath: request.searchPath === view.catalog.defaultSearchPath,
        elevationAvailable: () => latch.elevationAvailable,
      }),
      latch,
      notices: new Notices({ latch }),
      role,
      audit,
      values: {
        user: this.peer.user,
        budget: this.#deps.budget,
        pseudonymPads: this.#deps.pseudonymPads,
      },
      logger: this.#deps.logger,
      clock: this.#deps.clock,
      view,
      generation: 0,
      transaction: 'idle',
      pipelineOpen: false,
      pipelineExecutes: false,
      pipelineHasOwn: false,
      skipping: false,
      copyIn: false,
      copyEnds: 0,
      transactionTouchedMasked: false,
      wantsMetadata: request.wantsMetadata,
      cursorRelations: new Set(),
      cursorResult: { rows: 0 },
      cursorsClosed: false,
      onReady: () => undefined,
      fail: (thrown) => this.#fail(thrown),
      end: (reason) => this.end(reason),
    };
  }

  async #pump(
    context: SessionContext,
    { leftover, cancel }: { readonly leftover: Buffer; readonly cancel: () => Promise<void> },
  ): Promise<void> {
    const clientPump = new ClientPump({
      session: context,
      beforeMessage: (type) => this.#change?.before(type),
    });
    const serverPump = new ServerPump({ session: context });
    const change = new PolicyChange({ session: context, pump: clientPump, cancel });
    this.#change = change;
    context.onReady = () => change.stir();
    // It may have changed while the session was being opened.
    void this.viewChanged(this.#deps.viewOf(this.peer.user), 'policy').catch((thrown: unknown) =>
      context.fail(thrown),
    );
    const failed = (thrown: unknown): void => context.fail(thrown);
    const toServer = clientPump
      .run(leftover)
      .catch(failed)
      .finally(() => context.server.end());
    const toClient = serverPump
      .run()
      .catch(failed)
      .finally(() => {
        context.pending.abandon();
        change.abandon();
        context.client.end();
      });
    await Promise.all([toServer, toClient]);
  }
}

interface Opened {
  readonly startup: Startup;
  readonly leftover: Buffer;
  readonly view: AccessView;
  readonly request: StartupRequest;
  readonly role: SessionRole;
  readonly upstream: UpstreamConnection;
}
