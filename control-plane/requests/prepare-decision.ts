import { canonicalJson } from '@daam/shared/base/canonical-json';
import type { DecisionBody } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import {
  decisionChallenge,
  decisionDigest,
  decisionsChallenge,
  type SignedDecision,
} from '@daam/shared/identity/decision-challenge';
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

/** Throws where these are not decisions that one touch may make: each on its own request, of one person for one database. */
export function refuseMixed(
  requests: readonly Pick<AccessRequest, 'id' | 'requester' | 'database'>[],
  decisions: readonly DecisionBody['decision'][],
): void {
  const several = (values: readonly string[]): boolean => new Set(values).size > 1;
  const isTwice = new Set(requests.map(({ id }) => id)).size < requests.length;
  const isMixed =
    several(requests.map(({ requester }) => requester.id)) ||
    several(requests.map(({ database }) => database.id)) ||
    several(decisions);
  if (!isTwice && !isMixed) return;
  throw new AppError('INVALID_INPUT', {
    field: 'body.decisions',
    message: 'Only requests of one person for one database are decided together, each once and all alike.',
  });
}

/** What is signed, with the digests of all where there are several. */
export function challengeOf(
  said: readonly SignedDecision[],
  nonce: string,
): { readonly challenge: string; readonly digests: readonly string[] | null } {
  const [only] = said;
  if (only !== undefined && said.length === 1)
    return { challenge: decisionChallenge(only, nonce), digests: null };
  const digests = said.map(decisionDigest);
  return { challenge: decisionsChallenge(digests, nonce), digests };
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
