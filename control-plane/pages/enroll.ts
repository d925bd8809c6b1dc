import { passkeyFingerprint } from '@daam/shared/identity/passkey-proof';
import { recordActivity } from '../audit/activity.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { UserEntity } from '../db/entities/user.ts';
import { changeOrganization, readSnapshot, systemScope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { randomNonce } from '../identity/assertion.ts';
import { enrollFlow, invitation } from '../identity/flows.ts';
import { createCode, peekCode, takeCode, takeCodeByHash } from '../identity/one-time-codes.ts';
import { everHadPasskey, keepPasskey, passkeysOf } from '../identity/passkey-store.ts';
import { readRegistration, registrationOptions } from '../identity/registration.ts';
import { requireRelyingParty } from '../identity/sign-in-commitment.ts';
import { hashToken } from '../identity/tokens.ts';
import { AppError } from '@daam/shared/errors/app-error';
import type { Services } from '../services.ts';
import { html } from './html.ts';
import { passkeyButton, renderPage } from './layout.ts';
import { stepOver } from './step-over.ts';

/**
 * A passkey by invitation. The invitation is used up when the passkey is there, so that a ceremony that fails can be
 * repeated. Nobody speaks for such a passkey: an agent that knows older ones of the person waits for an administrator, and
 * so does the control plane, unless the link came from whoever runs it.
 */
export function enrollHandlers(services: Services): Handlers<'showEnroll' | 'beginEnroll' | 'finishEnroll'> {
  const { store, clock } = services;
  return {
    showEnroll: async () => enrollPage,

    beginEnroll: async ({ body }) => {
      const relyingParty = requireRelyingParty(services);
      const now = clock.now();
      const hash = hashToken(body.invitation);
      const invited = await peekCode(systemScope(store, 'sign-in'), invitation, { hash, now });
      if (invited === null || invited.org === null) throw notInvited();
      const { user, org, known } = await readSnapshot(store, invited.org, async (scope) => {
        const found = await scope.em.findOne(UserEntity, { id: invited.data.user, disabledAt: null });
        if (found === null) throw notInvited();
        const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
        return { user: found, org: organization.name, known: await passkeysOf(scope, found.id) };
      });
      const challenge = randomNonce();
      const data = { user: user.id, challenge, invitationHash: hash };
      const { text } = await createCode(systemScope(store, 'sign-in'), enrollFlow, {
        org: invited.org,
        data,
        now,
      });
      const publicKey = await registrationOptions({ relyingParty, org, user, challenge, known });
      return { flow: text, publicKey, email: user.email, org };
    },

    finishEnroll: async ({ body }) => {
      const now = clock.now();
      const stored = await takeCode(systemScope(store, 'sign-in'), enrollFlow, { text: body.flow, now });
      if (stored === null || stored.org === null) throw stepOver();
      const { challenge, user: userId, invitationHash } = stored.data;
      const relyingParty = requireRelyingParty(services);
      const passkey = await readRegistration({ relyingParty, credential: body.credential, challenge });
      return await changeOrganization(store, stored.org, async (scope) => {
        const user = await scope.em.findOne(UserEntity, { id: userId, disabledAt: null });
        const used = await takeCodeByHash(scope.em, invitation, { hash: invitationHash, now });
        if (user === null || used === null) throw notInvited();
        const isFirst = !(await everHadPasskey(scope, user.id));
        // Whoever makes a link can open it: for a person who is known, that alone must not be a way to be them.
        const { by } = used.data;
        const invited = { by, isHeld: !isFirst && by !== null };
        const fields = { user, passkey, name: body.name, endorsement: null, invited, now };
        const row = await keepPasskey(scope, fields);
        const fingerprint = passkeyFingerprint(passkey);
        await recordActivity(scope, now, {
          action: 'passkey.registered',
          actor: { kind: 'user', id: user.id, label: user.email },
          target: { kind: 'passkey', id: row.id, label: row.name },
          detail: { by: 'invitation', isFirst },
          after: { user: user.id, fingerprint, isHeld: invited.isHeld },
        });
        return { fingerprint, isFirst };
      });
    },
  };
}

function notInvited(): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'This invitation is not valid any more.',
    hint: 'It works once, for three days. Ask an administrator for a new one.',
  });
}

const enrollPage = renderPage({
  title: 'Make your passkey',
  name: 'enroll',
  width: 'narrow',
  person: null,
  body: html`<h1>Make your passkey</h1>
<section data-step="invited" hidden>
<p>You were invited to <strong data-fact="org"></strong> as <strong data-fact="email"></strong>.</p>
<p>A passkey signs you in with your fingerprint, face, PIN or security key. It stays on your device: there is no
password, and nothing that could be typed into the wrong page.</p>
<label for="name">Name of this passkey</label>
<input id="name" name="name" value="My passkey" required maxlength="120" autocomplete="off">
<div class="actions">${passkeyButton('Make a passkey')}</div>
</section>
<section data-step="done" hidden aria-labelledby="made">
<h2 id="made" tabindex="-1">Your passkey is ready</h2>
<p>Its fingerprint is</p>
<p class="fingerprint"><code data-fact="fingerprint"></code></p>
<p data-when="first">Sign in with the desktop app, or with <code>daam login</code>.</p>
<p data-when="first"><a class="button primary" data-link="join">Open the desktop app</a></p>
<p data-when="later">You had passkeys before, so this one waits until an administrator, not the one who invited you, has
approved it. Tell them the fingerprint by another way than this computer.</p>
<div class="actions"><a class="button" href="/account">My passkeys and devices</a></div>
</section>`,
});
