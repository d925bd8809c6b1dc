import type { PasskeyView } from '@daam/shared/api/routes/passkeys';
import type { Person } from '../http/call.ts';
import { time } from './account-page.ts';
import { type Html, html } from './html.ts';
import { renderPage } from './layout.ts';
import { bannerPerson } from './person.ts';

export interface ApprovalsShown {
  readonly caller: Person;
  /** Nobody spoke for these yet. */
  readonly passkeys: readonly PasskeyView[];
  /** How many agents hold a passkey back, by fingerprint. */
  readonly waiting: ReadonlyMap<string, number>;
}

/** Passkeys that wait for an administrator's word: first those that an agent holds back, then first passkeys. */
export function approvalsPage({ caller, passkeys, waiting }: ApprovalsShown): string {
  const held = passkeys.filter(({ fingerprint }) => waiting.has(fingerprint));
  const others = passkeys.filter(({ fingerprint }) => !waiting.has(fingerprint));
  return renderPage({
    title: 'Approvals',
    name: 'approvals',
    width: 'wide',
    person: bannerPerson(caller),
    body: html`<h1>Approvals</h1>
<section aria-labelledby="held">
<h2 id="held">Waiting at agents</h2>
<p>Agents hold these back: their owners had other passkeys before, or your agents ask for every new person. Ask the
owner for the fingerprint, in person or by phone, and compare all of it. Your passkey then signs the approval.</p>
${held.length === 0 ? html`<p class="empty">Nothing is waiting.</p>` : rows(held, { waiting, caller })}
</section>
<section aria-labelledby="others">
<h2 id="others">Not endorsed by anyone</h2>
<p>First passkeys. Agents remember them by themselves unless they are told to ask.</p>
${others.length === 0 ? html`<p class="empty">There are none.</p>` : rows(others, { waiting, caller })}
</section>`,
  });
}

function rows(
  passkeys: readonly PasskeyView[],
  { waiting, caller }: { readonly waiting: ReadonlyMap<string, number>; readonly caller: Person },
): Html {
  return html`<ul class="rows">${passkeys.map(
    (passkey) => html`<li>
<div class="what"><strong>${passkey.user.email}</strong>
${waiting.has(passkey.fingerprint) ? html`<span class="chip warn">Waiting at ${count(waiting.get(passkey.fingerprint) ?? 0)}</span>` : null}
<span class="small">${passkey.name} · made ${time(passkey.createdAt)}</span>
<code class="fingerprint">${passkey.fingerprint}</code></div>
${
  passkey.user.id === caller.id
    ? html`<span class="small">Yours: another administrator approves it.</span>`
    : html`<button type="button" class="primary" data-action="approve" data-id="${passkey.id}"
 aria-label="Approve the passkey of ${passkey.user.email}">Approve</button>`
}
</li>`,
  )}</ul>`;
}

function count(agents: number): string {
  return agents === 1 ? '1 agent' : `${agents} agents`;
}
