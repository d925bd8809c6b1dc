import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { SessionNames, Verdict } from '@daam/shared/sql/verdict';
import { literalFreeKey } from './literal-free.ts';

/** What one effective policy allows in the database as it is now. Sessions with equal access share it. */
export interface AccessView {
  readonly catalog: Catalog;
  readonly access: ResolvedAccess;
  readonly gate: (sql: string, names: SessionNames) => Verdict;
  readonly cache: VerdictCache;
  /** False when no relation of this access is masked: diagnostics then pass as they are. */
  readonly hasMasks: boolean;
}

/** Longer texts are not worth the memory. */
const maxCachedText = 16 * 1024;

/**
 * Verdicts by text. Only sessions whose names are the default ones use it (nothing set, nothing temporary,
 * nothing prepared in SQL), so that a verdict depends on text, access and catalogue alone. Two generations
 * of a map bound it: the old half is dropped when the new one is full.
 */
export class VerdictCache {
  #young = new Map<string, Verdict>();
  #old = new Map<string, Verdict>();
  readonly #maxEntries: number;

  constructor({ maxEntries }: { readonly maxEntries: number }) {
    this.#maxEntries = maxEntries;
  }

  get(key: string): Verdict | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, verdict: Verdict): void {
    if (this.#young.size >= this.#maxEntries / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, verdict);
  }
}

/** The gate's verdict, from the cache where that cannot differ from asking. */
export function decide(
  view: AccessView,
  sql: string,
  names: SessionNames & { readonly isPlain: boolean },
): Verdict {
  if (!names.isPlain || sql.length > maxCachedText) return view.gate(sql, names);
  const tier = names.elevationAvailable ? 'e' : 'b';
  const exactKey = `${tier}=${sql}`;
  const exact = view.cache.get(exactKey);
  if (exact !== undefined) return exact;
  const stripped = literalFreeKey(sql);
  const strippedKey = stripped === null ? null : `${tier}~${stripped}`;
  const alike = strippedKey === null ? undefined : view.cache.get(strippedKey);
  if (alike?.kind === 'allow') return { ...alike, sql };
  const verdict = view.gate(sql, names);
  if (verdict.kind === 'allow' && verdict.literalIndependent && !verdict.rewritten && strippedKey !== null) {
    view.cache.set(strippedKey, verdict);
  } else {
    view.cache.set(exactKey, verdict);
  }
  return verdict;
}
