/**
 * The roles that an agent makes on the database (enforcement.md, L0 and L1): a login role for each session, a pair of
 * group roles for each distinct access, and the reaper that removes what a crash left behind.
 */
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { ClientConfig } from 'pg';
import { AdminConnection, type AdminIdentity, sqlState } from './admin-connection.ts';
import { type Group, GroupRoles } from './group-roles.ts';
import { Lease } from './lease.ts';
import { Reaper } from './reaper.ts';
import { RoleNames } from './role-names.ts';
import { SessionRole } from './session-role.ts';

/** What the store needs. `connection` is the agent's own login on the database. */
export interface RoleStoreOptions {
  readonly connection: ClientConfig;
  readonly agentId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const openAttempts = 3;

/** Owns the agent's admin connection. Disposing drops the roles of sessions that are still open and unused groups. */
export class RoleStore implements AsyncDisposable {
  readonly #admin: AdminConnection;
  readonly #names: RoleNames;
  readonly #groups: GroupRoles;
  readonly #lease: Lease;
  readonly #reaper: Reaper;
  readonly #open = new Map<string, SessionRole>();

  constructor({ connection, agentId, clock, logger }: RoleStoreOptions) {
    this.#names = new RoleNames(agentId);
    this.#admin = new AdminConnection({ config: connection, logger });
    this.#groups = new GroupRoles({ admin: this.#admin, names: this.#names, clock, logger });
    this.#lease = new Lease({ admin: this.#admin, names: this.#names, logger });
    this.#reaper = new Reaper({
      admin: this.#admin,
      names: this.#names,
      groups: this.#groups,
      isOpen: (name) => this.#open.has(name),
      lease: this.#lease,
      logger,
    });
  }

  /** Connects, removes what an earlier process left, and keeps doing so. Throws when the server cannot be used. */
  async start(): Promise<AdminIdentity> {
    const identity = await this.#admin.identity();
    await this.#reaper.reap();
    this.#reaper.start();
    return identity;
  }

  /** Makes a session's role, member of its access's base group. */
  async openSession({
    access,
    catalog,
  }: {
    readonly access: ResolvedAccess;
    readonly catalog: Catalog;
  }): Promise<SessionRole> {
    for (let attempt = 1; ; attempt += 1) {
      const group = await this.#groups.acquire(access, catalog);
      try {
        return await this.#create(group);
      } catch (thrown) {
        this.#groups.release(group);
        const state = sqlState(thrown);
        if (state === '42704') this.#groups.forget(group);
        // 42710: the answer to the first try was lost and it had worked; that role cannot be used, the reaper takes it.
        if (attempt >= openAttempts || (state !== '42704' && state !== '42710')) throw thrown;
      }
    }
  }

  /** Removes this agent's orphans now. */
  reap(): Promise<void> {
    return this.#reaper.reap();
  }

  /** Whether this agent removes what dead agents of the database left; null before the first round. */
  get lease(): 'holder' | 'other' | null {
    return this.#lease.holding;
  }

  /** Names of the session roles that are open in this process. */
  get openSessions(): ReadonlySet<string> {
    return new Set(this.#open.keys());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reaper.stop();
    await Promise.all([...this.#open.values()].map((role) => role.close()));
    await this.#groups.collect({ evenRecent: true }).catch(() => undefined);
    await this.#admin[Symbol.asyncDispose]();
  }

  async #create(group: Group): Promise<SessionRole> {
    const name = this.#names.session();
    const role = await SessionRole.create({
      name,
      admin: this.#admin,
      groups: this.#groups,
      group,
      onClosed: (closed) => this.#open.delete(closed),
    });
    this.#open.set(name, role);
    return role;
  }
}
