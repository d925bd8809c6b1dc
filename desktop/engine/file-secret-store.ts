import { Secret } from '@daam/shared/base/secret';
import { type SecretLookup, type SecretName, type SecretStore, storeUnavailable } from './secret-store.ts';
import type { StateFolder } from './state-folder.ts';

const maxSecretCharacters = 16 * 1024;

/**
 * Secrets as files 0600 in a 0700 folder: for machines without a keyring and for tests. Whoever can read the person's
 * files, a backup included, has them.
 */
export class FileSecretStore implements SecretStore {
  readonly kind = 'file';
  readonly #state: StateFolder;

  constructor(options: { readonly state: StateFolder }) {
    this.#state = options.state;
  }

  async look(name: SecretName): Promise<SecretLookup> {
    try {
      const text = await (await this.#folder()).readText(name);
      return text === null ? { kind: 'missing' } : { kind: 'found', value: new Secret(text) };
    } catch (thrown) {
      return { kind: 'unavailable', reason: reasonOf(thrown) };
    }
  }

  async keep(name: SecretName, value: Secret): Promise<void> {
    try {
      const text = value.reveal();
      if (text.length > maxSecretCharacters) throw new RangeError('too long');
      await (await this.#folder()).writeText(name, text);
    } catch (thrown) {
      throw storeUnavailable(this.kind, reasonOf(thrown), thrown);
    }
  }

  async forget(name: SecretName): Promise<void> {
    await (await this.#folder()).remove(name);
  }

  #folder(): Promise<StateFolder> {
    return this.#state.folder('secrets');
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : 'unknown';
}
