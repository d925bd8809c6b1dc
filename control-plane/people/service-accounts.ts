import { randomUUID } from 'node:crypto';
import type { ServiceAccountView } from '@daam/shared/api/routes/service-accounts';
import type { Role } from '@daam/shared/api/schemas';
import type { ServiceScope } from '@daam/shared/api/service-scopes';
import { AppError } from '@daam/shared/errors/app-error';
import { UserEntity } from '../db/entities/user.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { createToken } from '../identity/tokens.ts';

/**
 * The rows of service accounts: a user of the kind `service`, which policies, groups and the audit log can name, beside
 * it the scopes, and its tokens. The handlers are in people/service-account-handlers.ts.
 */
export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly description: string;
  readonly scopes: readonly ServiceScope[];
  readonly disabled: boolean;
  readonly createdAt: Date;
}

/** Nobody can own this domain (RFC 2606), so no mail and no person is ever behind such an address. */
const domain = 'service-accounts.invalid';

/** How a service account is called where users are named by e-mail. */
export function serviceEmail(name: string): string {
  return `${name}@${domain}`;
}

interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly description: string;
  readonly scopes: ServiceScope[];
  readonly disabled: boolean;
  readonly created_at: Date | string;
}

const selectAccounts = `
select u.id, u.name, u.email, u.role, s.description, s.scopes, u.disabled_at is not null as disabled, u.created_at
  from service_accounts s join users u on u.org_id = s.org_id and u.id = s.user_id
 where s.org_id = ? and s.removed_at is null`;

function accountOf({ created_at, ...row }: AccountRow): ServiceAccount {
  return { ...row, createdAt: new Date(created_at) };
}

/** At most this many are there: each is somebody's forgotten door. */
export const maxServiceAccounts = 500;

export async function listAccounts(scope: Scope): Promise<readonly ServiceAccount[]> {
  const rows = await query<AccountRow[]>(scope.em, `${selectAccounts} order by u.name limit ?`, [
    scope.org,
    maxServiceAccounts,
  ]);
  return rows.map(accountOf);
}

/** NOT_FOUND when there is none, or it was removed. */
export async function findAccount(scope: Scope, id: string): Promise<ServiceAccount> {
  const [row] = await query<AccountRow[]>(scope.em, `${selectAccounts} and u.id = ?`, [scope.org, id]);
  if (row === undefined) throw new AppError('NOT_FOUND', { message: 'There is no such service account.' });
  return accountOf(row);
}

/** Makes the rows of an account. CONFLICT for a name that is there, and beyond the limit. */
export async function addAccount(
  scope: Scope,
  account: Pick<ServiceAccount, 'name' | 'role' | 'description' | 'scopes'>,
  now: number,
): Promise<ServiceAccount> {
  const email = serviceEmail(account.name);
  if ((await scope.em.findOne(UserEntity, { email })) !== null) {
    throw new AppError('CONFLICT', {
      field: 'body.name',
      message: 'A service account with this name exists already.',
    });
  }
  if ((await listAccounts(scope)).length >= maxServiceAccounts) {
    throw new AppError('CONFLICT', { message: `There are ${maxServiceAccounts} service accounts already.` });
  }
  const user = scope.em.create(UserEntity, {
    id: randomUUID(),
    orgId: scope.org,
    kind: 'service',
    email,
    name: account.name,
    role: account.role,
    attributes: {},
    disabledAt: null,
    createdAt: new Date(now),
  });
  await scope.em.flush();
  await query(
    scope.em,
    'insert into service_accounts (user_id, org_id, description, scopes) values (?, ?, ?, ?::text[])',
    [user.id, scope.org, account.description, account.scopes],
  );
  return await findAccount(scope, user.id);
}

/** Writes what of an account can change. */
export async function changeAccount(scope: Scope, account: ServiceAccount, now: number): Promise<void> {
  await query(
    scope.em,
    `update users set role = ?, disabled_at = case when ? then coalesce(disabled_at, ?) end
      where org_id = ? and id = ?`,
    [account.role, account.disabled, new Date(now), scope.org, account.id],
  );
  await query(
    scope.em,
    'update service_accounts set description = ?, scopes = ?::text[] where org_id = ? and user_id = ?',
    [account.description, account.scopes, scope.org, account.id],
  );
}

/** Its row stays, for what refers to it, under an address that frees the name. */
export async function removeAccount(scope: Scope, { id, name }: ServiceAccount, now: number): Promise<void> {
  const at = new Date(now);
  await query(scope.em, 'update users set email = ?, disabled_at = ? where org_id = ? and id = ?', [
    `${name}.${id}@${domain}`,
    at,
    scope.org,
    id,
  ]);
  await query(scope.em, 'update service_accounts set removed_at = ? where org_id = ? and user_id = ?', [
    at,
    scope.org,
    id,
  ]);
  await query(
    scope.em,
    'update service_tokens set revoked_at = ? where org_id = ? and user_id = ? and revoked_at is null',
    [at, scope.org, id],
  );
}

export interface ServiceToken {
  readonly id: string;
  readonly account: string;
  readonly prefix: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
}

interface TokenRow {
  readonly id: string;
  readonly user_id: string;
  readonly prefix: string;
  readonly created_at: Date | string;
  readonly expires_at: Date | string;
  readonly last_used_at: Date | string | null;
}

/** The valid tokens of accounts, the newest first. */
export async function validTokens(
  scope: Scope,
  accounts: readonly string[],
  now: number,
): Promise<readonly ServiceToken[]> {
  const rows = await query<TokenRow[]>(
    scope.em,
    `select id, user_id, prefix, created_at, expires_at, last_used_at from service_tokens
      where org_id = ? and user_id = any(?::uuid[]) and revoked_at is null and expires_at > ?
      order by created_at desc, expires_at desc, id`,
    [scope.org, accounts, new Date(now)],
  );
  return rows.map((row) => ({
    id: row.id,
    account: row.user_id,
    prefix: row.prefix,
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
    lastUsedAt: row.last_used_at === null ? null : new Date(row.last_used_at),
  }));
}

/**
 * A new token. The newest one before it lives on until the overlap is over, or its own end if that is sooner; all others
 * end now: two are valid at most.
 */
export async function rotateToken(
  scope: Scope,
  account: string,
  asked: { readonly now: number; readonly expiresAt: Date; readonly overlapMs: number },
): Promise<{ readonly text: string; readonly id: string; readonly prefix: string }> {
  const { now, expiresAt, overlapMs } = asked;
  const at = new Date(now);
  const [before, ...older] = await validTokens(scope, [account], now);
  const ended = overlapMs === 0 && before !== undefined ? [before, ...older] : older;
  await query(
    scope.em,
    'update service_tokens set revoked_at = ? where org_id = ? and user_id = ? and id = any(?::uuid[])',
    [at, scope.org, account, ended.map(({ id }) => id)],
  );
  if (before !== undefined && overlapMs > 0) {
    await query(
      scope.em,
      'update service_tokens set expires_at = least(expires_at, ?) where org_id = ? and id = ?',
      [new Date(now + overlapMs), scope.org, before.id],
    );
  }
  const { token, hash, prefix } = createToken('service');
  const id = randomUUID();
  await query(
    scope.em,
    `insert into service_tokens (id, org_id, user_id, hash, prefix, created_at, expires_at)
     values (?, ?, ?, ?, ?, ?, ?)`,
    [id, scope.org, account, hash, prefix, at, expiresAt],
  );
  return { text: token.reveal(), id, prefix };
}

/** What the API shows of an account. */
export function showAccount(account: ServiceAccount, tokens: readonly ServiceToken[]): ServiceAccountView {
  return {
    ...account,
    scopes: [...account.scopes],
    createdAt: account.createdAt.toISOString(),
    tokens: tokens
      .filter((token) => token.account === account.id)
      .map(({ id, prefix, createdAt, expiresAt, lastUsedAt }) => ({
        id,
        prefix,
        createdAt: createdAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
      })),
  };
}
