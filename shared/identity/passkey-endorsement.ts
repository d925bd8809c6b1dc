/**
 * One passkey speaks for another: an assertion by a passkey that an agent has pinned already (the same person's, or an
 * administrator's) over a challenge that names person and new passkey. The control plane alone can then not add one.
 *
 *   challenge = SHA-256(label ‖ nonce (32) ‖ SHA-256 of the canonical JSON of {org, user, credentialId, publicKey, algorithm})
 */
import { createHash } from 'node:crypto';
import { fromBase64Url } from '../base/bytes.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import {
  checkAssertion,
  type PasskeyProof,
  type PinnedPasskey,
  type ProofFault,
  type RelyingParty,
} from './passkey-proof.ts';

/** What an endorsement says: in this organization, this passkey is this person's. */
export interface EndorsedPasskey {
  readonly org: string;
  readonly user: string;
  readonly passkey: PinnedPasskey;
}

/** The challenge that the endorsing authenticator signs, base64url. `nonce` is 32 bytes in base64url. */
export function endorsementChallenge({ org, user, passkey }: EndorsedPasskey, nonce: string): string {
  const { credentialId, publicKey, algorithm } = passkey;
  const said = canonicalJson({ org, user, credentialId, publicKey, algorithm });
  return createHash('sha256')
    .update('daam passkey endorsement v1\0')
    .update(fromBase64Url(nonce))
    .update(createHash('sha256').update(said).digest())
    .digest('base64url');
}

/** Verifies an endorsement by one of `pinned`; null when it holds. Never throws. */
export function checkEndorsement(options: {
  readonly endorsed: EndorsedPasskey;
  readonly proof: PasskeyProof;
  readonly pinned: readonly PinnedPasskey[];
  readonly relyingParty: RelyingParty;
}): ProofFault | null {
  const { endorsed, proof, pinned, relyingParty } = options;
  if (!/^[A-Za-z0-9_-]{43}$/.test(proof.nonce)) return 'malformed';
  const challenge = endorsementChallenge(endorsed, proof.nonce);
  return checkAssertion({ proof, challenge, passkeys: pinned, relyingParty });
}
