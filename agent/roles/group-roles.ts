import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import { quoteIdentifier, quoteLiteral } from '@daam/shared/sql/quote';
import { type AdminConnection, type AdminIdentity, sqlState } from './admin-connection.ts';
import { floorFingerprint, groupGrants } from './group-grants.ts';
import { grantMembership, type RoleNames } from './role-names.ts';

/** The roles that carry one access's privileges. */
export interface Group {
  /** `floorFingerprint`: accesses that differ only in what is rewritten share the group. */
  readonly fingerprint: string;
  readonly base: string;
  /** Null when no mask needs the value. */
  readonly raw: string | null;
}

interface GroupContent {
  readonly access: ResolvedAccess;
  readonly catalog: Catalog;
}

interface Known {
  readonly ready: Promise<Group>;
  users: number;
  idleSince: number;
}

/** `DAAM`, and the purpose. The lock only spares agents on one database retries; see `#underLock`. */
const aclLock = '1145127245, 1';
const lockWaitMs = 3_000;
/** How long a group that no session uses is kept for the next one. */
const idleGroupMs = 10 * 60_000;

/**
 * Privileges live on group roles, one pair for each distinct access, never on session roles: a table's ACL
 * holds some 2,400 grantees, and concurrent grants on one table deadlock, while memberships do neither.
 */
export class GroupRoles {
  readonly #admin: AdminConnection;
  readonly #names: RoleNames;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, Known>();

  constructor(options: {
    readonly admin: AdminConnection;
    readonly names: RoleNames;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#admin = options.admin;
    this.#names = options.names;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** The group of an access, made if it must be, counted as used until `release`. */
  async acquire(access: ResolvedAccess, catalog: Catalog): Promise<Group> {
    const fingerprint = floorFingerprint({ access, catalog });
    let known = this.#known.get(fingerprint);
    if (known === undefined) {
      known = {
        ready: this.#prepareAgain(fingerprint, { access, catalog }),
        users: 0,
        idleSince: this.#clock.now(),
      };
      this.#known.set(fingerprint, known);
    }
    known.users += 1;
    try {
      return await known.ready;
    } catch (thrown) {
      known.users -= 1;
      if (this.#known.get(fingerprint) === known) this.#known.delete(fingerprint);
      throw thrown;
    }
  }

  release(group: Group): void {
    const known = this.#known.get(group.fingerprint);
    if (known === undefined) return;
    known.users -= 1;
    known.idleSince = this.#clock.now();
  }

  /** The server says that the group's roles are gone: the next `acquire` makes them again. */
  forget(group: Group): void {
    this.#known.delete(group.fingerprint);
  }

  /** Drops groups of this agent that no session role belongs to, here or in another process of this agent. */
  async collect({ evenRecent }: { readonly evenRecent: boolean }): Promise<void> {
    const limit = this.#clock.now() - (evenRecent ? 0 : idleGroupMs);
    const kept: string[] = [];
    for (const [fingerprint, known] of this.#known) {
      if (known.users > 0 || known.idleSince > limit)
        kept.push(...Object.values(this.#names.groups(fingerprint)));
      else this.#known.delete(fingerprint);
    }
    for (const role of await this.#unusedRoles()) {
      if (!kept.includes(role)) await this.#dropGroupRole(role);
    }
  }

  async #unusedRoles(): Promise<readonly string[]> {
    const [result] = await this.#admin.run(`
      SELECT r.rolname::pg_catalog.text AS name FROM pg_catalog.pg_roles r
      WHERE r.rolname ~~ ${quoteLiteral(this.#names.groupPattern)} AND r.rolname ~ '^daam_[px]_'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles s ON s.oid = m.member
                        WHERE m.roleid = r.oid AND s.rolname ~~ ${quoteLiteral(this.#names.sessionPattern)})`);
    return (result?.rows ?? []).map((row) => String(row['name']));
  }

  async #dropGroupRole(role: string): Promise<void> {
    const name = quoteIdentifier(role);
    try {
      await this.#underLock(() => [`DROP OWNED BY ${name}`, `DROP ROLE IF EXISTS ${name}`]);
    } catch (thrown) {
      const state = sqlState(thrown);
      if (state !== '42704')
        this.#logger.warn({ role, sqlstate: state }, 'a group role could not be dropped');
    }
  }

  /** Another process of this agent may make or drop the same roles at the same moment. */
  async #prepareAgain(fingerprint: string, content: GroupContent): Promise<Group> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#prepare(fingerprint, content);
      } catch (thrown) {
        const state = sqlState(thrown);
        if (attempt >= 3 || (state !== '42710' && state !== '42704')) throw thrown;
      }
    }
  }

  async #prepare(fingerprint: string, content: GroupContent): Promise<Group> {
    const roles = this.#names.groups(fingerprint);
    const grants = groupGrants(roles, content);
    const wanted = grants.raw.length > 0 ? [roles.base, roles.raw] : [roles.base];
    const existing = await this.#existing(wanted);
    await this.#underLock((identity) => [
      // One from an earlier process is granted afresh: what it held then may be more than the policy says now.
      ...wanted.flatMap((role) =>
        existing.has(role) ? [`DROP OWNED BY ${quoteIdentifier(role)}`] : createGroupRole(role, identity),
      ),
      ...(identity.publicMayConnect
        ? []
        : [
            `GRANT CONNECT ON DATABASE ${quoteIdentifier(identity.database)} TO ${quoteIdentifier(roles.base)}`,
          ]),
      ...grants.base,
      ...grants.raw,
    ]);
    return {
      fingerprint,
      base: roles.base,
      raw: grants.raw.length > 0 ? roles.raw : null,
    };
  }

  async #existing(roles: readonly string[]): Promise<ReadonlySet<string>> {
    const [result] = await this.#admin.run(
      `SELECT r.rolname::pg_catalog.text AS name FROM pg_catalog.pg_roles r WHERE r.rolname IN (${roles.map(quoteLiteral).join(', ')})`,
    );
    return new Set((result?.rows ?? []).map((row) => String(row['name'])));
  }

  /**
   * One transaction under the advisory lock. Anyone who can connect can hold that lock, so it is waited for a
   * little and then done without: what remains is a conflict now and then, and conflicts are retried.
   */
  async #underLock(statements: (identity: AdminIdentity) => readonly string[]): Promise<void> {
    const text = (prologue: readonly string[]) => (identity: AdminIdentity) =>
      [...prologue, ...statements(identity)].join(';\n');
    try {
      await this.#admin.run(
        text([
          `SELECT pg_catalog.set_config('lock_timeout', '${lockWaitMs}', true)`,
          `SELECT pg_catalog.pg_advisory_xact_lock(${aclLock})`,
        ]),
      );
    } catch (thrown) {
      if (sqlState(thrown) !== '55P03') throw thrown;
      this.#logger.warn({}, 'the lock for privilege changes is held by someone else; going on without it');
      await this.#admin.run(text([]));
    }
  }
}

/** The agent itself joins the group: only then may a role that is no superuser drop what the group owns. */
function createGroupRole(
  role: string,
  { isSuperuser, role: agent, major }: AdminIdentity,
): readonly string[] {
  const create = `CREATE ROLE ${quoteIdentifier(role)} NOLOGIN`;
  return isSuperuser ? [create] : [create, grantMembership({ group: role, member: agent, major })];
}
