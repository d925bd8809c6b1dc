import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import { html } from './html.ts';
import { renderPage } from './layout.ts';

/** The page of signing up, where the configuration allows it: who makes an organization goes on to their passkey. */
export function signUpPageHandlers({ signUp }: Pick<Services, 'signUp'>): Handlers<'showSignUp'> {
  const page = signUp === null ? closedPage : openPage(signUp.code !== null);
  return { showSignUp: async () => page };
}

const closedPage = renderPage({
  title: 'No sign-ups here',
  name: 'no-sign-up',
  width: 'narrow',
  person: null,
  body: html`<h1>No sign-ups here</h1>
<p>This control plane takes no sign-ups. Whoever runs it makes organizations; an administrator of yours invites you to
one.</p>`,
});

function openPage(needsCode: boolean): string {
  return renderPage({
    title: 'Make your organization',
    name: 'sign-up',
    width: 'narrow',
    person: null,
    body: html`<h1>Make your organization</h1>
<p>You become its first administrator, with a passkey that you make next. There is no password.</p>
<form data-step="sign-up">
<label for="name">Name of the organization</label>
<input id="name" name="name" required maxlength="120" autocomplete="organization">
<label for="email">Your e-mail address</label>
<input id="email" name="email" type="email" required maxlength="254" autocomplete="email">
${
  needsCode
    ? html`<label for="code">Code that you were given</label>
<input id="code" name="code" type="password" required maxlength="200" autocomplete="off">`
    : null
}
<div class="actions"><button type="submit" class="primary">Continue to the passkey</button></div>
</form>`,
  });
}
