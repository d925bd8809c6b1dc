import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { AppError } from '../errors/app-error.ts';

/**
 * The organization's signing keys: Ed25519 (RFC 8032), named by their JWK thumbprint (RFC 7638), so that a
 * kid cannot point at two keys. Device keys are X25519: shared/identity/x25519.ts.
 */

/** The public half as it travels in bundles and registrations: `x` is base64url of 32 bytes. */
export interface OrgPublicKey {
  readonly kid: string;
  readonly x: string;
}

/** A key that can sign. `privateKey` never leaves the process; at rest use `signingKeyText`, encrypted. */
export interface SigningKey {
  readonly kid: string;
  readonly publicKey: OrgPublicKey;
  readonly privateKey: KeyObject;
}

/** A fresh key from the operating system's randomness. */
export function generateSigningKey(): SigningKey {
  return signingKeyOf(generateKeyPairSync('ed25519').privateKey);
}

/** The private key as text, for encryption at rest: base64url of the 32 byte seed. A secret. */
export function signingKeyText(key: SigningKey): string {
  const { d } = key.privateKey.export({ format: 'jwk' });
  if (d === undefined) throw notAKey();
  return d;
}

/** Reads what `signingKeyText` wrote; anything else is INVALID_INPUT. */
export function readSigningKey(text: string): SigningKey {
  const seed = Buffer.from(text, 'base64url');
  if (seed.length !== 32 || seed.toString('base64url') !== text) throw notAKey();
  const key = Buffer.concat([Buffer.from(pkcs8Prefix, 'hex'), seed]);
  return signingKeyOf(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

/** The kid of a public key: base64url SHA-256 over its canonical JWK (RFC 7638, RFC 8037 appendix A.3). */
export function keyId(x: string): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
}

/** True for base64url of exactly 32 bytes, in its one canonical text. */
export function isPublicKeyText(x: string): boolean {
  return x.length === 43 && Buffer.from(x, 'base64url').toString('base64url') === x;
}

/** PKCS #8 header of an Ed25519 private key (RFC 8410 section 7); the 32 byte seed follows. */
// Text, since the console's build loads this file where there is no Buffer.
const pkcs8Prefix = '302e020100300506032b657004220420';

function signingKeyOf(privateKey: KeyObject): SigningKey {
  const { x } = privateKey.export({ format: 'jwk' });
  if (privateKey.asymmetricKeyType !== 'ed25519' || x === undefined) throw notAKey();
  const kid = keyId(x);
  return { kid, publicKey: { kid, x }, privateKey };
}

function notAKey(): AppError {
  return new AppError('INVALID_INPUT', { message: 'The key is not an Ed25519 key.' });
}
