/**
 * A person's own authenticator says: this WireGuard key is mine, until then. A passkey assertion (WebAuthn level 3) is
 * made over a challenge that commits to the key, travels with the device certificate, and is verified by the agent with
 * passkeys that it has pinned: who controls the control plane alone can then not name a developer.
 *
 *   challenge = SHA-256(label ‖ nonce (32) ‖ wgKey (32) ‖ org, with its length ‖ exp (8))
 */
import { createHash, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import * as z from 'zod';
import { fromBase64Url, toBase64Url, utf8 } from '../base/bytes.ts';

const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const base64Url = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/);

/** The assertion as it travels; all base64url. */
export const passkeyProofSchema = z.strictObject({
  credentialId: base64Url(1_400),
  /** 32 random bytes of the control plane. */
  nonce: bytes32,
  authenticatorData: base64Url(2_000),
  clientDataJSON: base64Url(2_000),
  signature: base64Url(1_400),
});
export type PasskeyProof = z.infer<typeof passkeyProofSchema>;

/** A passkey as it is pinned: its public key as SubjectPublicKeyInfo in DER, base64url, and its algorithm (COSE). */
export const pinnedPasskeySchema = z.strictObject({
  credentialId: base64Url(1_400),
  publicKey: base64Url(1_400),
  /** -7: ES256, -8: EdDSA, -257: RS256 (RFC 9053, RFC 8812). */
  algorithm: z.literal([-7, -8, -257]),
});
export type PinnedPasskey = z.infer<typeof pinnedPasskeySchema>;

/** What the challenge commits to. */
export interface PasskeyCommitment {
  readonly nonce: string;
  /** X25519 public key of the device, base64url. */
  readonly wgKey: string;
  readonly org: string;
  /** When the certificate ends, seconds since the Unix epoch. */
  readonly exp: number;
}

/** The challenge that the authenticator signs, base64url. */
export function passkeyChallenge({ nonce, wgKey, org, exp }: PasskeyCommitment): string {
  const name = utf8(org);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  const until = Buffer.alloc(8);
  until.writeBigUInt64BE(BigInt(exp));
  return createHash('sha256')
    .update('daam device key v1\0')
    .update(fromBase64Url(nonce))
    .update(fromBase64Url(wgKey))
    .update(length)
    .update(name)
    .update(until)
    .digest('base64url');
}

/** Why a proof is none; null when it is one. The words are for a log, not for the person. */
export type ProofFault =
  | 'unknown-credential'
  | 'malformed'
  | 'wrong-type'
  | 'wrong-challenge'
  | 'wrong-origin'
  | 'wrong-relying-party'
  | 'no-user-presence'
  | 'no-user-verification'
  | 'wrong-signature';

/** Where the ceremony must have run: the relying party's id and the origins of its pages. */
export interface RelyingParty {
  readonly id: string;
  readonly origins: readonly string[];
}

const clientDataSchema = z.looseObject({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
});

const flagsOffset = 32;
const minAuthenticatorData = 37;
const userPresent = 0x01;
const userVerified = 0x04;

/**
 * Verifies an assertion offline (WebAuthn level 3 section 7.2, steps 11 to 22): by one of these passkeys, with the person
 * present and verified, at this relying party, over exactly this commitment. Never throws.
 */
export function checkPasskeyProof(options: {
  readonly proof: PasskeyProof;
  readonly commitment: Omit<PasskeyCommitment, 'nonce'>;
  readonly passkeys: readonly PinnedPasskey[];
  readonly relyingParty: RelyingParty;
}): ProofFault | null {
  const { proof, commitment } = options;
  return checkAssertion({ ...options, challenge: passkeyChallenge({ ...commitment, nonce: proof.nonce }) });
}

/** As `checkPasskeyProof`, over a challenge (base64url) that the caller made of what was to be said. Never throws. */
export function checkAssertion(options: {
  readonly proof: PasskeyProof;
  readonly challenge: string;
  readonly passkeys: readonly PinnedPasskey[];
  readonly relyingParty: RelyingParty;
}): ProofFault | null {
  const { proof, challenge, passkeys, relyingParty } = options;
  const passkey = passkeys.find(({ credentialId }) => credentialId === proof.credentialId);
  if (passkey === undefined) return 'unknown-credential';
  try {
    const clientData = fromBase64Url(proof.clientDataJSON);
    const authenticatorData = fromBase64Url(proof.authenticatorData);
    return (
      clientDataFault(clientData, challenge, relyingParty) ??
      authenticatorDataFault(authenticatorData, relyingParty) ??
      signatureFault(passkey, { clientData, authenticatorData, signature: fromBase64Url(proof.signature) })
    );
  } catch {
    return 'malformed';
  }
}

function clientDataFault(bytes: Uint8Array, challenge: string, { origins }: RelyingParty): ProofFault | null {
  const data = clientDataSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  if (data.type !== 'webauthn.get') return 'wrong-type';
  if (data.challenge !== challenge) return 'wrong-challenge';
  return origins.includes(data.origin) && data.crossOrigin !== true ? null : 'wrong-origin';
}

function authenticatorDataFault(bytes: Uint8Array, { id }: RelyingParty): ProofFault | null {
  if (bytes.length < minAuthenticatorData) return 'malformed';
  const idHash = createHash('sha256').update(id).digest();
  if (!timingSafeEqual(idHash, bytes.subarray(0, 32))) return 'wrong-relying-party';
  const flags = bytes[flagsOffset] as number;
  if ((flags & userPresent) === 0) return 'no-user-presence';
  return (flags & userVerified) === 0 ? 'no-user-verification' : null;
}

function signatureFault(
  passkey: PinnedPasskey,
  signed: {
    readonly clientData: Uint8Array;
    readonly authenticatorData: Uint8Array;
    readonly signature: Uint8Array;
  },
): ProofFault | null {
  const hash = createHash('sha256').update(signed.clientData).digest();
  const message = Buffer.concat([signed.authenticatorData, hash]);
  const key = readPasskey(passkey);
  // EdDSA hashes by itself; the others are over SHA-256, ECDSA in DER as WebAuthn section 6.5.5 says.
  const digest = passkey.algorithm === -8 ? null : 'sha256';
  return verify(digest, message, key, signed.signature) ? null : 'wrong-signature';
}

const keyTypes = { [-7]: 'ec', [-8]: 'ed25519', [-257]: 'rsa' } as const;

function readPasskey({ publicKey, algorithm }: PinnedPasskey): KeyObject {
  const der = Buffer.from(fromBase64Url(publicKey));
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const isFit =
    key.asymmetricKeyType === keyTypes[algorithm] &&
    (algorithm !== -7 || key.asymmetricKeyDetails?.namedCurve === 'prime256v1') &&
    (algorithm !== -257 || (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2_048);
  if (!isFit) throw new TypeError('the key is not of its algorithm');
  return key;
}

/** What people compare: the first 16 bytes of SHA-256 over the passkey's id and key, in groups of four. */
export function passkeyFingerprint({ credentialId, publicKey }: PinnedPasskey): string {
  const hash = createHash('sha256').update(`${credentialId}.${publicKey}`).digest('hex');
  return (hash.slice(0, 32).match(/.{4}/g) ?? []).join(' ');
}

/** A passkey's key for pinning. INVALID input throws as `createPublicKey` does. */
export function pinnedPasskey(
  credentialId: string,
  key: KeyObject,
  algorithm: PinnedPasskey['algorithm'],
): PinnedPasskey {
  const publicKey = toBase64Url(key.export({ format: 'der', type: 'spki' }));
  return { credentialId, publicKey, algorithm };
}
