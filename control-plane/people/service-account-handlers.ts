import { AppError } from '@daam/shared/errors/app-error';
import { difference, recordActivity } from '../audit/activity.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { credentialSignIn, publishingSignIn, requireFreshSignIn } from '../requests/fresh-sign-in.ts';
import { actorOf, type Services } from '../services.ts';
import {
  addAccount,
  changeAccount,
  findAccount,
  listAccounts,
  removeAccount,
  rotateToken,
  type ServiceAccount,
  showAccount,
  validTokens,
} from './service-accounts.ts';

type Names =
  | 'listServiceAccounts'
  | 'createServiceAccount'
  | 'updateServiceAccount'
  | 'deleteServiceAccount'
  | 'rotateServiceToken'
  | 'revokeServiceToken';

const dayMs = 86_400_000;

/**
 * Service accounts. Making one, giving it more and making its tokens is making a credential: it asks for a sign-in with
 * a passkey of the last minutes, as API tokens do; of fewer where the account may publish policies.
 */
export function serviceAccountHandlers({ clock }: Services): Handlers<Names> {
  const fresh = async (
    scope: Scope,
    caller: Person,
    { now, scopes }: { readonly now: number } & Pick<ServiceAccount, 'scopes'>,
  ): Promise<void> => {
    const freshSignIn = scopes.includes('policies:publish') ? publishingSignIn : credentialSignIn;
    await requireFreshSignIn(scope, caller, { freshSignIn, now });
  };
  const show = async (scope: Scope, id: string) => {
    const account = await findAccount(scope, id);
    return showAccount(account, await validTokens(scope, [account.id], clock.now()));
  };
  return {
    listServiceAccounts: async ({ scope }) => {
      const accounts = await listAccounts(scope);
      const ids = accounts.map(({ id }) => id);
      const tokens = await validTokens(scope, ids, clock.now());
      return { items: accounts.map((account) => showAccount(account, tokens)) };
    },

    createServiceAccount: async ({ caller, scope, body }) => {
      const now = clock.now();
      await fresh(scope, caller, { now, scopes: body.scopes });
      const { name, role, scopes, description = '', expiresInDays } = body;
      const account = await addAccount(scope, { name, role, scopes, description }, now);
      const expiresAt = new Date(now + expiresInDays * dayMs);
      const token = await rotateToken(scope, account.id, { now, expiresAt, overlapMs: 0 });
      await recordActivity(scope, now, {
        action: 'service_account.created',
        actor: actorOf(caller),
        target: targetOf(account),
        detail: { token: token.prefix, expiresAt: expiresAt.toISOString() },
        after: auditedOf(account),
      });
      return { token: token.text, serviceAccount: await show(scope, account.id) };
    },

    updateServiceAccount: async ({ caller, scope, params, body }) => {
      const now = clock.now();
      const before = await findAccount(scope, params.id);
      const scopes = body.scopes ?? before.scopes;
      await fresh(scope, caller, { now, scopes });
      const after: ServiceAccount = {
        ...before,
        description: body.description ?? before.description,
        role: body.role ?? before.role,
        scopes,
        disabled: body.disabled ?? before.disabled,
      };
      await changeAccount(scope, after, now);
      await recordActivity(scope, now, {
        action: 'service_account.updated',
        actor: actorOf(caller),
        target: targetOf(after),
        ...difference(auditedOf(before), auditedOf(after)),
      });
      return await show(scope, params.id);
    },

    deleteServiceAccount: async ({ caller, scope, params }) => {
      const account = await findAccount(scope, params.id);
      const now = clock.now();
      await removeAccount(scope, account, now);
      await recordActivity(scope, now, {
        action: 'service_account.deleted',
        actor: actorOf(caller),
        target: targetOf(account),
        before: auditedOf(account),
      });
    },

    rotateServiceToken: async ({ caller, scope, params, body }) => {
      const now = clock.now();
      const account = await findAccount(scope, params.id);
      await fresh(scope, caller, { now, scopes: account.scopes });
      const before = await prefixesOf(scope, account.id, now);
      const expiresAt = new Date(now + body.expiresInDays * dayMs);
      const overlapMs = body.overlapMinutes * 60_000;
      const token = await rotateToken(scope, account.id, { now, expiresAt, overlapMs });
      await recordActivity(scope, now, {
        action: 'service_token.rotated',
        actor: actorOf(caller),
        target: targetOf(account),
        detail: { expiresAt: expiresAt.toISOString(), overlapMinutes: body.overlapMinutes },
        before: { tokens: before },
        after: { tokens: await prefixesOf(scope, account.id, now) },
      });
      return { token: token.text, serviceAccount: await show(scope, account.id) };
    },

    revokeServiceToken: async ({ caller, scope, params }) => {
      const now = clock.now();
      const account = await findAccount(scope, params.id);
      const before = await prefixesOf(scope, account.id, now);
      const ended = await query(
        scope.em,
        `update service_tokens set revoked_at = ?
          where org_id = ? and user_id = ? and id = ? and revoked_at is null and expires_at > ? returning id`,
        [new Date(now), scope.org, account.id, params.token, new Date(now)],
      );
      if (ended.length === 0) throw new AppError('NOT_FOUND', { message: 'There is no such token.' });
      await recordActivity(scope, now, {
        action: 'service_token.revoked',
        actor: actorOf(caller),
        target: targetOf(account),
        before: { tokens: before },
        after: { tokens: await prefixesOf(scope, account.id, now) },
      });
    },
  };
}

async function prefixesOf(scope: Scope, account: string, now: number): Promise<readonly string[]> {
  return (await validTokens(scope, [account], now)).map(({ prefix }) => prefix);
}

function targetOf({ id, name }: ServiceAccount) {
  return { kind: 'service_account', id, label: name };
}

function auditedOf({ name, description, role, scopes, disabled }: ServiceAccount) {
  return { name, description, role, scopes, disabled };
}
