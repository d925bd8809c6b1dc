import { recordActivity } from '../audit/activity.ts';
import { changeOrganization, systemScope } from '../db/scope.ts';
import type { Browser, Handlers } from '../http/call.ts';
import { assertionOptions, type Asserted, randomNonce, verifyAssertion } from '../identity/assertion.ts';
import { signInFlow } from '../identity/flows.ts';
import { createCode, takeCode } from '../identity/one-time-codes.ts';
import { requireRelyingParty } from '../identity/sign-in-commitment.ts';
import { endSession, startSession } from '../identity/web-sessions.ts';
import type { Services } from '../services.ts';
import { html } from './html.ts';
import { passkeyButton, renderPage } from './layout.ts';
import { stepOver } from './step-over.ts';

/** Signing in to the pages themselves; no device and no certificate come of it. */
export function sessionHandlers(services: Services): Handlers<'beginSignIn' | 'finishSignIn' | 'endSession'> {
  const { store, clock } = services;
  return {
    beginSignIn: async () => {
      const relyingParty = requireRelyingParty(services);
      const challenge = randomNonce();
      const { text } = await createCode(systemScope(store, 'sign-in'), signInFlow, {
        org: null,
        data: { challenge },
        now: clock.now(),
      });
      return { flow: text, publicKey: assertionOptions({ relyingParty, challenge }) };
    },

    finishSignIn: async ({ body, browser }) => {
      const now = clock.now();
      const stored = await takeCode(systemScope(store, 'sign-in'), signInFlow, { text: body.flow, now });
      if (stored === null) throw stepOver();
      const { challenge } = stored.data;
      const asserted = await verifyAssertion(systemScope(store, 'sign-in'), {
        credential: body.credential,
        challenge,
        nonce: challenge,
        org: null,
        relyingParty: requireRelyingParty(services),
        now,
      });
      await openSession(services, browser, asserted);
      return { email: asserted.user.email };
    },

    endSession: async ({ browser }) => {
      await endSession(systemScope(store, 'sign-in'), browser.sessionToken, clock.now());
      browser.setSession(null);
      return {};
    },
  };
}

/** A new session for whoever just used a passkey, in place of the one that the browser had. Returns its id. */
export async function openSession(
  { store, clock }: Pick<Services, 'store' | 'clock'>,
  browser: Browser,
  asserted: Asserted,
): Promise<string> {
  const now = clock.now();
  await endSession(systemScope(store, 'sign-in'), browser.sessionToken, now);
  const { id, token } = await changeOrganization(store, asserted.org, async (scope) => {
    await recordActivity(scope, now, {
      action: 'session.started',
      actor: { kind: 'user', id: asserted.user.id, label: asserted.user.email },
      target: { kind: 'passkey', id: asserted.passkeyId, label: asserted.user.email },
    });
    return await startSession(scope.em, asserted, now);
  });
  browser.setSession(token);
  return id;
}

/** In place of a page that needs somebody: asks them to sign in, and the page comes after. */
export function signInPage(title: string): string {
  return renderPage({
    title,
    name: 'sign-in',
    width: 'narrow',
    person: null,
    body: html`<h1>Sign in</h1>
<p>${title} are shown to their owner alone. Use your passkey.</p>
<div class="actions">${passkeyButton('Continue with a passkey')}</div>
<p class="small">No passkey yet? Ask an administrator for an invitation.</p>`,
  });
}
