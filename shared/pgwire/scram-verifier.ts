import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { Secret } from '../base/secret.ts';
import { AppError } from '../errors/app-error.ts';

const keyBytes = 32;

/** The keys of RFC 5802 section 3, for SHA-256 (RFC 7677). */
export interface ScramKeys {
  readonly clientKey: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** Derives the client, stored and server keys from a salted password. */
export function scramKeys(saltedPassword: Buffer): ScramKeys {
  const clientKey = createHmac('sha256', saltedPassword).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest();
  const serverKey = createHmac('sha256', saltedPassword).update('Server Key').digest();
  return { clientKey, storedKey, serverKey };
}

/** The keys of a password. `iterations` of PBKDF2; INVALID_INPUT for a password that SCRAM would have to prepare. */
export function passwordKeys(password: Secret, salt: Uint8Array, iterations: number): ScramKeys {
  return scramKeys(pbkdf2Sync(scramPassword(password), salt, iterations, keyBytes, 'sha256'));
}

/**
 * The bytes of a password that SCRAM hashes. Only printable ASCII is accepted: there SASLprep (RFC 4013) changes
 * nothing, and the passwords that the agent makes are of that kind. INVALID_INPUT otherwise.
 */
export function scramPassword(password: Secret): Buffer {
  const text = password.reveal();
  if (!/^[\x20-\x7e]+$/.test(text)) {
    throw new AppError('INVALID_INPUT', {
      message: 'The password must be printable ASCII.',
      field: 'password',
    });
  }
  return Buffer.from(text, 'latin1');
}

/**
 * What PostgreSQL stores for a password: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. Given to
 * CREATE ROLE … PASSWORD in place of the password, so that no password ever stands in SQL text, logs or statistics.
 * A random password of 128 bits or more needs few iterations: guessing is hopeless at any count.
 */
export function scramVerifier(password: Secret, salt: Uint8Array, iterations = 4_096): string {
  const { storedKey, serverKey } = passwordKeys(password, salt, iterations);
  const encodedSalt = Buffer.from(salt).toString('base64');
  return `SCRAM-SHA-256$${iterations}:${encodedSalt}$${storedKey.toString('base64')}:${serverKey.toString('base64')}`;
}
