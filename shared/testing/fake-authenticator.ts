import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type PasskeyProof, type PinnedPasskey, pinnedPasskey } from '../identity/passkey-proof.ts';

/** What a test changes about an assertion. */
export interface AssertionChanges {
  readonly type?: string;
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly relyingPartyId?: string;
  readonly flags?: number;
  readonly signCount?: number;
}

/** What a test changes about a registration. */
export interface RegistrationChanges extends AssertionChanges {
  /** Attestation statement format, and whether it has certificates. */
  readonly format?: string;
  readonly hasCertificates?: boolean;
}

/** User present and verified. */
const presentAndVerified = 0x05;

/** An attested credential follows. */
const attested = 0x40;

/** An authenticator that signs whatever a test wants: the real ones do not, which is what is to be tested. */
export class FakeAuthenticator {
  readonly passkey: PinnedPasskey;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(algorithm: PinnedPasskey['algorithm'] = -7) {
    const { privateKey, publicKey } = makeKeys(algorithm);
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
    this.passkey = pinnedPasskey(randomBytes(16).toString('base64url'), publicKey, algorithm);
  }

  /** As `PublicKeyCredential.toJSON()` gives a registration, with attestation none unless it is changed. */
  register(challenge: string, changes: RegistrationChanges = {}) {
    const { credentialId } = this.passkey;
    const clientData = clientDataOf(challenge, { type: 'webauthn.create', ...changes });
    const id = Buffer.from(credentialId, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const authenticatorData = Buffer.concat([
      authenticatorDataOf({ ...changes, flags: (changes.flags ?? presentAndVerified) | attested }),
      Buffer.alloc(16),
      length,
      id,
      coseKeyOf(this.passkey, this.#publicKey),
    ]);
    const attestationObject = cborMap([
      [cborText('fmt'), cborText(changes.format ?? 'none')],
      [
        cborText('attStmt'),
        changes.hasCertificates ? cborMap([[cborText('x5c'), Buffer.of(0x80)]]) : cborMap([]),
      ],
      [cborText('authData'), cborBytes(authenticatorData)],
    ]);
    return {
      id: credentialId,
      rawId: credentialId,
      type: 'public-key' as const,
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** As `PublicKeyCredential.toJSON()` gives an assertion. */
  get(challenge: string, changes: AssertionChanges = {}) {
    const { authenticatorData, clientDataJSON, signature } = this.assert(challenge, '', changes);
    const { credentialId } = this.passkey;
    return {
      id: credentialId,
      rawId: credentialId,
      type: 'public-key' as const,
      response: { authenticatorData, clientDataJSON, signature },
    };
  }

  /** An assertion over a challenge, at http://localhost unless it is changed. */
  assert(challenge: string, nonce: string, changes: AssertionChanges = {}): PasskeyProof {
    const clientData = clientDataOf(challenge, changes);
    const authenticatorData = authenticatorDataOf(changes);
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

function clientDataOf(challenge: string, changes: AssertionChanges): Buffer {
  return Buffer.from(
    JSON.stringify({
      type: changes.type ?? 'webauthn.get',
      challenge,
      origin: changes.origin ?? 'http://localhost',
      crossOrigin: changes.crossOrigin ?? false,
    }),
  );
}

function authenticatorDataOf(changes: AssertionChanges): Buffer {
  const signCount = Buffer.alloc(4);
  signCount.writeUInt32BE(changes.signCount ?? 1);
  return Buffer.concat([
    createHash('sha256')
      .update(changes.relyingPartyId ?? 'localhost')
      .digest(),
    Buffer.of(changes.flags ?? presentAndVerified),
    signCount,
  ]);
}

/** The public key in COSE (RFC 9052, RFC 9053, RFC 8230). */
function coseKeyOf({ algorithm }: PinnedPasskey, key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  const bytes = (text: string | undefined) => cborBytes(Buffer.from(text ?? '', 'base64url'));
  const alg: [Buffer, Buffer] = [cborInteger(3), cborInteger(algorithm)];
  if (algorithm === -7) {
    return cborMap([
      [cborInteger(1), cborInteger(2)],
      alg,
      [cborInteger(-1), cborInteger(1)],
      [cborInteger(-2), bytes(jwk.x)],
      [cborInteger(-3), bytes(jwk.y)],
    ]);
  }
  if (algorithm === -8) {
    return cborMap([
      [cborInteger(1), cborInteger(1)],
      alg,
      [cborInteger(-1), cborInteger(6)],
      [cborInteger(-2), bytes(jwk.x)],
    ]);
  }
  return cborMap([
    [cborInteger(1), cborInteger(3)],
    alg,
    [cborInteger(-1), bytes(jwk.n)],
    [cborInteger(-2), bytes(jwk.e)],
  ]);
}

/** The little of CBOR that an attestation needs (RFC 8949 section 3). */
function cborHead(major: number, value: number): Buffer {
  if (value < 24) return Buffer.of((major << 5) | value);
  if (value < 256) return Buffer.of((major << 5) | 24, value);
  return Buffer.of((major << 5) | 25, value >> 8, value & 0xff);
}

function cborInteger(value: number): Buffer {
  return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
}

function cborBytes(bytes: Uint8Array): Buffer {
  return Buffer.concat([cborHead(2, bytes.length), bytes]);
}

function cborText(text: string): Buffer {
  return Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)]);
}

function cborMap(entries: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
}
