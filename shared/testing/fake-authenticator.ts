import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type PasskeyProof, type PinnedPasskey, pinnedPasskey } from '../identity/passkey-proof.ts';

/** What a test changes about an assertion. */
export interface AssertionChanges {
  readonly type?: string;
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly relyingPartyId?: string;
  readonly flags?: number;
}

/** An authenticator that signs whatever a test wants: the real ones do not, which is what is to be tested. */
export class FakeAuthenticator {
  readonly passkey: PinnedPasskey;
  readonly #privateKey: KeyObject;

  constructor(algorithm: PinnedPasskey['algorithm'] = -7) {
    const { privateKey, publicKey } = makeKeys(algorithm);
    this.#privateKey = privateKey;
    this.passkey = pinnedPasskey(randomBytes(16).toString('base64url'), publicKey, algorithm);
  }

  /** An assertion over a challenge, at http://localhost unless it is changed. */
  assert(challenge: string, nonce: string, changes: AssertionChanges = {}): PasskeyProof {
    const clientData = Buffer.from(
      JSON.stringify({
        type: changes.type ?? 'webauthn.get',
        challenge,
        origin: changes.origin ?? 'http://localhost',
        crossOrigin: changes.crossOrigin ?? false,
      }),
    );
    const authenticatorData = Buffer.concat([
      createHash('sha256')
        .update(changes.relyingPartyId ?? 'localhost')
        .digest(),
      Buffer.of(changes.flags ?? 0x05, 0, 0, 0, 1),
    ]);
    const hash = createHash('sha256').update(clientData).digest();
    const digest = this.passkey.algorithm === -8 ? null : 'sha256';
    const signature = sign(digest, Buffer.concat([authenticatorData, hash]), this.#privateKey);
    return {
      credentialId: this.passkey.credentialId,
      nonce,
      authenticatorData: authenticatorData.toString('base64url'),
      clientDataJSON: clientData.toString('base64url'),
      signature: signature.toString('base64url'),
    };
  }
}

function makeKeys(algorithm: PinnedPasskey['algorithm']): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
} {
  if (algorithm === -7) return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  if (algorithm === -8) return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}
