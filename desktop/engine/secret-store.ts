import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';

/** Where secrets of this device are kept. One store is chosen at sign-in; nothing ever falls back to another one. */
export const secretStoreKinds = ['keyring', 'file', 'keytar'] as const;
export type SecretStoreKind = (typeof secretStoreKinds)[number];

/** The secrets that the engine keeps, by name. */
export const secretNames = {
  deviceKey: 'device-key',
  apiToken: 'api-token',
  tlsCaKey: 'tls-ca-key',
  tlsLeafKey: 'tls-leaf-key',
  localPassword: 'local-password',
} as const;
export type SecretName = (typeof secretNames)[keyof typeof secretNames];

/**
 * What a look into the store finds. `missing`: the store works and has no such secret. `locked`: it is there and the
 * person must unlock it. `unavailable`: there is no such store on this machine. `reason` has no secret in it.
 */
export type SecretLookup =
  | { readonly kind: 'found'; readonly value: Secret }
  | { readonly kind: 'missing' }
  | { readonly kind: 'locked'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

export interface SecretStore {
  readonly kind: SecretStoreKind;
  /** Never throws for a store that cannot be used: it says so. */
  look(name: SecretName): Promise<SecretLookup>;
  /** SECRET_STORE_UNAVAILABLE when it cannot be kept. */
  keep(name: SecretName, value: Secret): Promise<void>;
  /** Forgets it; a missing one is not an error. */
  forget(name: SecretName): Promise<void>;
}

/** The secret, or null when the store works and has none; a store that cannot be used is SECRET_STORE_UNAVAILABLE. */
export async function readSecret(store: SecretStore, name: SecretName): Promise<Secret | null> {
  const lookup = await store.look(name);
  if (lookup.kind === 'found') return lookup.value;
  if (lookup.kind === 'missing') return null;
  if (lookup.kind === 'unavailable') throw storeUnavailable(store.kind, lookup.reason);
  throw new AppError('SECRET_STORE_UNAVAILABLE', {
    message: 'The keyring is locked.',
    hint: 'Unlock it, then try again.',
    detail: lookup.reason,
  });
}

/** The failure of a store that is not there. */
export function storeUnavailable(kind: SecretStoreKind, detail: string, cause?: unknown): AppError {
  return new AppError('SECRET_STORE_UNAVAILABLE', {
    ...unavailableWords[kind],
    detail,
    cause,
  });
}

const unavailableWords: Record<SecretStoreKind, { readonly message: string; readonly hint: string }> = {
  keyring: {
    message: 'There is no keyring that can be used here.',
    hint: 'On a machine without a desktop, sign in with --secret-store file: secrets are then kept in files that only you can read.',
  },
  file: {
    message: 'The secret files cannot be used.',
    hint: 'Look at the owner and the mode of the state folder.',
  },
  keytar: {
    message: 'The module keytar is not installed here, or has no keyring that can be used.',
    hint: 'Install it beside this program, or sign in with --secret-store keyring, which needs no module.',
  },
};
