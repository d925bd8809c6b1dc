/**
 * A password for the local ports, for machines that other people or programs share: off until the person switches it on.
 * The password itself is in the secret store; the file beside it has what proves it and does not tell it, which is what the
 * sidecar gets.
 */
import { randomBytes } from 'node:crypto';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { passwordKeys } from '@daam/shared/pgwire/scram-verifier';
import type { LocalPassword as SidecarPassword } from '@daam/shared/wireguard/forward-fields';
import * as z from 'zod';
import {
  readSecret,
  type SecretStore,
  type SecretStoreKind,
  secretNames,
  secretStoreKinds,
} from '../secret-store.ts';
import type { StateFolder } from '../state-folder.ts';

const file = 'local-password.json';

/** 160 bits: more rounds than PostgreSQL's own default would not make it harder to guess. */
const passwordBytes = 20;
const iterations = 4_096;

const base64 = z.string().max(64);
const stateSchema = z.strictObject({
  secretStore: z.enum(secretStoreKinds),
  verifier: z.strictObject({ salt: base64, iterations: z.int(), storedKey: base64, serverKey: base64 }),
});

export interface LocalPasswordOptions {
  readonly state: StateFolder;
  readonly store: (kind: SecretStoreKind) => SecretStore;
}

export class LocalPassword {
  readonly #options: LocalPasswordOptions;

  constructor(options: LocalPasswordOptions) {
    this.#options = options;
  }

  /** Makes a new one, which replaces any that there was. */
  async make(kind: SecretStoreKind): Promise<void> {
    const password = new Secret(randomBytes(passwordBytes).toString('base64url'));
    const salt = randomBytes(16);
    const { storedKey, serverKey } = passwordKeys(password, salt, iterations);
    await this.#options.store(kind).keep(secretNames.localPassword, password);
    const verifier: SidecarPassword = {
      salt: salt.toString('base64'),
      iterations,
      storedKey: storedKey.toString('base64'),
      serverKey: serverKey.toString('base64'),
    };
    await this.#options.state.write(file, { secretStore: kind, verifier });
  }

  async forget(): Promise<void> {
    const held = await this.#read().catch(() => null);
    await this.#options.state.remove(file);
    if (held !== null) await this.#options.store(held.secretStore).forget(secretNames.localPassword);
  }

  /** What the sidecar asks clients for; null while it is off. INVALID_CONFIG when that cannot be told: never open then. */
  async verifier(): Promise<SidecarPassword | null> {
    return (await this.#read())?.verifier ?? null;
  }

  /**
   * The password, for the person and for programs that are started for them; null while it is off. INVALID_CONFIG when it is
   * on and lost: whoever took that for off would believe a port that asks for none.
   */
  async reveal(): Promise<Secret | null> {
    const held = await this.#read();
    if (held === null) return null;
    const password = await readSecret(this.#options.store(held.secretStore), secretNames.localPassword);
    return password ?? fail('The password of the local ports is not in the secret store any more.');
  }

  async #read(): Promise<z.infer<typeof stateSchema> | null> {
    const text = await this.#options.state.readText(file);
    if (text === null) return null;
    const held = await this.#options.state.read(file, stateSchema);
    if (held !== null) return held;
    return fail('What is kept of the password of the local ports cannot be read.');
  }
}

function fail(message: string): never {
  throw new AppError('INVALID_CONFIG', {
    message,
    hint: 'Make a new one with "daam password on".',
    field: file,
  });
}

/** A stream of this process asks nobody for anything: it is for development. */
export function noPasswordHere(): AppError {
  return new AppError('INVALID_CONFIG', {
    field: 'transport',
    message: 'Local ports ask for a password only where they are the tunnel’s.',
    hint: 'Switch it off with "daam password off", or use the tunnel.',
  });
}
