import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import { quoteLiteral } from '@daam/shared/sql/quote';
import type { AdminConnection } from './admin-connection.ts';
import type { GroupRoles } from './group-roles.ts';
import { agentLockClass, type Lease } from './lease.ts';
import { endLockSquatters } from './lock-squatters.ts';
import type { RoleNames } from './role-names.ts';
import { dropSessionRole } from './session-role.ts';

interface ReaperOptions {
  readonly admin: AdminConnection;
  readonly names: RoleNames;
  readonly groups: GroupRoles;
  readonly isOpen: (role: string) => boolean;
  /** Decides who removes what other agents left. */
  readonly lease: Lease;
  readonly logger: Logger;
}

/** Half a minute, so that what a crash leaves is gone within one. */
const intervalMs = 30_000;

/**
 * Removes session roles of this agent that no session of this process owns. A role that can still sign in is left
 * alone until its ten seconds are over. One that has a backend is left alone too, unless this process is the only one
 * of this agent: then nobody but a crashed predecessor can have started it. For the same reason the first round of such
 * a process takes those that can still sign in as well.
 */
export class Reaper {
  readonly #options: ReaperOptions;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  /** Before it this process has made no role. */
  #isFirst = true;

  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.reap().catch((thrown: unknown) => {
        this.#options.logger.warn({ code: toAppError(thrown).code }, 'the reaper failed');
      });
    }, intervalMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** One round; two at once are one. */
  reap(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #round(): Promise<void> {
    const { admin, groups, isOpen, lease, logger } = this.#options;
    await endLockSquatters({ admin, logger });
    const isAlone = await this.#isOnlyProcess();
    const isSuccessor = isAlone && this.#isFirst;
    this.#isFirst = false;
    const [result] = await admin.run(this.#orphanQuery(isSuccessor));
    for (const row of result?.rows ?? []) {
      const name = String(row['name']);
      if (isOpen(name) || (row['has_backend'] === true && !isAlone)) continue;
      try {
        await dropSessionRole(admin, name);
        logger.info({ role: name }, 'an orphan session role was removed');
      } catch (thrown) {
        logger.warn(
          { role: name, code: toAppError(thrown).code },
          'an orphan session role could not be removed',
        );
      }
    }
    await groups.collect({ evenRecent: false });
    // What others left is no reason not to serve.
    await lease.round().catch((thrown: unknown) => {
      logger.warn({ code: toAppError(thrown).code }, 'the lease of the database could not be looked at');
    });
  }

  /** A lock that lives as long as the admin connection; taking it again is harmless and counted by nobody. */
  async #isOnlyProcess(): Promise<boolean> {
    const key = `${agentLockClass}, ${this.#options.names.lockKey}`;
    const [result] = await this.#options.admin.run(`
      SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l
                     WHERE l.locktype = 'advisory' AND l.classid = ${agentLockClass}
                       AND l.objid::pg_catalog.int8 = (${this.#options.names.lockKey}::pg_catalog.int8 & 4294967295)
                       AND l.pid = pg_catalog.pg_backend_pid() AND l.granted)
          OR pg_catalog.pg_try_advisory_lock(${key}) AS alone`);
    return result?.rows[0]?.['alone'] === true;
  }

  #orphanQuery(evenThoseThatCanSignIn: boolean): string {
    return `
      SELECT r.rolname::pg_catalog.text AS name,
        EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.usesysid = r.oid) AS has_backend
      FROM pg_catalog.pg_roles r
      WHERE r.rolname ~~ ${quoteLiteral(this.#options.names.sessionPattern)}
        ${evenThoseThatCanSignIn ? '' : 'AND (NOT r.rolcanlogin OR r.rolvaliduntil < pg_catalog.clock_timestamp())'}`;
  }
}
