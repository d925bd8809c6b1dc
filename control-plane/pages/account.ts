import { AppError } from '@daam/shared/errors/app-error';
import { endorsementChallenge } from '@daam/shared/identity/passkey-endorsement';
import { passkeyFingerprint, type PinnedPasskey } from '@daam/shared/identity/passkey-proof';
import { recordActivity } from '../audit/activity.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { UserEntity } from '../db/entities/user.ts';
import { changeOrganization, readSnapshot, systemScope } from '../db/scope.ts';
import { devicesOf, findOwnDevice, renameDeviceRow, revokeDeviceOf } from '../devices/handlers.ts';
import type { Handlers, Person } from '../http/call.ts';
import { assertionOptions, randomNonce, verifyAssertion } from '../identity/assertion.ts';
import { endorseFlow, newPasskeyFlow } from '../identity/flows.ts';
import { createCode, takeCode } from '../identity/one-time-codes.ts';
import { revokePasskeyOf, showPasskeys } from '../identity/passkey-handlers.ts';
import { keepPasskey, passkeysOf } from '../identity/passkey-store.ts';
import { readRegistration, registrationOptions } from '../identity/registration.ts';
import { requireRelyingParty } from '../identity/sign-in-commitment.ts';
import { actorOf, type Services } from '../services.ts';
import { accountPage } from './account-page.ts';
import { signInPage } from './session.ts';
import { stepOver } from './step-over.ts';

type Names =
  | 'showAccount'
  | 'beginPasskey'
  | 'endorsePasskey'
  | 'finishPasskey'
  | 'removePasskey'
  | 'renameOwnDevice'
  | 'removeOwnDevice';

/** What removing something asks for: a sign-in that is no older, in milliseconds. */
const freshMs = 15 * 60_000;

/**
 * My passkeys and devices. Another passkey is made in three steps in one visit: register it, let an older one speak for
 * it (agents check that word), keep it.
 */
export function accountHandlers(services: Services): Handlers<Names> {
  const { store, clock } = services;
  return {
    showAccount: async ({ caller }) => {
      if (caller === null) return signInPage('Your passkeys and devices');
      const shown = await readSnapshot(store, caller.org, async (scope) => ({
        passkeys: await showPasskeys(scope, caller.id),
        devices: await devicesOf(scope, caller.id),
      }));
      return accountPage({ caller, now: clock.now(), ...shown });
    },

    beginPasskey: async ({ caller, scope }) => {
      const relyingParty = requireRelyingParty(services);
      const user = await scope.em.findOneOrFail(UserEntity, { id: caller.id });
      const { name } = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
      const challenge = randomNonce();
      const data = { user: user.id, challenge };
      const { text } = await createCode(scope.em, newPasskeyFlow, { org: scope.org, data, now: clock.now() });
      const known = await passkeysOf(scope, user.id);
      const publicKey = await registrationOptions({ relyingParty, org: name, user, challenge, known });
      return { flow: text, publicKey };
    },

    endorsePasskey: async ({ caller, body }) => {
      const now = clock.now();
      const relyingParty = requireRelyingParty(services);
      const stored = await takeCode(systemScope(store, 'sign-in'), newPasskeyFlow, { text: body.flow, now });
      if (stored === null || stored.data.user !== caller.id) throw stepOver();
      const { challenge: asked } = stored.data;
      const passkey = await readRegistration({ relyingParty, credential: body.credential, challenge: asked });
      const nonce = randomNonce();
      const { text } = await createCode(systemScope(store, 'sign-in'), endorseFlow, {
        org: caller.org,
        data: { user: caller.id, nonce, name: body.name, passkey },
        now,
      });
      const known = await readSnapshot(
        store,
        caller.org,
        async (scope) => await passkeysOf(scope, caller.id),
      );
      const challenge = challengeFor(caller, passkey, nonce);
      const publicKey = assertionOptions({ relyingParty, challenge, allowed: known });
      return { flow: text, publicKey, fingerprint: passkeyFingerprint(passkey) };
    },

    finishPasskey: async ({ caller, body }) => {
      const now = clock.now();
      const stored = await takeCode(systemScope(store, 'sign-in'), endorseFlow, { text: body.flow, now });
      if (stored === null || stored.data.user !== caller.id) throw stepOver();
      const { passkey, nonce, name } = stored.data;
      const asserted = await verifyAssertion(systemScope(store, 'sign-in'), {
        credential: body.credential,
        challenge: challengeFor(caller, passkey, nonce),
        nonce,
        org: caller.org,
        relyingParty: requireRelyingParty(services),
        now,
      });
      if (asserted.user.id !== caller.id) throw otherPasskey();
      return await changeOrganization(store, caller.org, async (scope) => {
        const user = await scope.em.findOneOrFail(UserEntity, { id: caller.id, disabledAt: null });
        const endorsement = { by: caller.id, proof: asserted.proof };
        const row = await keepPasskey(scope, { user, passkey, name, endorsement, invited: null, now });
        const fingerprint = passkeyFingerprint(passkey);
        await recordActivity(scope, now, {
          action: 'passkey.registered',
          actor: actorOf(caller),
          target: { kind: 'passkey', id: row.id, label: row.name },
          detail: { by: 'own passkey', endorsedWith: asserted.passkeyId },
          after: { user: user.id, fingerprint, isHeld: row.isHeld },
        });
        return { fingerprint };
      });
    },

    removePasskey: async ({ caller, scope, body }) => {
      const now = clock.now();
      requireFresh(caller, now);
      await revokePasskeyOf(scope, { caller, id: body.passkey, now });
      return {};
    },

    renameOwnDevice: async ({ caller, scope, body }) => {
      const device = await findOwnDevice(scope, body.device, caller.id);
      await renameDeviceRow(scope, device, { caller, name: body.name, now: clock.now() });
      return {};
    },

    removeOwnDevice: async ({ caller, scope, body }) => {
      const now = clock.now();
      await revokeDeviceOf(scope, { caller, id: body.device, now });
      return {};
    },
  };
}

/** What an older passkey of the same person says for a new one. */
function challengeFor(caller: Person, passkey: PinnedPasskey, nonce: string): string {
  return endorsementChallenge({ org: caller.org, user: caller.id, passkey }, nonce);
}

/** Whoever finds an open browser is not to lock its owner out. */
function requireFresh({ session }: Person, now: number): void {
  if (session !== null && now - session.authTime <= freshMs) return;
  throw new AppError('STEP_UP_REQUIRED', {
    message: 'You signed in too long ago for this.',
    hint: 'Sign out, sign in again, and repeat it.',
  });
}

function otherPasskey(): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'This passkey belongs to another account.',
    hint: 'Use one of your own passkeys.',
  });
}
