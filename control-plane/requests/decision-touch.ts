import type { DecisionBody, RequestSettings } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import type { PasskeyProof } from '@daam/shared/identity/passkey-proof';
import type { Scope } from '../db/scope.ts';
import type { Person } from '../http/call.ts';
import { hasPasskey, requireFreshSignIn } from './fresh-sign-in.ts';

/** An assertion over one decision (shared/identity/decision-challenge.ts), and the passkey that made it. */
export interface Touch {
  readonly passkey: string;
  readonly proof: PasskeyProof;
  /** Where one touch made several decisions: the digests of all, this one's among them. */
  readonly digests?: readonly string[];
}

/**
 * A decision needs its own touch of the decider's passkey, which signs what is decided; of everybody, of whoever has a
 * passkey, or of nobody (`freshSignIn.required`). Where the organization says so, approving takes a recent sign-in
 * instead, and denying nothing. Throws TOUCH_REQUIRED, or STEP_UP_REQUIRED.
 */
export async function requireTouch(
  scope: Scope,
  caller: Person,
  {
    decision,
    settings: { decisions, freshSignIn },
    touch,
    now,
  }: {
    readonly decision: DecisionBody['decision'];
    readonly settings: Pick<RequestSettings, 'decisions' | 'freshSignIn'>;
    readonly touch: Touch | undefined;
    readonly now: number;
  },
): Promise<void> {
  if (touch !== undefined || freshSignIn.required === 'never') return;
  if (decisions === 'fresh-sign-in') {
    if (decision === 'approve') await requireFreshSignIn(scope, caller, { freshSignIn, now });
    return;
  }
  if (freshSignIn.required === 'auto' && !(await hasPasskey(scope, caller.id))) return;
  throw new AppError('TOUCH_REQUIRED', {
    hint: 'Use a current DAAM: it opens a page that shows the decision and asks for your passkey.',
  });
}
