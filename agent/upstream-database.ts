import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { createGate } from '@daam/shared/sql/gate/decide';
import { resolveAccess } from '@daam/shared/sql/resolve-access';
import type pg from 'pg';
import type { AgentConfig } from './config.ts';
import { Analysis } from './enforce/analysis.ts';
import { DatabaseView } from './enforce/database-view.ts';
import type { AdjustView } from './enforce/decisions.ts';
import { loadGateParts } from './enforce/gate-parts.ts';
import { withinScope } from './enforce/scope.ts';
import { RoleStore } from './roles/role-store.ts';
import type { SessionRole } from './session/session.ts';
import { adminClientConfig, openAdminClient } from './upstream/admin-client.ts';
import { CatalogConnection } from './upstream/catalog-connection.ts';
import { sendCancel } from './upstream/cancel.ts';
import { type UpstreamFailure, upstreamFailure } from './upstream/upstream-failure.ts';
import { connectUpstream, type UpstreamConnection } from './upstream/connect.ts';

const connectTimeoutMs = 10_000;
const catalogEveryMs = 5_000;

/**
 * The one database that this agent guards: its roles, its catalogue and the way to it. It is opened in the
 * background and again when it could not be reached; until then `opened` is null and sessions are refused.
 */
export class UpstreamDatabase implements AsyncDisposable {
  readonly #options: UpstreamDatabaseOptions;
  readonly #stop = new AbortController();
  readonly #endpoint: {
    host: string;
    port: number;
    tls: 'disable' | 'prefer' | 'require' | 'verify-full';
    ca?: string;
  };
  #opened: OpenedDatabase | null = null;
  #failure: UpstreamFailure | null = null;
  #opening: Promise<void> | null = null;

  constructor(options: UpstreamDatabaseOptions) {
    this.#options = options;
    const { host, port, sslMode, sslRootCert } = options.config;
    const ca = sslRootCert === null ? {} : { ca: readFileSync(sslRootCert, 'utf8') };
    this.#endpoint = { host, port, tls: sslMode, ...ca };
  }

  /** Null until the database was reached. */
  get opened(): OpenedDatabase | null {
    return this.#opened;
  }

  /** Why it was not reached the last time; null once it was, and before the first time. */
  get failure(): UpstreamFailure | null {
    return this.#failure;
  }

  /** Starts reaching for the database; resolves when it is there or the agent stops. */
  open(agentId: string): Promise<void> {
    this.#opening ??= this.#untilOpen(agentId);
    return this.#opening;
  }

  /** Opens the server connection of a session. */
  connect(
    role: SessionRole,
    request: { readonly parameters: Readonly<Record<string, string>> },
  ): Promise<UpstreamConnection> {
    return connectUpstream({
      ...this.#endpoint,
      user: role.name,
      password: role.password,
      database: this.#options.config.database,
      parameters: request.parameters,
      signal: this.#stop.signal,
      timeoutMs: connectTimeoutMs,
    });
  }

  /** Interrupts what runs on the connection; resolves when the server has taken it. A failure shows in the log alone. */
  async cancel(connection: UpstreamConnection): Promise<void> {
    const { logger } = this.#options;
    await sendCancel({
      ...this.#endpoint,
      key: connection.key,
      signal: this.#stop.signal,
      timeoutMs: connectTimeoutMs,
    }).catch((thrown: unknown) => logger.warn({ code: toAppError(thrown).code }, 'cancel failed'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened?.view[Symbol.asyncDispose]();
    await this.#opened?.analysis[Symbol.asyncDispose]();
    await this.#opened?.catalog[Symbol.asyncDispose]();
    await this.#opened?.roles[Symbol.asyncDispose]();
    this.#stop.abort();
    await this.#opening;
  }

  async #untilOpen(agentId: string): Promise<void> {
    for (let waitMs = 250; !this.#stop.signal.aborted; waitMs = Math.min(waitMs * 2, 10_000)) {
      try {
        this.#opened = await this.#openOnce(agentId);
        this.#failure = null;
        this.#options.logger.info({ version: this.#opened.serverVersion }, 'database reached');
        return;
      } catch (thrown) {
        const error = toAppError(thrown);
        this.#failure = upstreamFailure(thrown);
        this.#options.logger.warn(
          { code: error.code, detail: error.detail ?? error.message },
          'database not reached',
        );
        await delay(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  async #openOnce(agentId: string): Promise<OpenedDatabase> {
    const { config, logger, clock } = this.#options;
    const connection = adminClientConfig(config);
    const roles = new RoleStore({ connection, agentId, clock, logger });
    const catalog = new CatalogConnection({ config: connection });
    try {
      const { major } = await roles.start();
      const parts = await loadGateParts(major);
      const gate = createGate(parts);
      const analysis = new Analysis({ major, parts, hint: this.#options.hint, logger });
      const view = await DatabaseView.open({
        source: catalog,
        resolveAccess: (policy, found) => withinScope(resolveAccess(policy, found), config.scope),
        decideSql: (input) => gate.decide({ ...input, hint: this.#options.hint }),
        analysis,
        logger,
        ...(this.#options.adjustView === undefined ? {} : { adjustView: this.#options.adjustView }),
        refreshEveryMs: catalogEveryMs,
        onChanged: this.#options.onCatalogChanged,
      });
      return { roles, catalog, analysis, view, serverVersion: String(major) };
    } catch (thrown) {
      await catalog[Symbol.asyncDispose]();
      await roles[Symbol.asyncDispose]().catch(() => undefined);
      throw thrown;
    }
  }

  /** A connection of the agent's own for one errand; whoever asks for it ends it. */
  openClient(purpose: string): Promise<pg.Client> {
    return openAdminClient(this.#options.config, purpose);
  }
}

export interface OpenedDatabase {
  readonly roles: RoleStore;
  readonly catalog: CatalogConnection;
  readonly analysis: Analysis;
  readonly view: DatabaseView;
  readonly serverVersion: string;
}

export interface UpstreamDatabaseOptions {
  readonly config: AgentConfig['upstream'];
  readonly logger: Logger;
  readonly clock: Clock;
  /** The hint under a refusal: how to ask for access. */
  readonly hint: (table: { readonly schema: string; readonly name: string } | null) => string | null;
  readonly onCatalogChanged: () => void;
  readonly adjustView?: AdjustView;
}

/** For a session that comes while the database is away. */
export function upstreamAway(): AppError {
  return new AppError('UPSTREAM_UNAVAILABLE', { hint: 'The agent keeps trying; connect again in a moment.' });
}
