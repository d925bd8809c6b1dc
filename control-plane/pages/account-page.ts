import type { PasskeyView } from '@daam/shared/api/routes/passkeys';
import { deviceKeyFingerprint } from '@daam/shared/identity/match-code';
import type { Device } from '../db/entities/device.ts';
import type { Person } from '../http/call.ts';
import { type Html, html } from './html.ts';
import { renderPage } from './layout.ts';
import { bannerPerson } from './person.ts';

export interface AccountShown {
  readonly caller: Person;
  readonly passkeys: readonly PasskeyView[];
  readonly devices: readonly Device[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** My passkeys and devices, each with what can be done about it. */
export function accountPage({ caller, passkeys, devices, now }: AccountShown): string {
  const good = passkeys.filter(({ revokedAt }) => revokedAt === null);
  const live = devices.filter(({ revokedAt }) => revokedAt === null);
  return renderPage({
    title: 'My passkeys and devices',
    name: 'account',
    width: 'wide',
    person: bannerPerson(caller),
    body: html`<h1>My passkeys and devices</h1>
<section aria-labelledby="passkeys">
<h2 id="passkeys">Passkeys</h2>
<p>A second passkey, on another device, lets you sign in when you lose the first.</p>
<ul class="rows">${good.map((passkey) => passkeyRow(passkey, { isOnly: good.length === 1, caller }))}</ul>
<form data-step="add">
<label for="passkey-name">Name of the new passkey</label>
<div class="line"><input id="passkey-name" name="name" required maxlength="120" autocomplete="off"
 placeholder="Security key, phone…">
<button type="submit" class="primary">Add a passkey</button></div>
<p class="small">You make the new passkey first; then one of your other passkeys confirms that it is yours.</p>
</form>
<section data-step="confirm" class="callout" hidden aria-labelledby="confirm-new">
<h3 id="confirm-new" tabindex="-1">Confirm the new passkey</h3>
<p>Its fingerprint is <code data-fact="fingerprint"></code>. Use a passkey that you had before.</p>
<div class="actions"><button type="button" class="primary" data-action="confirm">Confirm with a passkey</button></div>
</section>
</section>
<section aria-labelledby="devices">
<h2 id="devices">Devices</h2>
${
  live.length === 0
    ? html`<p>No device is signed in. Use the desktop app, or <code>daam login</code>.</p>`
    : html`<p>Removing a device closes its connections at once.</p>
<ul class="rows">${live.map((device) => deviceRow(device, now))}</ul>`
}
</section>`,
  });
}

function passkeyRow(
  passkey: PasskeyView,
  { isOnly, caller }: { readonly isOnly: boolean; readonly caller: Person },
): Html {
  const isCurrent = caller.session?.passkeyId === passkey.id;
  const endorsed = passkey.endorsedBy;
  return html`<li>
<div class="what"><strong>${passkey.name}</strong>
${isCurrent ? html`<span class="chip ok">This sign-in</span>` : null}
<span class="small">${passkey.isSynced ? 'Synced between devices' : 'On one device'} · made ${time(passkey.createdAt)} ·
${passkey.lastUsedAt === null ? 'not used yet' : html`used ${time(passkey.lastUsedAt)}`}${
  endorsed === null ? null : html` · confirmed by ${endorsed.id === caller.id ? 'you' : endorsed.email}`
}</span>
<code class="small">${passkey.fingerprint}</code></div>
${
  isOnly
    ? null
    : html`<button type="button" data-action="remove-passkey" data-id="${passkey.id}"
 aria-label="Remove passkey ${passkey.name}">Remove</button>`
}
</li>`;
}

function deviceRow(device: Device, now: number): Html {
  const until = device.certificateExpiresAt;
  const isSignedIn = until !== null && until.getTime() > now;
  return html`<li>
<div class="what"><strong>${device.name}</strong>
${isSignedIn ? html`<span class="chip ok">Signed in</span>` : html`<span class="chip">Signed out</span>`}
<span class="small">${device.os} · added ${time(device.createdAt.toISOString())}${
    isSignedIn ? html` · signed in until ${time(until.toISOString())}` : null
  }</span>
<code class="small">${deviceKeyFingerprint(device.wgKey)}</code></div>
<form data-step="rename" data-id="${device.id}" class="line">
<input name="name" value="${device.name}" required maxlength="120" aria-label="Name of ${device.name}" autocomplete="off">
<button type="submit" aria-label="Rename ${device.name}">Rename</button>
<button type="button" data-action="remove-device" data-id="${device.id}" aria-label="Remove device ${device.name}">Remove</button>
</form>
</li>`;
}

/** UTC, to the minute; the script puts it into the reader's own time. */
export function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}
