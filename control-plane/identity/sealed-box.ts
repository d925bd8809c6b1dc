import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';

/**
 * Encryption at rest of the organizations' signing keys: AES-256-GCM under the master key, a random
 * 96-bit nonce for each sealing, bound to a context (organization and key id), so that a sealed text
 * cannot be moved to another row. Text form: `v1.<nonce>.<tag>.<ciphertext>`, base64url.
 */
export interface MasterKey {
  /** 32 bytes. */
  readonly key: Secret<Uint8Array>;
  /** First 16 hex characters of SHA-256 over a label and the key: tells keys apart, reveals nothing. */
  readonly id: string;
}

/** Wraps 32 bytes; anything else is INVALID_CONFIG. */
export function masterKeyOf(key: Secret<Uint8Array>): MasterKey {
  if (key.reveal().byteLength !== 32) {
    throw new AppError('INVALID_CONFIG', {
      field: 'master_key',
      message: 'The master key must have 32 bytes.',
    });
  }
  const id = createHash('sha256').update('daam master key id v1\n').update(key.reveal()).digest('hex');
  return { key, id: id.slice(0, 16) };
}

/** Seals bytes. */
export function seal(master: MasterKey, context: string, plain: Uint8Array): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', master.key.reveal(), nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return ['v1', ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join('.');
}

/** Opens what `seal` made with the same key and context; anything else throws INVALID_CONFIG. */
export function unseal(master: MasterKey, context: string, text: string): Uint8Array {
  const [version, ...parts] = text.split('.');
  const [nonce, tag, sealed] = parts.map((part) => Buffer.from(part, 'base64url'));
  try {
    if (version !== 'v1' || !nonce || !tag || !sealed) throw new TypeError('not a sealed text');
    const decipher = createDecipheriv('aes-256-gcm', master.key.reveal(), nonce, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch (cause) {
    throw new AppError('INVALID_CONFIG', {
      field: 'master_key',
      message: 'A signing key cannot be decrypted. Is this the master key it was encrypted with?',
      cause,
    });
  }
}
