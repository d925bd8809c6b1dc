import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { SessionNames, Verdict } from '@daam/shared/sql/verdict';
import { literalFree } from './literal-free.ts';
import { fillTemplate, makeTemplate, type VerdictTemplate } from './verdict-template.ts';

/** What one effective policy allows in the database as it is now. Sessions with equal access share it. */
export interface AccessView {
  readonly catalog: Catalog;
  readonly access: ResolvedAccess;
  readonly gate: (sql: string, names: SessionNames) => Verdict;
  readonly cache: VerdictCache;
  /** Verdicts for texts that differ only in literals, under the text without them. */
  readonly templates: VerdictCache<VerdictTemplate | typeof notAlike>;
  /** False when no relation of this access is masked: diagnostics then pass as they are. */
  readonly hasMasks: boolean;
  /** The proof alone sets it, to see what the other layers stop without the result assertion (L5). */
  readonly skipsResultAssertion?: true;
}

/** Makes another view of the agent's own: how the proof takes single layers away. */
export type AdjustView = (view: AccessView) => AccessView;

/** The verdict depends on a literal: each text is asked for itself. */
export const notAlike = Symbol('not alike');

/** Longer texts are not worth the memory. */
const maxCachedText = 16 * 1024;

/**
 * Verdicts by text. Only sessions whose names are the default ones use it (nothing set, nothing temporary,
 * nothing prepared in SQL), so that a verdict depends on text, access and catalogue alone. Two generations
 * of a map bound it: the old half is dropped when the new one is full.
 */
export class VerdictCache<Value = Verdict> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  readonly #maxEntries: number;

  constructor({ maxEntries }: { readonly maxEntries: number }) {
    this.#maxEntries = maxEntries;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#maxEntries / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
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
  const free = literalFree(sql);
  if (free === null || free.literals.length === 0) return decideAnew(view, { sql, names, key: exactKey });
  const alikeKey = `${tier}~${free.key}`;
  const alike = view.templates.get(alikeKey);
  if (alike !== undefined) {
    return alike === notAlike
      ? decideAnew(view, { sql, names, key: exactKey })
      : fillTemplate(alike, sql, free);
  }
  const verdict = view.gate(sql, names);
  const template = makeTemplate({ sql, free, verdict, gate: (text) => view.gate(text, names) });
  view.templates.set(alikeKey, template ?? notAlike);
  return verdict;
}

function decideAnew(
  view: AccessView,
  asked: { readonly sql: string; readonly names: SessionNames; readonly key: string },
): Verdict {
  const verdict = view.gate(asked.sql, asked.names);
  view.cache.set(asked.key, verdict);
  return verdict;
}
