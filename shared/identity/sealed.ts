/**
 * Sealing a message to a peer's X25519 key so that only the peer can read it, and knows which key sent it: the message
 * pattern X of the Noise framework (one way: e, es, s, ss), with the sender's static key known beforehand.
 *
 *   byte 0         0xDB, which no WireGuard message begins with
 *   byte 1         version, 1
 *   bytes 2..33    ephemeral X25519 public key
 *   bytes 34..     AES-256-GCM ciphertext and its 16 byte tag
 *
 *   key ‖ nonce = HKDF-SHA256(ikm: X25519(ephemeral, receiver) ‖ X25519(sender, receiver),
 *                             salt: ephemeral public, info: label ‖ sender ‖ receiver)      44 bytes
 *
 * The ephemeral key makes each key and nonce new. Sealing gives no protection against replay: what is inside must say
 * when, and for whom, it was said. Sources: Noise revision 34 section 7.4, RFC 7748, RFC 5869, NIST SP 800-38D.
 */
import {
  createCipheriv,
  createDecipheriv,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { fromBase64Url, toBase64Url, utf8 } from '../base/bytes.ts';
import { AppError } from '../errors/app-error.ts';
import { generateX25519, readX25519Public, x25519Length, x25519PublicText } from './x25519.ts';

/** First byte of a sealed message. */
export const sealedMagic = 0xdb;
const version = 1;
const tagBytes = 16;
const headerBytes = 2 + x25519Length;

/** Ceiling of a sealed message in bytes: one frame of the relay. */
export const maxSealedBytes = 16 * 1024;

/** What a sealed message is for; a knock can never pass as the answer to one. */
export type SealPurpose = 'knock' | 'answer';

/** Seals `plain` from the holder of `sender` to `receiver` (base64url). INVALID_INPUT for a key that is none. */
export function seal(options: {
  readonly purpose: SealPurpose;
  readonly plain: Uint8Array;
  readonly sender: KeyObject;
  readonly receiver: string;
}): Buffer {
  const { purpose, plain, sender, receiver } = options;
  if (headerBytes + plain.length + tagBytes > maxSealedBytes) {
    throw new AppError('TOO_LARGE', { detail: `sealed ${purpose}` });
  }
  const ephemeral = generateX25519();
  const ephemeralPublic = fromBase64Url(x25519PublicText(ephemeral));
  const other = readX25519Public(receiver);
  const secrets = agree([
    [ephemeral, other],
    [sender, other],
  ]);
  if (secrets === null) throw new AppError('INVALID_INPUT', { message: 'The key is not an X25519 key.' });
  const parties = { purpose, sender: x25519PublicText(sender), receiver };
  const { key, nonce } = derive(secrets, ephemeralPublic, parties);
  const header = Buffer.concat([Buffer.of(sealedMagic, version), ephemeralPublic]);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(header);
  return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens a message that the holder of `sender` (base64url) sealed to us. Null for whatever is none: malformed, changed,
 * sealed by or for another key, or for another purpose.
 */
export function unseal(options: {
  readonly purpose: SealPurpose;
  readonly sealed: Uint8Array;
  readonly sender: string;
  readonly receiver: KeyObject;
}): Buffer | null {
  const { purpose, sealed, sender, receiver } = options;
  const isPlausible =
    sealed.length >= headerBytes + tagBytes &&
    sealed.length <= maxSealedBytes &&
    sealed[0] === sealedMagic &&
    sealed[1] === version;
  if (!isPlausible) return null;
  try {
    const ephemeralPublic = sealed.subarray(2, headerBytes);
    const secrets = agree([
      [receiver, readX25519Public(toBase64Url(ephemeralPublic))],
      [receiver, readX25519Public(sender)],
    ]);
    if (secrets === null) return null;
    const parties = { purpose, sender, receiver: x25519PublicText(receiver) };
    const { key, nonce } = derive(secrets, ephemeralPublic, parties);
    const end = sealed.length - tagBytes;
    const decipher = createDecipheriv('aes-256-gcm', key, nonce)
      .setAAD(sealed.subarray(0, headerBytes))
      .setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(headerBytes, end)), decipher.final()]);
  } catch {
    return null;
  }
}

/** The shared secrets, joined; null when one is all zero, as with a key of low order (RFC 7748 section 6.1). */
function agree(pairs: readonly (readonly [KeyObject, KeyObject])[]): Buffer | null {
  const zero = Buffer.alloc(x25519Length);
  try {
    const secrets = pairs.map(([privateKey, publicKey]) => diffieHellman({ privateKey, publicKey }));
    return secrets.some((secret) => timingSafeEqual(secret, zero)) ? null : Buffer.concat(secrets);
  } catch {
    // OpenSSL itself refuses keys of low order.
    return null;
  }
}

function derive(
  secrets: Buffer,
  ephemeralPublic: Uint8Array,
  parties: { readonly purpose: SealPurpose; readonly sender: string; readonly receiver: string },
): { readonly key: Buffer; readonly nonce: Buffer } {
  const { purpose, sender, receiver } = parties;
  const info = Buffer.concat([
    utf8(`daam sealed v1 ${purpose}\0`),
    fromBase64Url(sender),
    fromBase64Url(receiver),
  ]);
  const material = Buffer.from(hkdfSync('sha256', secrets, ephemeralPublic, info, 44));
  return { key: material.subarray(0, 32), nonce: material.subarray(32) };
}
