import { randomUUID } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { type ApiToken, ApiTokenEntity } from '../db/entities/api-token.ts';
import { type User, UserEntity } from '../db/entities/user.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { credentialSignIn, requireFreshSignIn } from '../requests/fresh-sign-in.ts';
import { actorOf, type Services } from '../services.ts';
import { revokeApiTokens } from './revoke-api-tokens.ts';
import { createToken } from './tokens.ts';

type Names = 'createApiToken' | 'listApiTokens' | 'revokeApiToken';

const dayMs = 86_400_000;

/** API tokens. One for somebody else would be impersonation: only with development tokens switched on. */
export function apiTokenHandlers({ clock, identity }: Services): Handlers<Names> {
  return {
    createApiToken: async ({ caller, scope, body }) => {
      const owner = body.user ?? caller.id;
      if (owner !== caller.id) refuseForOthers(caller, identity.developmentTokens);
      const user = await scope.em.findOne(UserEntity, { id: owner, kind: 'person', disabledAt: null });
      if (user === null)
        throw new AppError('NOT_FOUND', { field: 'body.user', message: 'There is no such user.' });
      const now = clock.now();
      await requireFreshSignIn(scope, caller, { freshSignIn: credentialSignIn, now });
      const expiresAt = new Date(now + body.expiresInDays * dayMs);
      const { text, token } = issueApiToken(scope, {
        user: user.id,
        name: body.name,
        now: new Date(now),
        expiresAt,
        origin: await originOf(scope, caller),
      });
      await scope.em.flush();
      await recordActivity(scope, now, {
        action: 'api_token.created',
        actor: actorOf(caller),
        target: { kind: 'api_token', id: token.id, label: token.prefix },
        after: { user: user.id, email: user.email, name: body.name, expiresAt: expiresAt.toISOString() },
      });
      return { token: text, apiToken: showToken(token, user) };
    },

    listApiTokens: async ({ caller, scope }) => {
      const mine = caller.role === 'admin' ? {} : { userId: caller.id };
      const tokens = await scope.em.find(
        ApiTokenEntity,
        { ...mine, revokedAt: null },
        { orderBy: { createdAt: 'desc' }, limit: 1000 },
      );
      const users = await scope.em.find(UserEntity, { id: { $in: tokens.map(({ userId }) => userId) } });
      const byId = new Map(users.map((user) => [user.id, user]));
      return {
        items: tokens.flatMap((token) => {
          const user = byId.get(token.userId);
          return user === undefined ? [] : [showToken(token, user)];
        }),
      };
    },

    revokeApiToken: async ({ caller, scope, params }) => {
      const token = await scope.em.findOne(ApiTokenEntity, { id: params.id, revokedAt: null });
      const isVisible = token !== null && (token.userId === caller.id || caller.role === 'admin');
      if (!isVisible) throw new AppError('NOT_FOUND', { message: 'There is no such token.' });
      const now = clock.now();
      await revokeApiTokens(scope, { by: 'id', id: token.id }, now);
      await recordActivity(scope, now, {
        action: 'api_token.revoked',
        actor: actorOf(caller),
        target: { kind: 'api_token', id: token.id, label: token.prefix },
        detail: { user: token.userId },
        before: { revoked: false },
        after: { revoked: true },
      });
    },
  };
}

/** What a token is made with, and ends with. */
export interface TokenOrigin {
  readonly parentId: string | null;
  readonly deviceId: string | null;
  readonly passkeyId: string | null;
}

export interface ApiTokenRequest {
  readonly user: string;
  readonly name: string;
  readonly now: Date;
  readonly expiresAt: Date;
  /** Null: made by whoever runs the control plane. */
  readonly origin: TokenOrigin | null;
}

/** Makes a token row; the caller flushes and shows `text` once. */
export function issueApiToken(scope: Scope, request: ApiTokenRequest): { text: string; token: ApiToken } {
  const { token, hash, prefix } = createToken('person');
  const row = scope.em.create(ApiTokenEntity, {
    id: randomUUID(),
    orgId: scope.org,
    userId: request.user,
    name: request.name,
    hash,
    prefix,
    expiresAt: request.expiresAt,
    lastUsedAt: null,
    revokedAt: null,
    parentId: request.origin?.parentId ?? null,
    deviceId: request.origin?.deviceId ?? null,
    passkeyId: request.origin?.passkeyId ?? null,
    createdAt: request.now,
  });
  return { text: token.reveal(), token: row };
}

/** An API token's own token, or the device with the passkey that signed it in last. */
async function originOf(scope: Scope, caller: Person): Promise<TokenOrigin> {
  if (caller.device === null) return { parentId: caller.tokenId, deviceId: null, passkeyId: null };
  const [row] = await query<{ passkey_id: string | null }[]>(
    scope.em,
    `select passkey_id from device_certificates where org_id = ? and device_id = ?
      order by auth_time desc, created_at desc limit 1`,
    [scope.org, caller.device],
  );
  return { parentId: null, deviceId: caller.device, passkeyId: row?.passkey_id ?? null };
}

function refuseForOthers(caller: Person, developmentTokens: boolean): void {
  if (caller.role !== 'admin') throw new AppError('FORBIDDEN', { field: 'body.user' });
  if (developmentTokens) return;
  throw new AppError('UNSUPPORTED', {
    field: 'body.user',
    message: 'An API token for somebody else can be made in development mode only.',
    hint: 'Its owner makes it.',
  });
}

function showToken(token: ApiToken, user: User) {
  return {
    id: token.id,
    name: token.name,
    prefix: token.prefix,
    user: { id: user.id, email: user.email },
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
  };
}
