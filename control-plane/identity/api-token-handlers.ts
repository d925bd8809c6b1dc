import { randomUUID } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { type ApiToken, ApiTokenEntity } from '../db/entities/api-token.ts';
import { type User, UserEntity } from '../db/entities/user.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import { createToken } from './tokens.ts';

type Names = 'createApiToken' | 'listApiTokens' | 'revokeApiToken';

const dayMs = 86_400_000;

/** API tokens. One for somebody else would be impersonation: only with development tokens switched on. */
export function apiTokenHandlers({ clock, identity }: Services): Handlers<Names> {
  return {
    createApiToken: async ({ caller, scope, body }) => {
      const owner = body.user ?? caller.id;
      if (owner !== caller.id) refuseForOthers(caller, identity.developmentTokens);
      const user = await scope.em.findOne(UserEntity, { id: owner, disabledAt: null });
      if (user === null)
        throw new AppError('NOT_FOUND', { field: 'body.user', message: 'There is no such user.' });
      const now = clock.now();
      const expiresAt = new Date(now + body.expiresInDays * dayMs);
      const { text, token } = issueApiToken(scope, {
        user: user.id,
        name: body.name,
        now: new Date(now),
        expiresAt,
      });
      await scope.em.flush();
      await recordActivity(scope, now, {
        action: 'api_token.created',
        actor: actorOf(caller),
        target: { kind: 'api_token', id: token.id, label: token.prefix },
        detail: { user: user.id, email: user.email, expiresAt: expiresAt.toISOString() },
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
      token.revokedAt = new Date(now);
      await scope.em.flush();
      await recordActivity(scope, now, {
        action: 'api_token.revoked',
        actor: actorOf(caller),
        target: { kind: 'api_token', id: token.id, label: token.prefix },
        detail: { user: token.userId },
      });
    },
  };
}

export interface ApiTokenRequest {
  readonly user: string;
  readonly name: string;
  readonly now: Date;
  readonly expiresAt: Date;
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
    createdAt: request.now,
  });
  return { text: token.reveal(), token: row };
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
