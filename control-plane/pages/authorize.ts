import type { AuthorizeQuery } from '@daam/shared/api/routes/auth';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { deviceKeyFingerprint, matchCode } from '@daam/shared/identity/match-code';
import { systemScope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { assertionOptions, type Asserted, verifyAssertion } from '../identity/assertion.ts';
import type { AssertionJson } from '../identity/credential-json.ts';
import { organizationToSignIn } from '../identity/find-organization.ts';
import { authorizationCode, authorizeFlow } from '../identity/flows.ts';
import { createCode, takeCode } from '../identity/one-time-codes.ts';
import { newCommitment, requireRelyingParty } from '../identity/sign-in-commitment.ts';
import { passkeyChallenge, type PasskeyCommitment } from '@daam/shared/identity/passkey-proof';
import type { Services } from '../services.ts';
import { type Html, html } from './html.ts';
import { passkeyButton, renderPage } from './layout.ts';
import { openSession } from './session.ts';
import { stepOver } from './step-over.ts';

/**
 * The page that the app opens to sign in (RFC 8252): it shows who asks, runs one assertion that commits to the device's
 * key, and sends the browser back to the app with a code.
 */
export function authorizeHandlers(
  services: Services,
): Handlers<'showAuthorize' | 'beginAuthorize' | 'finishAuthorize'> {
  const { store, clock } = services;
  return {
    showAuthorize: async ({ query, caller }) => {
      requireRelyingParty(services);
      const found = await organizationToSignIn(systemScope(store, 'sign-in'), {
        ref: query.org ?? null,
        caller,
      });
      return found === null ? organizationPage(query) : authorizePage(query);
    },

    beginAuthorize: async ({ body, caller }) => {
      const relyingParty = requireRelyingParty(services);
      const found = await organizationToSignIn(systemScope(store, 'sign-in'), {
        ref: body.org ?? null,
        caller,
      });
      if (found === null)
        throw new AppError('INVALID_INPUT', { field: 'org', message: 'Name the organization.' });
      const { challenge, ...commitment } = newCommitment(services, { wgKey: body.wg_key, org: found.id });
      const { text } = await createCode(systemScope(store, 'sign-in'), authorizeFlow, {
        org: found.org,
        data: {
          commitment,
          device: { name: body.device_name, os: body.device_os, wgKey: body.wg_key },
          redirectUri: body.redirect_uri,
          codeChallenge: body.code_challenge,
          state: body.state,
          loginHint: body.login_hint ?? null,
        },
        now: clock.now(),
      });
      return { flow: text, publicKey: assertionOptions({ relyingParty, challenge }) };
    },

    finishAuthorize: async ({ body, browser }) => {
      const now = clock.now();
      const stored = await takeCode(systemScope(store, 'sign-in'), authorizeFlow, { text: body.flow, now });
      if (stored === null) throw stepOver();
      const { commitment, device, redirectUri, codeChallenge, state, loginHint } = stored.data;
      const { credential } = body;
      const asserted = await assertedOver(services, { credential, commitment, loginHint, now });
      const session = await openSession(services, browser, asserted);
      const { text: code } = await createCode(systemScope(store, 'sign-in'), authorizationCode, {
        org: asserted.org,
        data: { approval: approvalOf(asserted, commitment.exp), device, redirectUri, codeChallenge, session },
        now,
      });
      return { redirect: `${redirectUri}?${new URLSearchParams({ code, state }).toString()}` };
    },
  };
}

/** What the token step needs of an assertion. */
export function approvalOf({ user, passkeyId, proof, authTime }: Asserted, exp: number) {
  return { user: user.id, passkeyId, proof, exp, authTime };
}

/** The assertion over a device's key, verified; by somebody of its organization, and by the account that the app asked for. */
export async function assertedOver(
  services: Services,
  { credential, commitment, loginHint, now }: CommittedAssertion,
): Promise<Asserted> {
  const asserted = await verifyAssertion(systemScope(services.store, 'sign-in'), {
    credential,
    challenge: passkeyChallenge(commitment),
    nonce: commitment.nonce,
    org: asId<OrgId>(commitment.org),
    relyingParty: requireRelyingParty(services),
    now,
  });
  requireSamePerson(asserted, { org: commitment.org, loginHint });
  return asserted;
}

interface CommittedAssertion {
  readonly credential: AssertionJson;
  readonly commitment: PasskeyCommitment;
  readonly loginHint: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** The assertion commits to one organization, and the app may have asked for one account. */
function requireSamePerson(
  asserted: Asserted,
  asked: { readonly org: string; readonly loginHint: string | null },
): void {
  const isAsked = asked.loginHint === null || asked.loginHint === asserted.user.email;
  if (asserted.org === asked.org && isAsked) return;
  throw new AppError('UNAUTHENTICATED', {
    message: 'This passkey belongs to another account.',
    hint: 'Use the passkey of the account that you want to sign in with.',
  });
}

/** It carries the query as it was parsed here: a browser may read the address otherwise, and sign what is not shown. */
function authorizePage(query: AuthorizeQuery): string {
  const code = matchCode(query.code_challenge);
  return renderPage({
    title: 'Sign in to DAAM',
    name: 'authorize',
    width: 'narrow',
    person: null,
    body: html`<h1>Sign in to DAAM</h1>
<div hidden data-query="${JSON.stringify(query)}"></div>
<p>Does your app show this code?</p>
<p class="match"><span class="visually-hidden">Match code </span><strong>${code}</strong></p>
${deviceFacts({ name: query.device_name, os: query.device_os, wgKey: query.wg_key })}
<p>Continue only if you started this sign-in yourself, on this device, and the codes are the same.</p>
<div class="actions">${passkeyButton('Continue with a passkey')}
<button type="button" data-action="refuse">Cancel</button></div>
<p class="small">If the codes differ, stop: someone may be trying to sign in as you.</p>`,
  });
}

/** What a device says of itself, and the fingerprint that its owner can compare. */
export function deviceFacts(device: {
  readonly name: string;
  readonly os: string;
  readonly wgKey: string;
}): Html {
  return html`<dl class="facts">
<dt>Device</dt><dd>${device.name}</dd>
<dt>System</dt><dd>${device.os}</dd>
<dt>Key</dt><dd><code>${deviceKeyFingerprint(device.wgKey)}</code></dd>
</dl>`;
}

/** Only where there are several organizations and the app did not say which. */
function organizationPage(query: AuthorizeQuery): string {
  const fields = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [html`<input type="hidden" name="${name}" value="${value}">`],
  );
  return renderPage({
    title: 'Choose your organization',
    name: 'organization',
    width: 'narrow',
    person: null,
    body: html`<h1>Choose your organization</h1>
<form method="get" action="/auth/authorize">
${fields}
<label for="org">Organization</label>
<input id="org" name="org" required maxlength="120" autocomplete="organization">
<div class="actions"><button type="submit" class="primary">Continue</button></div>
</form>`,
  });
}
