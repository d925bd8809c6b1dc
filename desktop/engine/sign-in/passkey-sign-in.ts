/**
 * Signing in with a passkey, either way: chooses the device's key, lets the person sign in, and keeps what came. A key that
 * was revoked, or that belongs to somebody else by now, is replaced once.
 */
import type { KeyObject } from 'node:crypto';
import type { ApiClient } from '@daam/shared/api/client';
import type { SignedIn } from '@daam/shared/api/routes/auth';
import type { Clock } from '@daam/shared/base/clock';
import { Secret } from '@daam/shared/base/secret';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import {
  generateX25519,
  readX25519Private,
  x25519PrivateText,
  x25519PublicText,
} from '@daam/shared/identity/x25519';
import type { Account, HeldCertificate } from '../account.ts';
import { readSecret, type SecretStore, secretNames } from '../secret-store.ts';

export interface PasskeySignInOptions {
  readonly controlPlane: string;
  /** Without a token. */
  readonly client: ApiClient;
  readonly store: SecretStore;
  readonly clock: Clock;
  /** Who was signed in before: the device keeps its key at the same control plane. */
  readonly previous: Account | null;
  /** One attempt with this key (browser-sign-in.ts, device-code-sign-in.ts). */
  readonly attempt: (deviceKey: KeyObject) => Promise<SignedIn>;
}

/** Who is signed in now, and under which certificate. Token and key are in the store already. */
export interface PasskeySignIn {
  readonly account: Account;
  readonly certificate: HeldCertificate;
}

/** Nothing is kept unless it ends well. */
export async function signInWithPasskey(options: PasskeySignInOptions): Promise<PasskeySignIn> {
  const { controlPlane, store, clock, previous, attempt } = options;
  const held =
    previous?.controlPlane === controlPlane ? await readSecret(store, secretNames.deviceKey) : null;
  let deviceKey = held === null ? generateX25519() : readX25519Private(held.reveal());
  let answer: SignedIn;
  const issuedAt = clock.now();
  try {
    answer = await attempt(deviceKey);
  } catch (thrown) {
    const { code } = toAppError(thrown);
    if (held === null || (code !== 'REVOKED' && code !== 'CONFLICT')) throw thrown;
    deviceKey = generateX25519();
    answer = await attempt(deviceKey);
  }
  const { user, org, device } = answer;
  const expiresAt = Date.parse(answer.certificateExpiresAt);
  if (expiresAt <= issuedAt) throw new AppError('INVALID_CERTIFICATE', { detail: 'it has ended already' });
  await store.keep(secretNames.deviceKey, new Secret(x25519PrivateText(deviceKey)));
  await store.keep(secretNames.apiToken, new Secret(answer.accessToken));
  return {
    certificate: { device: device.id, certificate: answer.certificate, issuedAt, expiresAt },
    account: {
      version: 1,
      controlPlane,
      user: { id: user.id, email: user.email, name: user.name },
      organization: org,
      device: { id: device.id, name: device.name, publicKey: x25519PublicText(deviceKey) },
      secretStore: store.kind,
      signedInWith: 'passkey',
      signedInAt: new Date(issuedAt).toISOString(),
    },
  };
}
