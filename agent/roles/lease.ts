import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import { quoteIdentifier, quoteLiteral } from '@daam/shared/sql/quote';
import { type AdminConnection, sqlState } from './admin-connection.ts';
import type { RoleNames } from './role-names.ts';

/**
 * Several agents may serve one database, each with session and group roles of its own. One of them holds the lease: it
 * alone removes what agents left that are gone for good. The lease is an advisory lock of the database that lives as long
 * as the holder's admin connection, so that there is never a second holder, and another takes it when the holder dies.
 */
export class Lease {
  readonly #options: LeaseOptions;
  #holding: 'holder' | 'other' | null = null;
  /** Rounds in a row in which a dead agent was seen without its lock, by its tag. */
  #missed = new Map<string, number>();

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Null before the first round. */
  get holding(): 'holder' | 'other' | null {
    return this.#holding;
  }

  /** Takes the lease if nobody has it, and as its holder removes roles of dead agents. */
  async round(): Promise<void> {
    const { admin, logger } = this.#options;
    const before = this.#holding;
    const [result] = await admin.run(
      `SELECT ${isHeld} OR pg_catalog.pg_try_advisory_lock(${leaseKey}) AS held`,
    );
    this.#holding = result?.rows[0]?.['held'] === true ? 'holder' : 'other';
    if (this.#holding !== before) logger.info({ lease: this.#holding }, 'the lease of the database');
    if (this.#holding !== 'holder') {
      this.#missed.clear();
      return;
    }
    const roles = await this.#rolesOfDeadAgents();
    const tags = new Set(roles.map(({ tag }) => tag));
    this.#missed = new Map([...tags].map((tag) => [tag, (this.#missed.get(tag) ?? 0) + 1]));
    for (const role of roles) await this.#remove(role);
  }

  async #remove(role: LeftRole): Promise<void> {
    if ((this.#missed.get(role.tag) ?? 0) < roundsBefore(role)) return;
    const { admin, logger } = this.#options;
    const name = quoteIdentifier(role.name);
    try {
      if (role.hasBackend) {
        // The next round drops the role.
        await admin.run([guard(role), terminate(role.name)].join(';\n'));
        return;
      }
      await admin.run([guard(role), `DROP OWNED BY ${name}`, `DROP ROLE ${name}`].join(';\n'));
      logger.info({ role: role.name }, 'a role that a dead agent left was removed');
    } catch (thrown) {
      const state = sqlState(thrown);
      // Somebody else has removed it, or its agent came back at this moment, or the lease is lost.
      if (state === '42704' || state === '22012') return;
      const code = state ?? toAppError(thrown).code;
      logger.warn({ role: role.name, code }, 'a role that a dead agent left could not be removed');
    }
  }

  /** Roles of agents whose lock nobody holds, and whose groups have rights in this database: they served it. */
  async #rolesOfDeadAgents(): Promise<readonly LeftRole[]> {
    const [result] = await this.#options.admin.run(`
      WITH named AS (
        SELECT r.oid, r.rolname::pg_catalog.text AS name, pg_catalog.substr(r.rolname::pg_catalog.text, 6, 1) AS kind,
          pg_catalog.substr(r.rolname::pg_catalog.text, 8, 8) AS tag,
          r.rolcanlogin AND COALESCE(r.rolvaliduntil > pg_catalog.clock_timestamp(), true) AS may_sign_in
        FROM pg_catalog.pg_roles r WHERE r.rolname ~ '^daam_[spx]_[0-9a-f]{8}_[0-9a-f]+$'
      ), db AS (
        SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
      ), served AS (
        SELECT DISTINCT n.tag FROM named n JOIN pg_catalog.pg_shdepend s ON s.refobjid = n.oid
        WHERE n.kind IN ('p', 'x') AND s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
          AND (s.dbid = (SELECT oid FROM db)
            OR (s.classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND s.objid = (SELECT oid FROM db)))
      )
      SELECT n.name, n.kind, n.tag,
        EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.usesysid = n.oid) AS has_backend
      FROM named n
      WHERE n.tag IN (SELECT tag FROM served) AND n.tag <> ${quoteLiteral(this.#options.names.tag)}
        AND NOT n.may_sign_in
        AND (n.kind = 's' OR NOT EXISTS (
          SELECT FROM pg_catalog.pg_auth_members m JOIN named s ON s.oid = m.member WHERE m.roleid = n.oid AND s.kind = 's'))
        AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_locks l
          WHERE l.locktype = 'advisory' AND l.classid = ${agentLockClass} AND l.objsubid = 2 AND l.granted
            AND l.objid::pg_catalog.int8 = ('x' || n.tag)::pg_catalog.bit(32)::pg_catalog.int8)
      ORDER BY n.kind DESC, n.name LIMIT ${maxRolesARound}`);
    return (result?.rows ?? []).map((row) => ({
      name: String(row['name']),
      tag: String(row['tag']),
      isGroup: row['kind'] !== 's',
      hasBackend: row['has_backend'] === true,
    }));
  }
}

export interface LeaseOptions {
  readonly admin: AdminConnection;
  readonly names: RoleNames;
  readonly logger: Logger;
}

interface LeftRole {
  readonly name: string;
  readonly tag: string;
  readonly isGroup: boolean;
  readonly hasBackend: boolean;
}

/** `DAAM` and two: the first number of the locks by which agents show that they live (role-names.ts, lockKey). */
export const agentLockClass = 1_145_127_246;
/** The first number of the lease's lock. */
export const leaseLockClass = 1_145_127_247;
/** One for each database: advisory locks belong to the database that they are taken in. */
const leaseKey = `${leaseLockClass}, 1`;
const maxRolesARound = 200;

const isHeld = `EXISTS (
  SELECT FROM pg_catalog.pg_locks l
  WHERE l.locktype = 'advisory' AND l.classid = ${leaseLockClass} AND l.objid = 1 AND l.objsubid = 2 AND l.granted
    AND l.pid = pg_catalog.pg_backend_pid()
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))`;

/**
 * For how many rounds of half a minute an agent must have been without its lock: it takes that anew within one after its
 * connection was lost. Sessions that still run get two minutes, groups ten: a new process of the agent uses them again.
 */
function roundsBefore({ isGroup, hasBackend }: LeftRole): number {
  if (isGroup) return 20;
  return hasBackend ? 5 : 2;
}

/**
 * Fails (22012) unless the lease is held by this very connection and the agent is gone. Its lock is held until the
 * transaction ends, so that it cannot come back in between.
 */
function guard({ tag }: LeftRole): string {
  return `SELECT 1 / (CASE WHEN ${isHeld} AND pg_catalog.pg_try_advisory_xact_lock(${agentLockClass}, ${lockKeyOf(tag)})
    THEN 1 ELSE 0 END)`;
}

function lockKeyOf(tag: string): number {
  return Number.parseInt(tag, 16) | 0;
}

function terminate(name: string): string {
  return `SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a
     WHERE a.usename OPERATOR(pg_catalog.=) ${quoteLiteral(name)}`;
}
