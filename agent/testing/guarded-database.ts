import { createServer, type AddressInfo } from 'node:net';
import type { AuditedParameters } from '@daam/shared/audit/parameters';
import { Secret } from '@daam/shared/base/secret';
import { systemClock } from '@daam/shared/base/clock';
import { silentLogger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import type { Vouch } from '@daam/shared/policy/bundle';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { pseudonymPads } from '@daam/shared/sql/pseudonym';
import { Client } from 'pg';
import type { AgentConfig } from '../config.ts';
import { MatchBudget } from '../enforce/match-budget.ts';
import { UpstreamDatabase } from '../upstream-database.ts';
import { CancelRegistry } from '../session/cancel-registry.ts';
import { Session } from '../session/session.ts';
import { samplePeer } from '../session/sample-peer.ts';
import { SessionTable } from '../session/session-table.ts';

/**
 * A database behind the agent's real session, roles, catalogue and gate, without a control plane: the policy is what
 * the test says. Used by tests only.
 */
export interface GuardedDatabase extends AsyncDisposable {
  readonly port: number;
  readonly sessions: readonly Session[];
  /** Where the agent finds them. */
  readonly table: SessionTable;
  /** What sessions told the audit log: `allow either SELECT 1`, `deny default-deny SELECT …`, `alarm …`, `closed …`. */
  readonly events: string[];
  /** The values of parameters that it was told of. */
  readonly recorded: AuditedParameters[];
  /** The superuser's connection, past the agent. */
  readonly admin: Client;
  /** Puts a policy in force; null takes all access away. Resolves when every session has taken it. */
  setPolicy(policy: EffectivePolicy | null): Promise<void>;
  /** Turns the elevation switch. */
  setElevation(on: boolean): Promise<void>;
  vouch(vouched: readonly Vouch[]): Promise<void>;
  /** Reads the catalogue now instead of in a few seconds. */
  readCatalog(): Promise<void>;
  /** The catalogue as the agent has it. */
  readonly catalog: NonNullable<UpstreamDatabase['opened']>['view']['catalog'];
  /** A client of the agent; `options` as in its startup packet. */
  connect(options?: string): Promise<Client>;
}

let agents = 0;

/** Makes a database with this schema and serves it under this policy. */
export async function startGuardedDatabase({
  postgres,
  schema,
  policy,
  pseudonymKey,
  upstream = {},
}: {
  /** An embedded server. */
  readonly postgres: {
    readonly host: string;
    readonly port: number;
    createDatabase(name: string): Promise<string>;
  };
  readonly schema: string;
  readonly policy: EffectivePolicy;
  /** Absent: pseudonyms show as redact does. */
  readonly pseudonymKey?: Uint8Array;
  /** The agent's own settings where they are not the usual ones. */
  readonly upstream?: Partial<AgentConfig['upstream']>;
}): Promise<GuardedDatabase> {
  agents += 1;
  const name = `guarded_${agents}`;
  const dsn = await postgres.createDatabase(name);
  const admin = new Client({ connectionString: dsn });
  await admin.connect();
  await admin.query(schema);
  let current: EffectivePolicy | null = policy;
  let elevation = true;
  const sessions: Session[] = [];
  const table = new SessionTable();
  const events: string[] = [];
  const recorded: AuditedParameters[] = [];
  const cancels = new CancelRegistry();
  const database = new UpstreamDatabase({
    config: {
      host: postgres.host,
      port: postgres.port,
      user: 'postgres',
      password: new Secret(decodeURIComponent(new URL(dsn).password)),
      database: name,
      sslMode: 'disable',
      sslRootCert: null,
      scope: null,
      refuseOn: [],
      elevation: true,
      ...upstream,
    },
    logger: silentLogger,
    clock: systemClock,
    hint: () => 'ask',
    onCatalogChanged: () => void refresh('catalogue'),
  });
  await database.open(`${String(agents).padStart(8, '0')}-0000-4000-8000-000000000001`);
  const opened = (): NonNullable<UpstreamDatabase['opened']> => {
    if (database.opened === null) throw new Error('the database is not open');
    return database.opened;
  };
  const pads = pseudonymKey === undefined ? null : new Secret(pseudonymPads(pseudonymKey));
  opened().view.keyed(pads !== null);
  const viewOf = () => (current === null ? null : opened().view.of(current));
  const refresh = async (cause: 'policy' | 'catalogue'): Promise<void> => {
    await Promise.all(sessions.map(async (session) => await session.viewChanged(viewOf(), cause)));
  };
  const budget = new MatchBudget({ clock: systemClock });
  const server = createServer({ noDelay: true }, (socket) => {
    const session = new Session({
      socket,
      leftover: Buffer.alloc(0),
      peer: samplePeer,
      deps: {
        viewOf,
        databaseNames: new Set([name, 'shop']),
        elevationEnabled: () => elevation,
        openRole: async (view) =>
          await opened().roles.openSession({ access: view.access, catalog: view.catalog }),
        connect: async (role, request) => await database.connect(role, request),
        cancelUpstream: async (connection) => await database.cancel(connection),
        cancels,
        onRefused: ({ code }) => void events.push(`refused ${code}`),
        events: () => ({
          opened: () => void events.push('opened'),
          closed: ({ reason }) => void events.push(`closed ${reason}`),
          statement: ({ text, verdict, parameters }) => {
            if (parameters) recorded.push(parameters);
            return events.push(
              verdict.kind === 'deny'
                ? `deny ${verdict.denial.rule} ${text}`
                : `allow ${verdict.tier} ${text}`,
            );
          },
          completed: () => undefined,
          alarm: ({ rule }) => void events.push(`alarm ${rule}`),
          durable: () => Promise.resolve(),
        }),
        logger: silentLogger,
        clock: systemClock,
        budget,
        pseudonymPads: () => pads,
      },
    });
    sessions.push(session);
    void table.run(session).finally(() => sessions.splice(sessions.indexOf(session), 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    sessions,
    table,
    events,
    recorded,
    admin,
    get catalog() {
      return opened().view.catalog;
    },
    setPolicy: async (next) => {
      current = next;
      await refresh('policy');
    },
    setElevation: async (on) => {
      elevation = on;
      await refresh('policy');
    },
    vouch: async (vouched) => {
      opened().view.vouch(vouched);
      await refresh('policy');
    },
    readCatalog: async () => {
      await opened().view.refresh();
      await refresh('catalogue');
    },
    connect: async (options = '') => {
      const client = new Client({ host: '127.0.0.1', port, user: 'dev', database: name, options });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.end(new AppError('DRAINING'));
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await database[Symbol.asyncDispose]();
      await admin.end();
    },
  };
}
