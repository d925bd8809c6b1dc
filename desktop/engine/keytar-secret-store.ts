/**
 * The operating system's keyring by `keytar`, for who has that module and asks for it (`--secret-store keytar`). It is no
 * dependency: it is archived, and needs a compiler or a download to be installed. It is asked for items of one service of our
 * own and never for a list (`findCredentials` fails on items that others wrote).
 */
import { createRequire } from 'node:module';
import { Secret } from '@daam/shared/base/secret';
import * as z from 'zod';
import { type SecretLookup, type SecretName, type SecretStore, storeUnavailable } from './secret-store.ts';

/** The part of keytar 7 that is used. */
export interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

const moduleName = 'keytar';

/** Not the one of the usual keyring store: the two write items of different shapes. */
export const keytarService = 'DAAM (keytar)';

/** Written and taken away again, to tell a store without an item from one that does not open. */
const probe = 'probe';

const isFunction = z.custom<unknown>((value) => typeof value === 'function');
const moduleSchema = z.looseObject({
  getPassword: isFunction,
  setPassword: isFunction,
  deletePassword: isFunction,
});

export class KeytarSecretStore implements SecretStore {
  readonly kind = 'keytar';
  readonly #load: () => Promise<Keytar>;
  readonly #profile: string;

  /** `profile` keeps two state folders of one person apart. */
  constructor(options: { readonly profile: string; readonly load?: () => Promise<Keytar> }) {
    this.#load = options.load ?? loadKeytar;
    this.#profile = options.profile;
  }

  async look(name: SecretName): Promise<SecretLookup> {
    try {
      const keytar = await this.#load();
      const value = await keytar.getPassword(keytarService, this.#account(name));
      if (value !== null && value !== undefined) return { kind: 'found', value: new Secret(value) };
      // On Linux a locked collection, and a prompt that was dismissed, read as if there were no item.
      await keytar.setPassword(keytarService, this.#account(probe), probe);
      await keytar.deletePassword(keytarService, this.#account(probe));
      return { kind: 'missing' };
    } catch (thrown) {
      const reason = reasonOf(thrown);
      return { kind: isLocked(reason) ? 'locked' : 'unavailable', reason };
    }
  }

  async keep(name: SecretName, value: Secret): Promise<void> {
    await this.#use(async (keytar) => {
      await keytar.setPassword(keytarService, this.#account(name), value.reveal());
    });
  }

  async forget(name: SecretName): Promise<void> {
    await this.#use(async (keytar) => {
      await keytar.deletePassword(keytarService, this.#account(name));
    });
  }

  async #use(act: (keytar: Keytar) => Promise<void>): Promise<void> {
    try {
      await act(await this.#load());
    } catch (thrown) {
      throw storeUnavailable(this.kind, reasonOf(thrown), thrown);
    }
  }

  #account(name: SecretName | typeof probe): string {
    return `${name}@${this.#profile}`;
  }
}

/** What libsecret, the Keychain and their prompts say of a store that is there and may not be used now. */
function isLocked(reason: string): boolean {
  return /locked|dismissed|interaction is not allowed|user canceled/i.test(reason);
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : 'unknown';
}

/** Loaded at first use, and past bundlers: it is most often not there, and never in the packed app. */
async function loadKeytar(): Promise<Keytar> {
  const load: (name: string) => unknown = createRequire(import.meta.url);
  return moduleSchema.parse(load(moduleName)) as unknown as Keytar;
}
