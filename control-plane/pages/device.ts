import { AppError } from '@daam/shared/errors/app-error';
import { deviceKeyFingerprint } from '@daam/shared/identity/match-code';
import { query as sql } from '../db/query.ts';
import { systemScope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { assertionOptions } from '../identity/assertion.ts';
import { organizationToSignIn } from '../identity/find-organization.ts';
import { type Approval, deviceCode, deviceFlow } from '../identity/flows.ts';
import { createCode, peekCode, takeCode } from '../identity/one-time-codes.ts';
import { newCommitment, requireRelyingParty } from '../identity/sign-in-commitment.ts';
import type { Services } from '../services.ts';
import { approvalOf, assertedOver } from './authorize.ts';
import { html } from './html.ts';
import { passkeyButton, renderPage } from './layout.ts';
import { stepOver } from './step-over.ts';

type Names = 'showDevice' | 'beginDevice' | 'finishDevice' | 'refuseDevice';

/** The person's part of a device code (RFC 8628): type it, see who asks, say yes with a passkey, or no. */
export function devicePageHandlers(services: Services): Handlers<Names> {
  const { store, clock } = services;
  return {
    showDevice: async ({ query }) => devicePage(query.user_code ?? ''),

    beginDevice: async ({ body, caller }) => {
      const relyingParty = requireRelyingParty(services);
      const now = clock.now();
      const waiting = await peekCode(systemScope(store, 'sign-in'), deviceCode, {
        userCode: body.user_code,
        now,
      });
      if (waiting === null || waiting.data.status !== 'pending') throw unknownCode();
      const { device, loginHint } = waiting.data;
      const ref = body.org ?? waiting.data.org;
      const found = await organizationToSignIn(systemScope(store, 'sign-in'), { ref, caller });
      if (found === null)
        throw new AppError('INVALID_INPUT', { field: 'org', message: 'Name the organization.' });
      const { challenge, ...commitment } = newCommitment(services, { wgKey: device.wgKey, org: found.id });
      const { text } = await createCode(systemScope(store, 'sign-in'), deviceFlow, {
        org: found.org,
        data: { codeHash: waiting.hash, commitment, loginHint },
        now,
      });
      const fingerprint = deviceKeyFingerprint(device.wgKey);
      return {
        flow: text,
        publicKey: assertionOptions({ relyingParty, challenge }),
        device: { name: device.name, os: device.os, fingerprint },
      };
    },

    // The device is what is signed in: the browser may be anybody's.
    finishDevice: async ({ body }) => {
      const now = clock.now();
      const stored = await takeCode(systemScope(store, 'sign-in'), deviceFlow, { text: body.flow, now });
      if (stored === null) throw stepOver();
      const { commitment, codeHash, loginHint } = stored.data;
      const { credential } = body;
      const asserted = await assertedOver(services, { credential, commitment, loginHint, now });
      const approval = approvalOf(asserted, commitment.exp);
      const answer = { status: 'approved', org: asserted.org, approval } as const;
      if (!(await answerDevice(services, codeHash, answer))) throw unknownCode();
      return { email: asserted.user.email };
    },

    refuseDevice: async ({ body }) => {
      const stored = await takeCode(systemScope(store, 'sign-in'), deviceFlow, {
        text: body.flow,
        now: clock.now(),
      });
      if (stored === null) throw stepOver();
      const answer = { status: 'refused', org: null, approval: null } as const;
      await answerDevice(services, stored.data.codeHash, answer);
      return {};
    },
  };
}

/** Writes the person's answer, once. False when the code is over or was answered meanwhile. */
async function answerDevice(
  { store, clock }: Services,
  hash: string,
  answer: {
    readonly status: 'approved' | 'refused';
    readonly org: string | null;
    readonly approval: Approval | null;
  },
): Promise<boolean> {
  const { status, org, approval } = answer;
  const rows = await sql(
    systemScope(store, 'sign-in'),
    `update one_time_codes set org_id = ?, data = data || ?::jsonb
      where hash = ? and kind = ? and used_at is null and expires_at > ? and data ->> 'status' = 'pending'
      returning hash`,
    [org, JSON.stringify({ status, approval }), hash, deviceCode.name, new Date(clock.now())],
  );
  return rows.length === 1;
}

function unknownCode(): AppError {
  return new AppError('NOT_FOUND', {
    message: 'There is no such code, or it is over.',
    hint: 'Codes are good for ten minutes. Ask your device for a new one.',
  });
}

function devicePage(userCode: string): string {
  return renderPage({
    title: 'Sign in a device',
    name: 'device',
    width: 'narrow',
    person: null,
    body: html`<h1>Sign in a device</h1>
<form data-step="code">
<p>Type the code that your device shows.</p>
<label for="user-code">Code</label>
<input id="user-code" name="user_code" class="code" value="${userCode}" required maxlength="20"
 autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" aria-describedby="code-form">
<p id="code-form" class="small">Eight letters, like BCDF-GHJK. Capitals and the hyphen do not matter.</p>
<div data-organization hidden>
<label for="org">Organization</label>
<input id="org" name="org" maxlength="120" autocomplete="organization">
</div>
<div class="actions"><button type="submit" class="primary">Continue</button></div>
</form>
<section data-step="confirm" hidden aria-labelledby="who-asks">
<h2 id="who-asks" tabindex="-1">This device wants to sign in as you</h2>
<dl class="facts">
<dt>Device</dt><dd data-fact="name"></dd>
<dt>System</dt><dd data-fact="os"></dd>
<dt>Key</dt><dd><code data-fact="fingerprint"></code></dd>
</dl>
<p>Continue only if it is yours, you started this yourself, and it shows the same key. Nobody from support will ever
ask you for this.</p>
<div class="actions">${passkeyButton('Sign it in with a passkey')}
<button type="button" data-action="refuse">Refuse</button></div>
</section>`,
  });
}
