import type { PasskeyView } from '@daam/shared/api/routes/passkeys';
import type { Person } from '../http/call.ts';
import { time } from './account-page.ts';
import { type Html, html } from './html.ts';
import { renderPage } from './layout.ts';
import { bannerPerson } from './person.ts';

export interface ApprovalsShown {
  readonly caller: Person;
  /** Nobody spoke for these yet, or nobody whom all agents believe. */
  readonly passkeys: readonly PasskeyView[];
  /** How many agents hold a passkey back, by fingerprint. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Ids of those that wait because the caller made the invitation. */
  readonly invited: ReadonlySet<string>;
}

/** Passkeys that wait for an administrator's word: first those that an agent holds back, then first passkeys. */
export function approvalsPage({ caller, passkeys, ...marks }: ApprovalsShown): string {
  const { waiting } = marks;
  const isWaiting = ({ isHeld, fingerprint }: PasskeyView) => isHeld || waiting.has(fingerprint);
  const held = passkeys.filter(isWaiting);
  const others = passkeys.filter((passkey) => !isWaiting(passkey));
  return renderPage({
    title: 'Approvals',
    name: 'approvals',
    width: 'wide',
    person: bannerPerson(caller),
    body: html`<h1>Approvals</h1>
<section aria-labelledby="held">
<h2 id="held">Waiting</h2>
<p>These are held back: their owners had other passkeys before, or your agents ask for every new person. Ask the
owner for the fingerprint, in person or by phone, and compare all of it. Your passkey then signs the approval.</p>
${held.length === 0 ? html`<p class="empty">Nothing is waiting.</p>` : rows(held, { ...marks, caller })}
</section>
<section aria-labelledby="others">
<h2 id="others">Not endorsed by anyone</h2>
<p>First passkeys. Agents remember them by themselves unless they are told to ask.</p>
${others.length === 0 ? html`<p class="empty">There are none.</p>` : rows(others, { ...marks, caller })}
</section>`,
  });
}

function rows(
  passkeys: readonly PasskeyView[],
  { waiting, invited, caller }: Omit<ApprovalsShown, 'passkeys'>,
): Html {
  return html`<ul class="rows">${passkeys.map(
    (passkey) => html`<li>
<div class="what"><strong>${passkey.user.email}</strong>
${passkey.isHeld ? html`<span class="chip warn">Opens nothing yet</span>` : null}
${waiting.has(passkey.fingerprint) ? html`<span class="chip warn">Waiting at ${count(waiting.get(passkey.fingerprint) ?? 0)}</span>` : null}
<span class="small">${passkey.name} · made ${time(passkey.createdAt)}</span>
<code class="fingerprint">${passkey.fingerprint}</code></div>
${
  passkey.user.id === caller.id || invited.has(passkey.id)
    ? html`<span class="small">${passkey.user.id === caller.id ? 'Yours' : 'You invited them'}: another administrator approves it.</span>`
    : html`<button type="button" class="primary" data-action="approve" data-id="${passkey.id}"
 aria-label="Approve the passkey of ${passkey.user.email}">Approve</button>`
}
</li>`,
  )}</ul>`;
}

function count(agents: number): string {
  return agents === 1 ? '1 agent' : `${agents} agents`;
}
