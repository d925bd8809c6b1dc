import { passkeyStanding } from '@daam/shared/api/feed';
import type { PasskeyView } from '@daam/shared/api/routes/passkeys';
import { AppError } from '@daam/shared/errors/app-error';
import { endorsementChallenge } from '@daam/shared/identity/passkey-endorsement';
import { recordActivity } from '../audit/activity.ts';
import { PasskeyEntity, type Passkey } from '../db/entities/passkey.ts';
import { query } from '../db/query.ts';
import { changeOrganization, readSnapshot, type Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { assertionOptions, randomNonce, verifyAssertion } from '../identity/assertion.ts';
import { approvalFlow } from '../identity/flows.ts';
import { createCode, takeCode } from '../identity/one-time-codes.ts';
import { showPasskeys } from '../identity/passkey-handlers.ts';
import { databasesThatName, fingerprintOf, passkeysOf } from '../identity/passkey-store.ts';
import { requireRelyingParty } from '../identity/sign-in-commitment.ts';
import { bumpEpochs } from '../policies/access-change.ts';
import { actorOf, type Services } from '../services.ts';
import { z } from 'zod';
import { approvalsPage } from './approvals-page.ts';
import { signInPage } from './session.ts';
import { stepOver } from './step-over.ts';

type Names = 'showApprovals' | 'beginApproval' | 'finishApproval';

/**
 * An administrator speaks for somebody's passkey with their own: agents take it only after that, so that the control
 * plane alone can not name a developer.
 */
export function approvalHandlers(services: Services): Handlers<Names> {
  const { store, clock } = services;
  return {
    showApprovals: async ({ caller }) => {
      if (caller === null) return signInPage('Approvals');
      if (caller.role !== 'admin') throw new AppError('FORBIDDEN', { message: 'This needs the role admin.' });
      const shown = await readSnapshot(store, caller.org, async (scope) => ({
        passkeys: (await showPasskeys(scope, null)).filter(isOpen),
        waiting: await waitingAtAgents(scope),
      }));
      return approvalsPage({ caller, ...shown });
    },

    beginApproval: async ({ caller, scope, body }) => {
      const relyingParty = requireRelyingParty(services);
      const passkey = await findOpenPasskey(scope, body.passkey);
      if (passkey.userId === caller.id) {
        throw new AppError('FORBIDDEN', { message: 'Another administrator approves your passkeys.' });
      }
      const nonce = randomNonce();
      const data = { admin: caller.id, passkeyId: passkey.id, nonce };
      const { text } = await createCode(scope.em, approvalFlow, { org: scope.org, data, now: clock.now() });
      const allowed = await passkeysOf(scope, caller.id);
      const challenge = challengeFor(caller, passkey, nonce);
      return { flow: text, publicKey: assertionOptions({ relyingParty, challenge, allowed }) };
    },

    finishApproval: async ({ caller, body }) => {
      const now = clock.now();
      const stored = await takeCode(store.em(), approvalFlow, { text: body.flow, now });
      if (stored === null || stored.data.admin !== caller.id) throw stepOver();
      const { passkeyId, nonce } = stored.data;
      const asked = await readSnapshot(
        store,
        caller.org,
        async (scope) => await findOpenPasskey(scope, passkeyId),
      );
      const asserted = await verifyAssertion(store.em(), {
        credential: body.credential,
        challenge: challengeFor(caller, asked, nonce),
        nonce,
        org: caller.org,
        relyingParty: requireRelyingParty(services),
        now,
      });
      if (asserted.user.id !== caller.id || asserted.user.role !== 'admin') throw notYours();
      return await changeOrganization(store, caller.org, async (scope) => {
        const passkey = await findOpenPasskey(scope, passkeyId);
        passkey.endorsedBy = caller.id;
        passkey.endorsement = asserted.proof;
        await scope.em.flush();
        await bumpEpochs(scope, await databasesThatName(scope, passkey.userId));
        const fingerprint = fingerprintOf(passkey);
        await recordActivity(scope, now, {
          action: 'passkey.endorsed',
          actor: actorOf(caller),
          target: { kind: 'passkey', id: passkey.id, label: passkey.name },
          detail: { user: passkey.userId, endorsedWith: asserted.passkeyId, fingerprint },
        });
        return { fingerprint };
      });
    },
  };
}

/** Nobody's word yet, and not one's own. */
function isOpen({ endorsedBy, revokedAt }: PasskeyView): boolean {
  return endorsedBy === null && revokedAt === null;
}

async function findOpenPasskey(scope: Scope, id: string): Promise<Passkey> {
  const passkey = await scope.em.findOne(PasskeyEntity, { id, revokedAt: null, endorsedBy: null });
  if (passkey === null)
    throw new AppError('NOT_FOUND', { message: 'No such passkey waits for an approval.' });
  return passkey;
}

/** Fingerprints of passkeys that some agent holds back, with how many agents do. */
async function waitingAtAgents(scope: Scope): Promise<ReadonlyMap<string, number>> {
  const rows = await query<{ items: unknown }[]>(
    scope.em,
    `select p.items from agent_passkeys p
       join agents a on a.org_id = p.org_id and a.id = p.agent_id and a.state not in ('pending', 'revoked')
      where p.org_id = ? limit 1000`,
    [scope.org],
  );
  const counts = new Map<string, number>();
  for (const { items } of rows) {
    const standings = z.array(passkeyStanding).safeParse(items).data ?? [];
    for (const { fingerprint, standing } of standings) {
      if (standing === 'waiting') counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
    }
  }
  return counts;
}

function challengeFor(caller: Person, passkey: Passkey, nonce: string): string {
  const { credentialId, publicKey, algorithm } = passkey;
  const endorsed = { org: caller.org, user: passkey.userId, passkey: { credentialId, publicKey, algorithm } };
  return endorsementChallenge(endorsed, nonce);
}

function notYours(): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'This passkey belongs to another account.',
    hint: 'Use your own passkey.',
  });
}
