import { Secret } from '@daam/shared/base/secret';
import { type SecretLookup, type SecretName, type SecretStore, storeUnavailable } from './secret-store.ts';

/** The part of `@napi-rs/keyring` AsyncEntry that is used. */
export interface KeyringEntry {
  getPassword(): Promise<string | null | undefined>;
  setPassword(password: string): Promise<void>;
  deleteCredential(): Promise<boolean>;
}

/** Opens one item of the keyring. Throws, or its entry's methods reject, where there is no keyring. */
export type OpenEntry = (service: string, account: string) => Promise<KeyringEntry>;

/** The name that a person sees in the keychain's own window. */
const service = 'DAAM';

/**
 * The operating system's keyring: Keychain on macOS, Credential Manager on Windows, the Secret Service on Linux. On
 * Linux the store is pinned, because the addon would else fall back to the kernel keyring, which forgets at reboot.
 */
export class KeyringSecretStore implements SecretStore {
  readonly kind = 'keyring';
  readonly #openEntry: OpenEntry;
  readonly #profile: string;

  /** `profile` keeps two state folders of one person apart. */
  constructor(options: { readonly profile: string; readonly openEntry?: OpenEntry }) {
    this.#openEntry = options.openEntry ?? openSystemEntry;
    this.#profile = options.profile;
  }

  async look(name: SecretName): Promise<SecretLookup> {
    try {
      const value = await (await this.#entry(name)).getPassword();
      return value === null || value === undefined
        ? { kind: 'missing' }
        : { kind: 'found', value: new Secret(value) };
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : 'unknown';
      return { kind: isLocked(reason) ? 'locked' : 'unavailable', reason };
    }
  }

  async keep(name: SecretName, value: Secret): Promise<void> {
    try {
      await (await this.#entry(name)).setPassword(value.reveal());
    } catch (thrown) {
      throw storeUnavailable(this.kind, thrown instanceof Error ? thrown.message : 'unknown', thrown);
    }
  }

  async forget(name: SecretName): Promise<void> {
    try {
      await (await this.#entry(name)).deleteCredential();
    } catch (thrown) {
      throw storeUnavailable(this.kind, thrown instanceof Error ? thrown.message : 'unknown', thrown);
    }
  }

  #entry(name: SecretName): Promise<KeyringEntry> {
    return this.#openEntry(service, `${name}@${this.#profile}`);
  }
}

/** The texts of the addon for a store that exists and may not be read now (locked, or its prompt dismissed). */
function isLocked(reason: string): boolean {
  return /secure storage|locked|dismissed/i.test(reason);
}

async function openSystemEntry(service: string, account: string): Promise<KeyringEntry> {
  // Loaded at first use: the file store must work where the addon cannot be loaded.
  const { AsyncEntry } = await import('@napi-rs/keyring');
  return new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
}
