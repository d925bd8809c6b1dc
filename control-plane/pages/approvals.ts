import { passkeyStanding } from '@daam/shared/api/feed';
import type { PasskeyView } from '@daam/shared/api/routes/passkeys';
import { AppError } from '@daam/shared/errors/app-error';
import { endorsementChallenge } from '@daam/shared/identity/passkey-endorsement';
import { difference, recordActivity } from '../audit/activity.ts';
import { PasskeyEntity, type Passkey } from '../db/entities/passkey.ts';
import { query } from '../db/query.ts';
import { changeOrganization, readSnapshot, type Scope, systemScope } from '../db/scope.ts';
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
      const shown = await readSnapshot(store, caller.org, async (scope) => {
        const waiting = await waitingAtAgents(scope);
        const passkeys = (await showPasskeys(scope, null)).filter((one) => isOpen(one, waiting));
        const invited = await scope.em.find(PasskeyEntity, { invitedBy: caller.id, isHeld: true });
        return { passkeys, waiting, invited: new Set(invited.map(({ id }) => id)) };
      });
      return approvalsPage({ caller, ...shown });
    },

    beginApproval: async ({ caller, scope, body }) => {
      const relyingParty = requireRelyingParty(services);
      const passkey = await findOpenPasskey(scope, caller, body.passkey);
      const nonce = randomNonce();
      const data = { admin: caller.id, passkeyId: passkey.id, nonce };
      const { text } = await createCode(scope.em, approvalFlow, { org: scope.org, data, now: clock.now() });
      const allowed = await passkeysOf(scope, caller.id);
      const challenge = challengeFor(caller, passkey, nonce);
      return { flow: text, publicKey: assertionOptions({ relyingParty, challenge, allowed }) };
    },

    finishApproval: async ({ caller, body }) => {
      const now = clock.now();
      const stored = await takeCode(systemScope(store, 'sign-in'), approvalFlow, { text: body.flow, now });
      if (stored === null || stored.data.admin !== caller.id) throw stepOver();
      const { passkeyId, nonce } = stored.data;
      const asked = await readSnapshot(
        store,
        caller.org,
        async (scope) => await findOpenPasskey(scope, caller, passkeyId),
      );
      const asserted = await verifyAssertion(systemScope(store, 'sign-in'), {
        credential: body.credential,
        challenge: challengeFor(caller, asked, nonce),
        nonce,
        org: caller.org,
        relyingParty: requireRelyingParty(services),
        now,
      });
      if (asserted.user.id !== caller.id || asserted.user.role !== 'admin') throw notYours();
      return await changeOrganization(store, caller.org, async (scope) => {
        const passkey = await findOpenPasskey(scope, caller, passkeyId);
        const before = { endorsedBy: passkey.endorsedBy, isHeld: passkey.isHeld };
        passkey.endorsedBy = caller.id;
        passkey.endorsement = asserted.proof;
        passkey.isHeld = false;
        await scope.em.flush();
        await bumpEpochs(scope, await databasesThatName(scope, passkey.userId));
        const fingerprint = fingerprintOf(passkey);
        await recordActivity(scope, now, {
          action: 'passkey.endorsed',
          actor: actorOf(caller),
          target: { kind: 'passkey', id: passkey.id, label: passkey.name },
          detail: { user: passkey.userId, endorsedWith: asserted.passkeyId, fingerprint },
          ...difference(before, { endorsedBy: passkey.endorsedBy, isHeld: passkey.isHeld }),
        });
        return { fingerprint };
      });
    },
  };
}

/** Nobody's word yet, or one that some agent does not take: then another administrator's may help. */
function isOpen(
  { endorsedBy, revokedAt, fingerprint }: Pick<PasskeyView, 'endorsedBy' | 'revokedAt' | 'fingerprint'>,
  waiting: ReadonlyMap<string, number>,
): boolean {
  return revokedAt === null && (endorsedBy === null || waiting.has(fingerprint));
}

/** One that this administrator may speak for: not their own, nor one that waits because they invited to it. */
async function findOpenPasskey(scope: Scope, caller: Person, id: string): Promise<Passkey> {
  const passkey = await scope.em.findOne(PasskeyEntity, { id, revokedAt: null });
  const isWaiting =
    passkey !== null &&
    (passkey.endorsedBy === null || (await waitingAtAgents(scope)).has(fingerprintOf(passkey)));
  if (!isWaiting) throw new AppError('NOT_FOUND', { message: 'No such passkey waits for an approval.' });
  const isOwn = passkey.userId === caller.id;
  if (isOwn || (passkey.isHeld && passkey.invitedBy === caller.id)) {
    throw new AppError('FORBIDDEN', {
      message: isOwn
        ? 'Another administrator approves your passkeys.'
        : 'You invited to this passkey: another administrator approves it.',
    });
  }
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
