/**
 * What a passkey signs when its owner approves or denies an access request: this decision on this request, with these
 * terms, and nothing else. The assertion is kept in the activity audit, so that an approval can be proved by the
 * passkey's public key alone.
 *
 *   challenge = SHA-256(label ‖ nonce (32) ‖ SHA-256 of the canonical JSON of the decision)
 *
 * Several decisions by one touch have a label of their own, and the digests of all in the place of the one:
 *
 *   challenge = SHA-256(label of several ‖ nonce (32) ‖ digest 1 ‖ digest 2 ‖ …)
 *
 * Each record then keeps all digests: whoever knows one decision can check it, and learns nothing of the others.
 */
import { createHash } from 'node:crypto';
import { fromBase64Url } from '../base/bytes.ts';
import { canonicalJson } from '../base/canonical-json.ts';

/** What a decision on a request says. */
export interface SignedDecision {
  readonly org: string;
  /** Who decides. */
  readonly user: string;
  readonly request: string;
  readonly decision: 'approve' | 'deny';
  /** Of an approval: what it gives, policy by id or document, minutes, start in milliseconds or null. Of a denial: null. */
  readonly terms: {
    readonly policy: string | null;
    readonly access: Readonly<Record<string, unknown>> | null;
    readonly minutes: number;
    readonly startAt: number | null;
  } | null;
}

/** SHA-256 of what a decision says, base64url. */
export function decisionDigest({ org, user, request, decision, terms }: SignedDecision): string {
  const said = canonicalJson({ org, user, request, decision, terms });
  return createHash('sha256').update(said).digest('base64url');
}

/** The challenge that the authenticator signs, base64url. `nonce` is 32 bytes in base64url. */
export function decisionChallenge(said: SignedDecision, nonce: string): string {
  return createHash('sha256')
    .update('daam request decision v1\0')
    .update(fromBase64Url(nonce))
    .update(fromBase64Url(decisionDigest(said)))
    .digest('base64url');
}

/** The challenge of several decisions, of which these are the digests (`decisionDigest`), in their order. */
export function decisionsChallenge(digests: readonly string[], nonce: string): string {
  const hash = createHash('sha256').update('daam request decisions v1\0').update(fromBase64Url(nonce));
  for (const digest of digests) hash.update(fromBase64Url(digest));
  return hash.digest('base64url');
}
