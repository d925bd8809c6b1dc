import type { ServiceScope } from '@daam/shared/api/service-scopes';
import type { Clock } from '@daam/shared/base/clock';
import { type AgentId, asId, type DatabaseId, type DeviceId, type OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import { systemScope } from '../db/scope.ts';
import type { Store } from '../db/store.ts';
import { isUseDue, type PersonRow, personOf } from '../identity/person-row.ts';
import { hashToken, isTokenOf } from '../identity/tokens.ts';
import type { AgentCaller, Person } from './call.ts';

export interface AuthenticateDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** The token of an `Authorization: Bearer` header, null without one. */
export function bearerToken(header: string | undefined): string | null {
  return /^Bearer ([A-Za-z0-9_-]{1,200})$/i.exec(header ?? '')?.[1] ?? null;
}

/**
 * The user behind an API token, a device's access token or a service account's token. Whatever is wrong (form, unknown, expired, revoked, user disabled), the
 * answer is the same UNAUTHENTICATED. Tokens are found by hash, so timing tells nothing about them.
 */
export async function authenticatePerson(deps: AuthenticateDeps, token: string | null): Promise<Person> {
  if (token !== null && isTokenOf('access', token)) return await authenticateDevice(deps, token);
  if (token !== null && isTokenOf('service', token)) return await authenticateService(deps, token);
  if (token === null || !isTokenOf('person', token)) throw unauthenticated();
  const now = new Date(deps.clock.now());
  const em = systemScope(deps.store, 'authenticate');
  // The one query before an organization is known: it finds out which one.
  const [row] = await query<TokenRow[]>(
    em,
    `select t.id as token_id, t.last_used_at, u.id, u.org_id, u.email, u.role
       from api_tokens t join users u on u.org_id = t.org_id and u.id = t.user_id
      where t.hash = ? and t.revoked_at is null and t.expires_at > ? and u.disabled_at is null`,
    [hashToken(token), now],
  );
  if (row === undefined) throw unauthenticated();
  if (isUseDue(row, now.getTime())) {
    await query(em, 'update api_tokens set last_used_at = ? where id = ?', [now, row.token_id]);
  }
  return personOf(row, { tokenId: row.token_id, via: 'api-token', device: null, session: null });
}

/** An access token ends with its device and with its user, besides by itself. */
async function authenticateDevice(deps: AuthenticateDeps, token: string): Promise<Person> {
  const now = new Date(deps.clock.now());
  const em = systemScope(deps.store, 'authenticate');
  const [row] = await query<(TokenRow & { readonly device_id: string })[]>(
    em,
    `select t.id as token_id, t.last_used_at, t.device_id, u.id, u.org_id, u.email, u.role
       from access_tokens t
       join users u on u.org_id = t.org_id and u.id = t.user_id
       join devices d on d.org_id = t.org_id and d.id = t.device_id
      where t.hash = ? and t.revoked_at is null and t.expires_at > ?
        and u.disabled_at is null and d.revoked_at is null`,
    [hashToken(token), now],
  );
  if (row === undefined) throw unauthenticated();
  if (isUseDue(row, now.getTime())) {
    await query(em, 'update access_tokens set last_used_at = ? where id = ?', [now, row.token_id]);
    await query(em, 'update devices set last_used_at = ? where id = ?', [now, row.device_id]);
  }
  const device = asId<DeviceId>(row.device_id);
  return personOf(row, { tokenId: row.token_id, via: 'access-token', device, session: null });
}

/** A service account's token ends by itself, by rotation, and with its account. */
async function authenticateService(deps: AuthenticateDeps, token: string): Promise<Person> {
  const now = new Date(deps.clock.now());
  const em = systemScope(deps.store, 'authenticate');
  const [row] = await query<(TokenRow & { readonly scopes: ServiceScope[] })[]>(
    em,
    `select t.id as token_id, t.last_used_at, s.scopes, u.id, u.org_id, u.email, u.role
       from service_tokens t
       join service_accounts s on s.org_id = t.org_id and s.user_id = t.user_id
       join users u on u.org_id = t.org_id and u.id = t.user_id
      where t.hash = ? and t.revoked_at is null and t.expires_at > ?
        and u.kind = 'service' and u.disabled_at is null and s.removed_at is null`,
    [hashToken(token), now],
  );
  if (row === undefined) throw unauthenticated();
  if (isUseDue(row, now.getTime())) {
    await query(em, 'update service_tokens set last_used_at = ? where id = ?', [now, row.token_id]);
  }
  const { token_id: tokenId, scopes } = row;
  return personOf(row, { tokenId, via: 'service-token', device: null, session: null, scopes });
}

/**
 * The agent behind a credential; the same UNAUTHENTICATED for whatever is wrong, but REVOKED for one that
 * was: whoever has the credential is to know that it was ended, not that the control plane is confused.
 */
export async function authenticateAgent(deps: AuthenticateDeps, token: string | null): Promise<AgentCaller> {
  if (token === null || !isTokenOf('agent', token)) throw unauthenticated();
  const [row] = await query<AgentRow[]>(
    systemScope(deps.store, 'authenticate'),
    `select id, org_id, database_id, state from agents
      where credential_hash = ? and state <> 'pending'`,
    [hashToken(token)],
  );
  if (row === undefined) throw unauthenticated();
  if (row.state === 'revoked') throw new AppError('REVOKED', { message: 'This agent was revoked.' });
  return {
    kind: 'agent',
    id: asId<AgentId>(row.id),
    org: asId<OrgId>(row.org_id),
    database: asId<DatabaseId>(row.database_id),
  };
}

interface TokenRow extends PersonRow {
  readonly token_id: string;
}

interface AgentRow {
  readonly id: string;
  readonly org_id: string;
  readonly database_id: string;
  readonly state: string;
}

function unauthenticated(): AppError {
  return new AppError('UNAUTHENTICATED', { hint: 'Send a valid token as "Authorization: Bearer …".' });
}
