import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import { quoteIdentifier, quoteLiteral } from '@daam/shared/sql/quote';
import { scramVerifier } from '@daam/shared/pgwire/scram-verifier';
import { type AdminConnection, type AdminIdentity, sqlState } from './admin-connection.ts';
import type { Group, GroupRoles } from './group-roles.ts';
import { type LeftBehind, leftBehindQuery, readLeftBehind } from './left-behind.ts';
import { grantMembership, revokeMembership } from './role-names.ts';

/** How long a new role can be used to sign in: the agent connects at once. */
const loginWindowMs = 10_000;
/** How long a backend may take to end before its role is left to the reaper. */
const endTimeoutMs = 5_000;

interface SessionRoleOptions {
  readonly name: string;
  readonly admin: AdminConnection;
  readonly groups: GroupRoles;
  readonly group: Group;
  readonly onClosed: (name: string) => void;
}

/**
 * The login role of one client session. It exists from just before the upstream connection to just after it, can
 * sign in once and only in its first ten seconds, and owns no privilege: it is a member of its policy's groups.
 */
export class SessionRole implements AsyncDisposable {
  readonly name: string;
  readonly password: Secret;
  readonly #admin: AdminConnection;
  readonly #groups: GroupRoles;
  readonly #onClosed: (name: string) => void;
  #group: Group;
  #closing: Promise<void> | null = null;

  private constructor(options: SessionRoleOptions & { readonly password: Secret }) {
    this.name = options.name;
    this.password = options.password;
    this.#admin = options.admin;
    this.#groups = options.groups;
    this.#group = options.group;
    this.#onClosed = options.onClosed;
  }

  /** Makes the role in one round trip. The SQL holds a SCRAM verifier, never the password. */
  static async create(options: SessionRoleOptions): Promise<SessionRole> {
    const password = new Secret(randomBytes(32).toString('base64url'));
    // 256 random bits: one iteration is as hard to guess as four thousand, and both ends compute it on each connect.
    const verifier = scramVerifier(password, randomBytes(16), 1);
    await options.admin.run((identity) => createText(options, { identity, verifier }));
    return new SessionRole({ ...options, password });
  }

  /** After the upstream connection stands: nobody can sign in as this role again, whatever password it sets itself. */
  async sealLogin(): Promise<void> {
    this.#assertOpen();
    await this.#admin.runUrgently(
      `ALTER ROLE ${quoteIdentifier(this.name)} NOLOGIN CONNECTION LIMIT 0 PASSWORD NULL VALID UNTIL 'epoch'`,
    );
  }

  /** Lets the session read the values that its masks are computed from. */
  async elevate(): Promise<void> {
    this.#assertOpen();
    const { raw } = this.#group;
    if (raw === null) return;
    await this.#admin.runUrgently(({ major }) => grantMembership({ group: raw, member: this.name, major }));
  }

  /** Takes that back. When it throws, the session must end. */
  async lower(): Promise<void> {
    this.#assertOpen();
    const { raw } = this.#group;
    if (raw === null) return;
    await this.#admin.runUrgently(revokeMembership(raw, this.name));
  }

  /** What this role and its groups own; never cached. */
  async leftBehind(options: { readonly strictly: boolean }): Promise<LeftBehind> {
    this.#assertOpen();
    const roles = [this.name, this.#group.base, this.#group.raw].filter((role) => role !== null);
    const [result] = await this.#admin.runUrgently(leftBehindQuery(roles, options));
    return readLeftBehind(result);
  }

  /** Gives the role the groups of another access, in base tier. When it throws, the session must end. */
  async moveTo(access: ResolvedAccess, catalog: Catalog): Promise<void> {
    this.#assertOpen();
    const next = await this.#groups.acquire(access, catalog);
    const old = this.#group;
    const left = [old.base, old.raw].filter((role) => role !== null);
    try {
      await this.#admin.runUrgently(({ major }) =>
        [
          ...left.map((role) => revokeMembership(role, this.name)),
          grantMembership({ group: next.base, member: this.name, major }),
        ].join(';\n'),
      );
    } catch (thrown) {
      this.#groups.release(next);
      throw thrown;
    }
    this.#group = next;
    this.#groups.release(old);
  }

  /**
   * Ends the session's backend, waits until it is gone, drops what the role owns and the role. What cannot be done
   * now is left to the reaper; the role cannot sign in any more. Idempotent; never throws.
   */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    try {
      await dropSessionRole(this.#admin, this.name);
    } catch {
      // The reaper comes by every half minute.
    } finally {
      this.#groups.release(this.#group);
      this.#onClosed(this.name);
    }
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new AppError('CANCELLED', { message: 'The session is closing.' });
  }
}

/** Terminate → wait until gone → drop. A role whose session lives on would keep PUBLIC's rights and be lost from sight. */
export async function dropSessionRole(admin: AdminConnection, name: string): Promise<void> {
  const deadline = performance.now() + endTimeoutMs;
  for (let wait = 1; (await terminateBackends(admin, name)) > 0; wait = Math.min(wait * 2, 50)) {
    if (performance.now() > deadline) throw new AppError('TIMEOUT', { detail: 'a backend did not end' });
    await delay(wait);
  }
  const role = quoteIdentifier(name);
  try {
    await admin.run(`DROP OWNED BY ${role};\nDROP ROLE ${role}`);
  } catch (thrown) {
    if (sqlState(thrown) !== '42704') throw thrown;
  }
}

async function terminateBackends(admin: AdminConnection, name: string): Promise<number> {
  const [result] = await admin.run(
    `SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a
     WHERE a.usename OPERATOR(pg_catalog.=) ${quoteLiteral(name)}`,
  );
  return result?.rows.length ?? 0;
}

function createText(
  { name, group }: SessionRoleOptions,
  { identity, verifier }: { readonly identity: AdminIdentity; readonly verifier: string },
): string {
  const validUntil = new Date(Date.now() + identity.clockOffsetMs + loginWindowMs).toISOString();
  const { major, role: agent } = identity;
  return [
    `CREATE ROLE ${quoteIdentifier(name)} LOGIN INHERIT CONNECTION LIMIT 1 PASSWORD ${quoteLiteral(verifier)} VALID UNTIL '${validUntil}'`,
    grantMembership({ group: group.base, member: name, major }),
    ...(identity.isSuperuser ? [] : [grantMembership({ group: name, member: agent, major })]),
  ].join(';\n');
}
