import type { Secret } from '@daam/shared/base/secret';
import { Migrator } from '@mikro-orm/migrations';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { MikroORM } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { becomeApplicationRole, grantApplicationRole } from './application-role.ts';
import { AgentEntity } from './entities/agent.ts';
import { ApiTokenEntity } from './entities/api-token.ts';
import { AuditActivityEntity } from './entities/audit.ts';
import { DatabaseEntity } from './entities/database.ts';
import { DeviceEntity } from './entities/device.ts';
import { GroupEntity, GroupMemberEntity } from './entities/group.ts';
import { OrgKeyEntity } from './entities/org-key.ts';
import { OrganizationEntity } from './entities/organization.ts';
import { PasskeyEntity } from './entities/passkey.ts';
import { PolicyAssignmentEntity, PolicyEntity, PolicyVersionEntity } from './entities/policy.ts';
import { UserEntity } from './entities/user.ts';
import { Foundation } from './migrations/0001-foundation.ts';
import { PseudonymKeyTable } from './migrations/0003-pseudonym-keys.ts';
import { DoctorReportTable } from './migrations/0004-doctor-reports.ts';
import { LivePolicy } from './migrations/0005-live-policy.ts';
import { AccessRequests } from './migrations/0020-access-requests.ts';
import { Webhooks } from './migrations/0021-webhooks.ts';
import { Schemas } from './migrations/0038-schemas.ts';
import { AgentQuestions } from './migrations/0039-agent-questions.ts';
import { Passkeys } from './migrations/0006-passkeys.ts';
import { Tunnels } from './migrations/0007-tunnels.ts';
import { Origins } from './migrations/0008-origins.ts';
import { AuditStore } from './migrations/0010-audit-store.ts';
import { AuditRare } from './migrations/0011-audit-rare.ts';
import { AuditDrop } from './migrations/0012-audit-drop.ts';
import { ActivityByMonth } from './migrations/0041-activity-by-month.ts';
import { Mail } from './migrations/0042-mail.ts';
import { MailTurns } from './migrations/0047-mail-turns.ts';
import { DiscoverableDatabases } from './migrations/0050-discoverable-databases.ts';
import { RequestRules } from './migrations/0052-request-rules.ts';
import { PolicyPublications } from './migrations/0054-policy-publications.ts';
import { AppliedSessions } from './migrations/0055-applied-sessions.ts';
import { AuditViews } from './migrations/0056-audit-views.ts';
import { AgentStarts } from './migrations/0057-agent-starts.ts';
import { RequestRouting } from './migrations/0058-request-routing.ts';
import { ServiceAccounts } from './migrations/0030-service-accounts.ts';
import { PolicyRevisions } from './migrations/0035-policy-revisions.ts';
import { query } from './query.ts';
import { enterMigrationScope, protectTables } from './row-security.ts';

/** The entity manager of PostgreSQL: the ORM's calls, and `execute` for SQL. */
export type Em = SqlEntityManager;

export const entities = [
  OrganizationEntity,
  OrgKeyEntity,
  UserEntity,
  GroupEntity,
  GroupMemberEntity,
  DatabaseEntity,
  AgentEntity,
  PolicyEntity,
  PolicyVersionEntity,
  PolicyAssignmentEntity,
  ApiTokenEntity,
  DeviceEntity,
  PasskeyEntity,
  AuditActivityEntity,
];

export interface StoreOptions {
  readonly dsn: Secret;
  /** What migrates, and owns the schema; `dsn` where there is none. */
  readonly migrationDsn?: Secret | null;
  /** Connections in the pool. */
  readonly poolSize: number;
}

/** The control plane's own database: a pool of connections and the ORM over it. Dispose to close the pool. */
export class Store implements AsyncDisposable {
  readonly #orm: MikroORM;
  readonly #options: StoreOptions;
  #hasApplicationRole = false;

  private constructor(orm: MikroORM, options: StoreOptions) {
    this.#orm = orm;
    this.#options = options;
  }

  /** Connects lazily; `migrate` or `isReady` is the first to touch the server. */
  static async open(options: StoreOptions): Promise<Store> {
    return new Store(await initOrm(options, { asOwner: false }), options);
  }

  /** Brings the schema to this version. Replicas that start together wait for each other on an advisory lock. */
  async migrate(): Promise<readonly string[]> {
    const { dsn, migrationDsn } = this.#options;
    const login = migrationDsn ? await loginOf(dsn) : null;
    const owner = await initOrm({ dsn: migrationDsn ?? dsn, poolSize: 2 }, { asOwner: true });
    try {
      return await owner.em.fork().transactional(async (em) => {
        await query(em, 'select pg_advisory_xact_lock(?)', [migrationLock]);
        const applied = await owner.migrator.up();
        // Committed one by one, while the first connection keeps the lock: replicas that serve lock tables in other orders.
        const hasApplicationRole = await owner.em
          .fork()
          .transactional(async (tx) => await grantApplicationRole(tx, login));
        await protectTables(owner.em.fork(), { hasApplicationRole });
        this.#hasApplicationRole = hasApplicationRole;
        return applied.map(({ name }) => name);
      });
    } finally {
      await owner.close(true);
    }
  }

  /** Whether connections work as the application's role (db/application-role.ts); known after `migrate`. */
  get hasApplicationRole(): boolean {
    return this.#hasApplicationRole;
  }

  /** Connections in the pool. */
  get poolSize(): number {
    return this.#options.poolSize;
  }

  /** A fresh entity manager that belongs to no organization yet: see db/scope.ts. */
  em(): Em {
    return this.#orm.em.fork();
  }

  /** Whether the database answers. */
  async isReady(): Promise<boolean> {
    try {
      await query(this.em(), 'select 1');
      return true;
    } catch {
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orm.close(true);
  }
}

const migrationLock = 0x6461616d;

async function initOrm(
  { dsn, poolSize }: StoreOptions,
  { asOwner }: { readonly asOwner: boolean },
): Promise<MikroORM> {
  return await MikroORM.init({
    clientUrl: dsn.reveal(),
    entities,
    extensions: [Migrator],
    pool: { min: 0, max: poolSize },
    driverOptions: { statement_timeout: 30_000, connectionTimeoutMillis: 10_000 },
    onCreateConnection: asOwner ? enterMigration : enterApplicationRole,
    forceUtcTimezone: true,
    debug: false,
    logger: () => {},
    migrations: {
      migrationsList: [
        { name: '0001-foundation', class: Foundation },
        { name: '0003-pseudonym-keys', class: PseudonymKeyTable },
        { name: '0004-doctor-reports', class: DoctorReportTable },
        { name: '0005-live-policy', class: LivePolicy },
        { name: '0006-passkeys', class: Passkeys },
        { name: '0007-tunnels', class: Tunnels },
        { name: '0008-origins', class: Origins },
        { name: '0010-audit-store', class: AuditStore },
        { name: '0011-audit-rare', class: AuditRare },
        { name: '0012-audit-drop', class: AuditDrop },
        { name: '0020-access-requests', class: AccessRequests },
        { name: '0021-webhooks', class: Webhooks },
        { name: '0035-policy-revisions', class: PolicyRevisions },
        { name: '0030-service-accounts', class: ServiceAccounts },
        { name: '0041-activity-by-month', class: ActivityByMonth },
        { name: '0042-mail', class: Mail },
        { name: '0038-schemas', class: Schemas },
        { name: '0039-agent-questions', class: AgentQuestions },
        { name: '0047-mail-turns', class: MailTurns },
        { name: '0050-discoverable-databases', class: DiscoverableDatabases },
        { name: '0056-audit-views', class: AuditViews },
        { name: '0052-request-rules', class: RequestRules },
        { name: '0054-policy-publications', class: PolicyPublications },
        { name: '0055-applied-sessions', class: AppliedSessions },
        { name: '0057-agent-starts', class: AgentStarts },
        { name: '0058-request-routing', class: RequestRouting },
      ],
      tableName: 'schema_migrations',
      snapshot: false,
      transactional: true,
      allOrNothing: true,
    },
  });
}

/** The role that a DSN leads to. */
async function loginOf(dsn: Secret): Promise<string> {
  const orm = await initOrm({ dsn, poolSize: 1 }, { asOwner: true });
  try {
    const [row] = await query<{ login: string }[]>(orm.em.fork(), 'select current_user::text as login');
    return row?.login ?? '';
  } finally {
    await orm.close(true);
  }
}

/** What the pool hands over when it has made a connection: kysely's. */
interface FreshConnection {
  executeQuery(compiled: CompiledQuery): Promise<unknown>;
}

/** Migrations touch the rows of every organization; row-level security lets the owner, by this word. */
async function enterMigration(connection: unknown): Promise<void> {
  await (connection as FreshConnection).executeQuery(CompiledQuery.raw(enterMigrationScope));
}

async function enterApplicationRole(connection: unknown): Promise<void> {
  await (connection as FreshConnection).executeQuery(CompiledQuery.raw(becomeApplicationRole));
}
