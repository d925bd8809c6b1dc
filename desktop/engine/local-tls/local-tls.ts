/**
 * TLS on the local ports, for clients that insist on it (sslmode=require and stricter). It is off until the person switches
 * it on; nothing is ever added to what the system trusts. Private keys are in the secret store.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@daam/shared/base/clock';
import { Secret } from '@daam/shared/base/secret';
import type { LocalTls as SidecarTls } from '@daam/shared/wireguard/forward-fields';
import * as z from 'zod';
import {
  readSecret,
  type SecretStore,
  type SecretStoreKind,
  secretNames,
  secretStoreKinds,
} from '../secret-store.ts';
import type { StateFolder } from '../state-folder.ts';

const stateFile = 'state.json';
const caFile = 'ca.pem';

const stateSchema = z.strictObject({
  secretStore: z.enum(secretStoreKinds),
  ca: z.string().max(16_000),
  leaf: z.string().max(16_000),
  /** Milliseconds since the Unix epoch. */
  leafExpiresAt: z.number(),
});
type TlsState = z.infer<typeof stateSchema>;

/** What a person needs to use it. */
export interface LocalTlsView {
  readonly isOn: boolean;
  /** Path of the authority's certificate (PEM): what `sslrootcert` is set to. Null while it is off. */
  readonly caFile: string | null;
}

export interface LocalTlsOptions {
  readonly state: StateFolder;
  readonly clock: Clock;
  readonly store: (kind: SecretStoreKind) => SecretStore;
}

export class LocalTls {
  readonly #options: LocalTlsOptions;

  constructor(options: LocalTlsOptions) {
    this.#options = options;
  }

  async view(): Promise<LocalTlsView> {
    const folder = await this.#folder();
    const isOn = (await folder.read(stateFile, stateSchema)) !== null;
    return { isOn, caFile: isOn ? join(folder.path, caFile) : null };
  }

  /** Makes authority and certificate, unless they are there. */
  async switchOn(kind: SecretStoreKind): Promise<void> {
    const folder = await this.#folder();
    if ((await folder.read(stateFile, stateSchema)) !== null) return;
    // The library of certificates is large: it is loaded where TLS is on.
    const { lifetimes, makeAuthority, makeLeaf } = await import('./issue.ts');
    const now = this.#options.clock.now();
    const ca = await makeAuthority(hostname(), now);
    const leaf = await makeLeaf(ca, now);
    const store = this.#options.store(kind);
    await store.keep(secretNames.tlsCaKey, new Secret(ca.key));
    await store.keep(secretNames.tlsLeafKey, new Secret(leaf.key));
    await folder.writeText(caFile, ca.certificate);
    await this.#write({
      secretStore: kind,
      ca: ca.certificate,
      leaf: leaf.certificate,
      leafExpiresAt: now + lifetimes.leaf,
    });
  }

  /** Forgets both, and their keys: whoever trusts the authority trusts nothing any more. */
  async switchOff(): Promise<void> {
    const folder = await this.#folder();
    const state = await folder.read(stateFile, stateSchema);
    await folder.remove(stateFile);
    await folder.remove(caFile);
    if (state === null) return;
    const store = this.#options.store(state.secretStore);
    await store.forget(secretNames.tlsCaKey);
    await store.forget(secretNames.tlsLeafKey);
  }

  /** What the sidecar ends TLS with; null while it is off. A certificate near its end is made anew. */
  async material(): Promise<SidecarTls | null> {
    const folder = await this.#folder();
    const held = await folder.read(stateFile, stateSchema);
    if (held === null) return null;
    const store = this.#options.store(held.secretStore);
    const state = await this.#renewed(held, store);
    const key = await readSecret(store, secretNames.tlsLeafKey);
    if (key === null) return null;
    return { certificate: `${state.leaf.trimEnd()}\n${state.ca.trimEnd()}\n`, key: key.reveal() };
  }

  async #renewed(state: TlsState, store: SecretStore): Promise<TlsState> {
    const { lifetimes, makeLeaf } = await import('./issue.ts');
    const now = this.#options.clock.now();
    if (now < state.leafExpiresAt - lifetimes.renewBefore) return state;
    const caKey = await readSecret(store, secretNames.tlsCaKey);
    if (caKey === null) return state;
    const leaf = await makeLeaf({ certificate: state.ca, key: caKey.reveal() }, now);
    await store.keep(secretNames.tlsLeafKey, new Secret(leaf.key));
    return await this.#write({ ...state, leaf: leaf.certificate, leafExpiresAt: now + lifetimes.leaf });
  }

  async #write(state: TlsState): Promise<TlsState> {
    await (await this.#folder()).write(stateFile, state);
    return state;
  }

  #folder(): Promise<StateFolder> {
    return this.#options.state.folder('tls');
  }
}
