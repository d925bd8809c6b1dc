import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fromBase64Url, toBase64Url } from '../base/bytes.ts';
import { AppError } from '../errors/app-error.ts';

/** Length of an X25519 public key, private key and shared secret (RFC 7748 section 5). */
export const x25519Length = 32;

/** A fresh X25519 private key (RFC 7748) from the operating system's randomness. */
export function generateX25519(): KeyObject {
  return generateKeyPairSync('x25519').privateKey;
}

/** The public half of a private (or public) X25519 key: base64url of 32 bytes. */
export function x25519PublicText(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const { x } = publicKey.export({ format: 'jwk' });
  if (publicKey.asymmetricKeyType !== 'x25519' || x === undefined) throw notAKey();
  return x;
}

/** The private half: base64url of 32 bytes. A secret: store it only where secrets are stored. */
export function x25519PrivateText(key: KeyObject): string {
  const { d } = key.export({ format: 'jwk' });
  if (key.asymmetricKeyType !== 'x25519' || d === undefined) throw notAKey();
  return d;
}

/** Reads a public key from base64url of exactly 32 bytes; anything else is INVALID_INPUT. */
export function readX25519Public(text: string): KeyObject {
  const bytes = readExactly32(text);
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: toBase64Url(bytes) }, format: 'jwk' });
}

/** Reads a private key from base64url of exactly 32 bytes; anything else is INVALID_INPUT. */
export function readX25519Private(text: string): KeyObject {
  const der = Buffer.concat([Buffer.from(pkcs8Prefix, 'hex'), readExactly32(text)]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** PKCS #8 header of an X25519 private key (RFC 8410 section 7); the 32 key bytes follow. */
// Text, since the console's build loads this file where there is no Buffer.
const pkcs8Prefix = '302e020100300506032b656e04220420';

function readExactly32(text: string): Uint8Array {
  if (text.length !== 43) throw notAKey();
  let bytes: Uint8Array;
  try {
    bytes = fromBase64Url(text);
  } catch (cause) {
    throw notAKey(cause);
  }
  // Two texts of one key would defeat every comparison of key texts: only the canonical one is taken.
  if (bytes.length !== x25519Length || toBase64Url(bytes) !== text) throw notAKey();
  return bytes;
}

function notAKey(cause?: unknown): AppError {
  return new AppError('INVALID_INPUT', { message: 'The key is not an X25519 key.', cause });
}
