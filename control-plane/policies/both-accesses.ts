import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import { compareAccess, type TableImpact } from '@daam/shared/sql/access-impact';
import type { KnownTables } from './known-tables.ts';

/** What somebody may do under two policies, and what differs between them. */
export interface BothAccesses {
  readonly before: ResolvedAccess;
  readonly after: ResolvedAccess;
  readonly impacts: readonly TableImpact[];
}

/** Both policies of somebody. People with equal policies have the same objects (policy-world.ts). */
export interface PolicyPair {
  readonly before: EffectivePolicy;
  readonly after: EffectivePolicy;
}

/** Resolves each policy once, and compares each pair once: that is what takes the time. */
export class AccessComparer {
  readonly #tables: KnownTables;
  readonly #resolved = new Map<EffectivePolicy, ResolvedAccess>();
  readonly #compared = new Map<string, BothAccesses>();
  readonly #numbers = new Map<EffectivePolicy, number>();

  constructor(tables: KnownTables) {
    this.#tables = tables;
  }

  /** Equal for people with the same two policies. */
  keyOf({ before, after }: PolicyPair): string {
    return `${this.#numberOf(before)} ${this.#numberOf(after)}`;
  }

  /** Null when both give the same. */
  compare(pair: PolicyPair): BothAccesses | null {
    if (pair.before === pair.after) return null;
    const key = this.keyOf(pair);
    const both = this.#compared.get(key) ?? this.#compareNew(pair);
    this.#compared.set(key, both);
    return both.before.fingerprint === both.after.fingerprint ? null : both;
  }

  #compareNew(pair: PolicyPair): BothAccesses {
    const [before, after] = [this.#resolve(pair.before), this.#resolve(pair.after)];
    return { before, after, impacts: compareAccess(before, after, this.#tables.catalog) };
  }

  #resolve(policy: EffectivePolicy): ResolvedAccess {
    const access = this.#resolved.get(policy) ?? this.#tables.resolve(policy);
    this.#resolved.set(policy, access);
    return access;
  }

  #numberOf(policy: EffectivePolicy): number {
    const number = this.#numbers.get(policy) ?? this.#numbers.size;
    this.#numbers.set(policy, number);
    return number;
  }
}
