import type { KeyObject } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { readX25519Private, x25519PublicText } from '@daam/shared/identity/x25519';
import type { Account } from '../account.ts';
import { readSecret, type SecretStore, secretNames } from '../secret-store.ts';

/** The key that the account was made with; SECRET_STORE_UNAVAILABLE or UNAUTHENTICATED when it cannot be had. */
export async function readDeviceKey(store: SecretStore, account: Account): Promise<KeyObject> {
  const held = await readSecret(store, secretNames.deviceKey);
  const key = held === null ? null : readX25519Private(held.reveal());
  if (key === null || x25519PublicText(key) !== account.device.publicKey) {
    throw new AppError('UNAUTHENTICATED', {
      message: 'The key of this device is missing.',
      hint: 'Sign in again with "daam login".',
    });
  }
  return key;
}

/** A name for people: no control characters, at most 120. */
export function label(text: string): string {
  return (
    text
      .replaceAll(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, 120) || 'unnamed'
  );
}
