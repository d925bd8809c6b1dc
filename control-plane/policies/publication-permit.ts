import type { PolicySettings } from '@daam/shared/api/routes/publications';
import { AppError } from '@daam/shared/errors/app-error';
import type { PasskeyProof } from '@daam/shared/identity/passkey-proof';
import type { SignedPublication } from '@daam/shared/identity/publication-challenge';
import type { Scope } from '../db/scope.ts';
import type { Person } from '../http/call.ts';
import { hasPasskey } from '../requests/fresh-sign-in.ts';
import { loadPolicySettings } from './publication-settings.ts';

/** An assertion over one publication (shared/identity/publication-challenge.ts), and the passkey that made it. */
export interface PublicationTouch {
  readonly passkey: string;
  readonly proof: PasskeyProof;
  readonly said: SignedPublication;
}

/** Whose proposal it is that somebody publishes. */
export interface PublishedProposal {
  readonly id: string;
  readonly by: string;
}

/**
 * Whether somebody may put a document in force, looked at in the transaction that does it. Whoever sits at a screen
 * signs it with their passkey, if they have one. Programs (service accounts with `policies:publish`) and API tokens
 * cannot touch anything: making them took a touch, and `touch: always` shuts them out. Where it takes two
 * administrators, only another one's proposal is published, by a person. Throws TOUCH_REQUIRED,
 * SECOND_PERSON_REQUIRED or FORBIDDEN.
 */
export async function requirePermit(
  scope: Scope,
  caller: Person,
  permit: {
    readonly touch?: PublicationTouch | undefined;
    readonly proposal?: PublishedProposal | undefined;
  },
): Promise<void> {
  const settings = await loadPolicySettings(scope);
  refuseAlone(settings, caller, permit.proposal);
  if (permit.touch === undefined && (await needsTouch(scope, caller, settings))) {
    throw new AppError('TOUCH_REQUIRED', {
      message: 'Putting policies in force needs a touch of your passkey.',
      hint: 'Use a current DAAM: it opens a page that shows what is published and asks for your passkey.',
    });
  }
}

/** SECOND_PERSON_REQUIRED without a proposal where it takes two, FORBIDDEN for one's own. */
export function refuseAlone(
  { secondApprover }: PolicySettings,
  caller: Person,
  proposal: PublishedProposal | undefined,
): void {
  if (proposal?.by === caller.id) {
    throw new AppError('FORBIDDEN', { message: 'You cannot publish your own proposal.' });
  }
  if (!secondApprover || proposal !== undefined) return;
  throw new AppError('SECOND_PERSON_REQUIRED', {
    message: 'In this organization another administrator publishes what you propose.',
    hint: 'Propose your draft in the console, under Policies.',
  });
}

async function needsTouch(scope: Scope, caller: Person, { touch }: PolicySettings): Promise<boolean> {
  if (touch !== 'auto') return touch === 'always';
  const isAtScreen = caller.via === 'session' || caller.via === 'access-token';
  return isAtScreen && (await hasPasskey(scope, caller.id));
}
