import { randomBytes } from 'node:crypto';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { quoteIdentifier } from '@daam/shared/sql/quote';

/**
 * Names of the roles that an agent makes: `daam_s_<agent>_<random>` for a session, `daam_p_<agent>_<fingerprint>`
 * and `daam_x_<agent>_<fingerprint>` for a policy's base and raw privileges. All are plain lower-case names of
 * fixed length below the server's 63 bytes, and no text of a person's is in them.
 */
export class RoleNames {
  readonly #tag: string;

  /** `agentId` is a UUID; its first eight digits tell this agent's roles from those of others. */
  constructor(agentId: string) {
    const tag = agentId.toLowerCase().slice(0, 8);
    if (!/^[0-9a-f]{8}$/.test(tag)) throw new TypeError('not an agent id');
    this.#tag = tag;
  }

  /** A new session role's name, 96 random bits. */
  session(): string {
    return `daam_s_${this.#tag}_${randomBytes(12).toString('hex')}`;
  }

  /** The group roles of a resolved access. */
  groups(fingerprint: string): { readonly base: string; readonly raw: string } {
    if (!/^[0-9a-f]{32}$/.test(fingerprint)) throw new TypeError('not a fingerprint');
    return { base: `daam_p_${this.#tag}_${fingerprint}`, raw: `daam_x_${this.#tag}_${fingerprint}` };
  }

  /** A LIKE pattern for this agent's session roles. */
  get sessionPattern(): string {
    return `daam\\_s\\_${this.#tag}\\_%`;
  }

  /** A LIKE pattern for this agent's group roles, of both kinds. */
  get groupPattern(): string {
    return `daam\\__\\_${this.#tag}\\_%`;
  }

  /** What tells this agent's roles from those of others: eight hexadecimal digits. */
  get tag(): string {
    return this.#tag;
  }

  /** The tag as a signed 32-bit number, for advisory locks. */
  get lockKey(): number {
    return Number.parseInt(this.#tag, 16) | 0;
  }
}

/** A membership that gives privileges and nothing else. Before PostgreSQL 16 the role's own INHERIT does it. */
export function grantMembership(options: {
  readonly group: string;
  readonly member: string;
  readonly major: PostgresMajor;
}): string {
  const only = options.major >= 16 ? ' WITH INHERIT TRUE, SET FALSE' : '';
  return `GRANT ${quoteIdentifier(options.group)} TO ${quoteIdentifier(options.member)}${only}`;
}

/** Takes a membership back; the server only warns when there is none. */
export function revokeMembership(group: string, member: string): string {
  return `REVOKE ${quoteIdentifier(group)} FROM ${quoteIdentifier(member)}`;
}
