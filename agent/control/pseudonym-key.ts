import { Secret } from '@daam/shared/base/secret';
import {
  pseudonymKeyBytes,
  pseudonymKeyId,
  type PseudonymPads,
  pseudonymPads,
} from '@daam/shared/sql/pseudonym';
import { readPrivateFile, removePrivateFile, writePrivateFile } from './private-file.ts';

/** 32 bytes in base64url, and a line end. */
const maxFileBytes = 100;

/**
 * The organization's pseudonym key at the agent. It comes beside a bundle and counts only under the id that the
 * signed bundle names. For times without a control plane it rests in a file of its own (0600) beside the policy
 * cache, which holds no secret; without it pseudonyms show as redact does.
 */
export class PseudonymKeyHolder {
  readonly #path: string;
  #held: { readonly id: string; readonly text: string; readonly pads: Secret<PseudonymPads> } | null = null;
  /** What the file has; null: not known. */
  #stored: string | null = null;

  constructor({ path }: { readonly path: string }) {
    this.#path = path;
  }

  /** The pads under this id; null when another key is held or none. */
  pads(id: string | null): Secret<PseudonymPads> | null {
    return id !== null && this.#held?.id === id ? this.#held.pads : null;
  }

  /** Reads the file. Whatever is wrong with it is as if there were none. */
  async load(): Promise<void> {
    const text = await readPrivateFile(this.#path, maxFileBytes).catch(() => null);
    if (text === null) return;
    this.#hold(text.trim());
    this.#stored = this.#held?.text ?? null;
  }

  /** Takes a key that came with a bundle; one that is not 32 bytes under the id that the bundle names is ignored. */
  take(text: string, id: string): void {
    if (this.#held?.text === text) return;
    const before = this.#held;
    this.#hold(text);
    if (this.#held?.id !== id) this.#held = before;
  }

  /** Makes the held key durable. Throws what the file system says. */
  async save(): Promise<void> {
    const text = this.#held?.text ?? null;
    if (text === null || text === this.#stored) return;
    await writePrivateFile(this.#path, `${text}\n`);
    this.#stored = text;
  }

  /** Forgets the key, on the disk too: the agent was revoked. */
  async forget(): Promise<void> {
    this.#held = null;
    this.#stored = null;
    await removePrivateFile(this.#path);
  }

  #hold(text: string): void {
    const key = Buffer.from(text, 'base64url');
    if (key.length !== pseudonymKeyBytes) return;
    this.#held = { id: pseudonymKeyId(key), text, pads: new Secret(pseudonymPads(key)) };
  }
}
