import { AppError } from '@daam/shared/errors/app-error';
import {
  passkeyChallenge,
  type PasskeyCommitment,
  type RelyingParty,
} from '@daam/shared/identity/passkey-proof';
import type { Services } from '../services.ts';
import { randomNonce } from './assertion.ts';

/** What a sign-in's assertion is going to say: this key, in this organization, until the certificate's end. */
export function newCommitment(
  { clock, identity }: Pick<Services, 'clock' | 'identity'>,
  asked: { readonly wgKey: string; readonly org: string },
): PasskeyCommitment & { readonly challenge: string } {
  const exp = Math.floor(clock.now() / 1000) + Math.round(identity.certificateHours * 3600);
  const commitment = { nonce: randomNonce(), wgKey: asked.wgKey, org: asked.org, exp };
  return { ...commitment, challenge: passkeyChallenge(commitment) };
}

/** Where ceremonies run; UNSUPPORTED at an address where browsers make no passkeys. */
export function requireRelyingParty({ site }: Pick<Services, 'site'>): RelyingParty {
  const { relyingParty } = site;
  if (relyingParty !== null) return relyingParty;
  throw new AppError('UNSUPPORTED', {
    message: 'Passkeys need https and a host name.',
    hint: 'Ask an administrator to set public_url of the control plane.',
  });
}
