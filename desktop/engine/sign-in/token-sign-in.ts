import type { ApiClient } from '@daam/shared/api/client';
import type { Clock } from '@daam/shared/base/clock';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import {
  generateX25519,
  readX25519Private,
  x25519PrivateText,
  x25519PublicText,
} from '@daam/shared/identity/x25519';
import type { Account } from '../account.ts';
import { readSecret, type SecretStore, secretNames } from '../secret-store.ts';
import { label } from './device-key.ts';

export interface SignInOptions {
  readonly controlPlane: string;
  readonly token: Secret;
  readonly client: ApiClient;
  readonly store: SecretStore;
  readonly clock: Clock;
  readonly device: { readonly name: string; readonly os: string };
  /** Who was signed in before; its device key is kept only for the same person at the same place. */
  readonly previous: Account | null;
}

/**
 * Signs in with an API token: makes the device's key pair unless this person has one here, registers its public half,
 * keeps private half and token in the store. Nothing is kept when the control plane says no.
 */
export async function signIn(options: SignInOptions): Promise<Account> {
  const { client, store, previous, controlPlane } = options;
  const me = await client.getMe();
  const isSame = previous?.user.id === me.id && previous.controlPlane === controlPlane;
  const held = isSame ? await readSecret(store, secretNames.deviceKey) : null;
  const deviceKey = held === null ? generateX25519() : readX25519Private(held.reveal());
  const publicKey = x25519PublicText(deviceKey);
  const device = await client.registerDevice({
    body: { name: label(options.device.name), os: label(options.device.os), wgKey: publicKey },
  });
  if (device.wgKey !== publicKey) {
    throw new AppError('INVALID_CERTIFICATE', { detail: 'the control plane registered another key' });
  }
  await store.keep(secretNames.deviceKey, new Secret(x25519PrivateText(deviceKey)));
  await store.keep(secretNames.apiToken, options.token);
  return {
    version: 1,
    controlPlane,
    user: { id: me.id, email: me.email, name: me.name },
    organization: { id: me.org.id, name: me.org.name },
    device: { id: device.id, name: device.name, publicKey },
    secretStore: store.kind,
    signedInWith: 'token',
    signedInAt: new Date(options.clock.now()).toISOString(),
  };
}
