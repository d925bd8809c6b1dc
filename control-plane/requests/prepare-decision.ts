import { canonicalJson } from '@daam/shared/base/canonical-json';
import type { DecisionBody } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import type { SignedDecision } from '@daam/shared/identity/decision-challenge';
import type { Scope } from '../db/scope.ts';
import type { Decider } from './approvers.ts';
import { refuseDenial, termsOfApproval } from './decide.ts';
import type { AccessRequest, Terms } from './request-row.ts';

/** What is decided, as the passkey signs it, and as a page shows it. */
export interface PreparedDecision {
  readonly said: SignedDecision;
  /** Of an approval. */
  readonly granted: Terms | null;
}

/** What somebody's decision would say now. Throws where they may not decide so. */
export async function prepareDecision(
  scope: Scope,
  request: AccessRequest,
  { person, body, now }: { readonly person: Decider; readonly body: DecisionBody; readonly now: number },
): Promise<PreparedDecision> {
  const said = { org: scope.org, user: person.id, request: request.id };
  if (body.decision === 'deny') {
    refuseDenial(request, { person, now });
    return { said: { ...said, decision: 'deny', terms: null }, granted: null };
  }
  const { decision: _, note: __, ...terms } = body;
  const { granted } = await termsOfApproval(scope, request, { person, now, body: terms });
  return { said: { ...said, decision: 'approve', terms: termsSaid(granted) }, granted };
}

/** CONFLICT when it would now say something else than what was shown. */
export function refuseChanged(shown: SignedDecision, now: SignedDecision): void {
  if (canonicalJson(shown) === canonicalJson(now)) return;
  throw new AppError('CONFLICT', {
    message: 'Somebody changed what this request is about to get.',
    hint: 'Look at the request again, and decide again.',
  });
}

function termsSaid({ policy, access, minutes, startAt }: Terms): NonNullable<SignedDecision['terms']> {
  return { policy: policy?.id ?? null, access: access === null ? null : { ...access }, minutes, startAt };
}
