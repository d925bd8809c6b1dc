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
  /** During a rotation: also opens what was sealed with it (docs/operations.md); nothing is sealed with it. */
  readonly second: Secret<Uint8Array> | null;
}

/** Wraps 32 bytes, and 32 bytes of a second key; anything else is INVALID_CONFIG. */
export function masterKeyOf(key: Secret<Uint8Array>, second: Secret<Uint8Array> | null = null): MasterKey {
  if (key.reveal().byteLength !== 32 || (second !== null && second.reveal().byteLength !== 32)) {
    throw new AppError('INVALID_CONFIG', {
      field: 'master_key',
      message: 'A master key must have 32 bytes.',
    });
  }
  const id = createHash('sha256').update('daam master key id v1\n').update(key.reveal()).digest('hex');
  return { key, id: id.slice(0, 16), second };
}

/** Seals bytes. */
export function seal(master: MasterKey, context: string, plain: Uint8Array): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', master.key.reveal(), nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return ['v1', ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join('.');
}

/** Opens what `seal` made with either key and the same context; anything else throws INVALID_CONFIG. */
export function unseal(master: MasterKey, context: string, text: string): Uint8Array {
  const opened =
    open(master.key, context, text) ?? (master.second === null ? null : open(master.second, context, text));
  if (opened !== null) return opened;
  throw new AppError('INVALID_CONFIG', {
    field: 'master_key',
    message: 'A secret cannot be decrypted. Is this the master key it was encrypted with?',
  });
}

/** A sealed text as one that the current key opens. Throws INVALID_CONFIG when neither key does. */
export function reseal(master: MasterKey, context: string, text: string): string {
  return open(master.key, context, text) === null
    ? seal(master, context, unseal(master, context, text))
    : text;
}

/** Null when the text is none of this key and context. */
function open(key: Secret<Uint8Array>, context: string, text: string): Uint8Array | null {
  const [version, ...parts] = text.split('.');
  const [nonce, tag, sealed] = parts.map((part) => Buffer.from(part, 'base64url'));
  try {
    if (version !== 'v1' || !nonce || !tag || !sealed) return null;
    const decipher = createDecipheriv('aes-256-gcm', key.reveal(), nonce, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    return null;
  }
}
