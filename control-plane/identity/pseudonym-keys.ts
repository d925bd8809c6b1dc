import { randomBytes } from 'node:crypto';
import { Secret } from '@daam/shared/base/secret';
import type { OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { pseudonymKeyBytes, pseudonymKeyId } from '@daam/shared/sql/pseudonym';
import { query } from '../db/query.ts';
import { scopeTo } from '../db/scope.ts';
import type { Store } from '../db/store.ts';
import { type MasterKey, seal, unseal } from './sealed-box.ts';

/** An organization's pseudonym key. */
export interface PseudonymKey {
  readonly id: string;
  readonly key: Secret<Uint8Array>;
}

/** Opened keys that are kept, at most. */
const maxOpenKeys = 1000;

/**
 * The organizations' pseudonym keys: one each, made here when an agent first needs it, sealed in the database
 * with the master key, and sent to the organization's agents beside the bundle that names it. It is never
 * replaced: another key would give every value another pseudonym.
 */
export class PseudonymKeys {
  readonly #master: MasterKey;
  readonly #store: Store;
  readonly #open = new Map<OrgId, PseudonymKey>();

  constructor({ master, store }: { readonly master: MasterKey; readonly store: Store }) {
    this.#master = master;
    this.#store = store;
  }

  /** The organization's key. Throws INVALID_CONFIG when the master key is not the one it was sealed with. */
  async of(org: OrgId, now: number): Promise<PseudonymKey> {
    const known = this.#open.get(org);
    if (known !== undefined) return known;
    const sealed = (await this.#read(org)) ?? (await this.#make(org, now));
    const key = new Secret(unseal(this.#master, pseudonymKeyContext(org), sealed));
    const opened = { id: pseudonymKeyId(key.reveal()), key };
    if (this.#open.size >= maxOpenKeys) this.#open.clear();
    this.#open.set(org, opened);
    return opened;
  }

  async #read(org: OrgId): Promise<string | null> {
    const { em } = scopeTo(this.#store.em(), org);
    const rows = await query<{ sealed: string }[]>(em, 'select sealed from pseudonym_keys where org_id = ?', [
      org,
    ]);
    return rows[0]?.sealed ?? null;
  }

  /** Two replicas may make one at once: the first stays. */
  async #make(org: OrgId, now: number): Promise<string> {
    const { em } = scopeTo(this.#store.em(), org);
    const sealed = seal(this.#master, pseudonymKeyContext(org), randomBytes(pseudonymKeyBytes));
    await query(
      em,
      `insert into pseudonym_keys (org_id, sealed, master_key_id, created_at) values (?, ?, ?, ?)
         on conflict (org_id) do nothing`,
      [org, sealed, this.#master.id, new Date(now)],
    );
    const made = await this.#read(org);
    if (made === null) throw new AppError('INTERNAL', { detail: 'the pseudonym key was not stored' });
    return made;
  }
}

/** Binds the sealed key to its organization. */
export function pseudonymKeyContext(org: string): string {
  return `daam pseudonym key v1 ${org}`;
}
