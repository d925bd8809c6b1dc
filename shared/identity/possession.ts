/**
 * Proof that the sender of a signed document holds the private X25519 key that the document names.
 *
 *   verifier → prover   nonce (32 random bytes), verifierKey (an X25519 public key made for this challenge alone)
 *   prover → verifier   proof = HMAC-SHA256(key, label ‖ nonce ‖ SHA-256(document) ‖ audience)
 *   key = HKDF-SHA256(ikm: X25519(own private, other public), salt: nonce, info: label ‖ proverKey ‖ verifierKey)
 *
 * Both sides can compute the key; nobody else can (RFC 7748, RFC 5869, RFC 2104). The ephemeral key makes a proof
 * worthless under any other challenge; the audience stops a dishonest verifier from passing it on to another one;
 * the label keeps a proof for a relay from serving as a proof for an agent.
 */
import {
  createHash,
  createHmac,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { fromBase64Url, toBase64Url, utf8 } from '../base/bytes.ts';
import { AppError } from '../errors/app-error.ts';
import { generateX25519, readX25519Public, x25519PublicText } from './x25519.ts';

/** Length of the nonce and of the proof in bytes. */
export const nonceLength = 32;
export const proofLength = 32;

/** Who asks for the proof. */
export type PossessionPurpose = 'agent' | 'relay' | 'control-plane';

/** What goes over the wire to the prover; both base64url of 32 bytes. */
export interface Challenge {
  readonly nonce: string;
  readonly verifierKey: string;
}

/** A challenge and the ephemeral private key that belongs to it. Use it for one proof, then drop it. */
export interface PendingChallenge {
  readonly challenge: Challenge;
  readonly privateKey: KeyObject;
}

/** What a proof is bound to, besides the challenge. */
export interface ProofBinding {
  readonly purpose: PossessionPurpose;
  /** The signed document as it was sent, byte for byte (a JWS in compact form). */
  readonly document: string;
  /** Id of the verifier that the prover means to talk to. The prover must not take it from the verifier itself. */
  readonly audience: string;
}

/** A new challenge: fresh nonce, fresh ephemeral key. */
export function makeChallenge(): PendingChallenge {
  const privateKey = generateX25519();
  const nonce = toBase64Url(randomBytes(nonceLength));
  return { challenge: { nonce, verifierKey: x25519PublicText(privateKey) }, privateKey };
}

/**
 * Answers a challenge. Returns base64url of 32 bytes.
 * A malformed challenge, or a verifier key of low order, is INVALID_PROOF: then nothing may be sent.
 */
export function prove(options: {
  readonly challenge: Challenge;
  readonly deviceKey: KeyObject;
  readonly binding: ProofBinding;
}): string {
  const { challenge, deviceKey, binding } = options;
  const mac = computeMac({
    nonce: challenge.nonce,
    binding,
    ownKey: deviceKey,
    otherKey: challenge.verifierKey,
    proverKey: x25519PublicText(deviceKey),
    verifierKey: challenge.verifierKey,
  });
  if (mac === null) throw new AppError('INVALID_PROOF', { message: 'The challenge is not valid.' });
  return toBase64Url(mac);
}

/**
 * True only when `proof` was made for exactly this challenge, binding and public key.
 * Never throws: malformed keys, proofs and nonces are simply not a proof. The comparison takes constant time.
 */
export function verifyProof(options: {
  readonly pending: PendingChallenge;
  /** The public key that the signed document names, base64url. */
  readonly deviceKey: string;
  readonly binding: ProofBinding;
  readonly proof: string;
}): boolean {
  const { pending, deviceKey, binding, proof } = options;
  const expected = computeMac({
    nonce: pending.challenge.nonce,
    binding,
    ownKey: pending.privateKey,
    otherKey: deviceKey,
    proverKey: deviceKey,
    verifierKey: pending.challenge.verifierKey,
  });
  const given = readFixed(proof, proofLength);
  return expected !== null && given !== null && timingSafeEqual(expected, given);
}

interface MacInput {
  readonly nonce: string;
  readonly binding: ProofBinding;
  readonly ownKey: KeyObject;
  readonly otherKey: string;
  readonly proverKey: string;
  readonly verifierKey: string;
}

function computeMac(input: MacInput): Buffer | null {
  const nonce = readFixed(input.nonce, nonceLength);
  const proverKey = readFixed(input.proverKey, 32);
  const verifierKey = readFixed(input.verifierKey, 32);
  const shared = agree(input.ownKey, input.otherKey);
  if (nonce === null || proverKey === null || verifierKey === null || shared === null) return null;
  const label = utf8(`daam possession v1 ${input.binding.purpose}\0`);
  const info = Buffer.concat([label, proverKey, verifierKey]);
  const key = Buffer.from(hkdfSync('sha256', shared, nonce, info, 32));
  const documentHash = createHash('sha256').update(input.binding.document).digest();
  // Every part before the last has a fixed length or a terminator, so no two inputs give the same bytes.
  return createHmac('sha256', key)
    .update(label)
    .update(nonce)
    .update(documentHash)
    .update(input.binding.audience)
    .digest();
}

/** X25519; null for a malformed key and for a low-order one, whose shared secret is all zero (RFC 7748 section 6.1). */
function agree(privateKey: KeyObject, publicText: string): Buffer | null {
  let shared: Buffer;
  try {
    shared = diffieHellman({ privateKey, publicKey: readX25519Public(publicText) });
  } catch {
    return null;
  }
  return timingSafeEqual(shared, Buffer.alloc(shared.length)) ? null : shared;
}

function readFixed(text: string, length: number): Uint8Array | null {
  try {
    const bytes = fromBase64Url(text);
    return bytes.length === length && toBase64Url(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}
