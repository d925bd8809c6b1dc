import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PeopleImpact, TableChange } from '@daam/shared/api/policies';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import type { EffectiveLimits, EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { describeCondition } from '@daam/shared/policy/explain';
import { policyFingerprint } from '@daam/shared/policy/fingerprint';
import { formatPattern, matchesTable } from '@daam/shared/policy/pattern';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import { compareAccess, type TableImpact } from '@daam/shared/sql/access-impact';
import type { KnownTables } from './known-tables.ts';
import { plain } from './plain.ts';
import { personalPolicy, type PolicyWorld, type WorldPerson } from './policy-world.ts';

/** One person under both documents. */
export interface ComparedPerson {
  readonly person: WorldPerson;
  readonly before: EffectivePolicy;
  readonly after: EffectivePolicy;
}

/** Everybody under both documents. */
export function comparePeople(
  people: readonly WorldPerson[],
  { before, after }: { readonly before: PolicyWorld; readonly after: PolicyWorld },
): readonly ComparedPerson[] {
  return people.map((person) => ({
    person,
    before: personalPolicy(before, person).policy,
    after: personalPolicy(after, person).policy,
  }));
}

/** Ceilings of an answer. */
const limits = { changes: 200, people: 50, tables: 500, sentences: 100 } as const;

/** What changes for whom. People whose access changes alike are compared once; other requests get their turn between. */
export async function findPeopleImpact(
  people: readonly ComparedPerson[],
  tables: KnownTables,
): Promise<PeopleImpact> {
  const resolver = new Resolver(tables);
  const alike = Map.groupBy(people, ({ before, after }) =>
    canonicalJson([resolver.keyOf(before), resolver.keyOf(after), before.limits, after.limits]),
  );
  const groups: PeopleImpact['groups'] = [];
  let affected = 0;
  let isTruncated = false;
  for (const same of alike.values()) {
    const [first] = same;
    if (first === undefined) continue;
    await nextTurn();
    const changes = resolver.compare(first.before, first.after);
    const changed = limitChanges(first.before.limits, first.after.limits);
    if (changes.length === 0 && changed.length === 0) continue;
    affected += same.length;
    if (changes.length > limits.tables || groups.length >= limits.changes) isTruncated = true;
    if (groups.length >= limits.changes) continue;
    groups.push({
      people: same.slice(0, limits.people).map(({ person: { id, email } }) => ({ id, email })),
      count: same.length,
      tables: changes.slice(0, limits.tables).map((change) => showChange(change, first)),
      limits: changed,
    });
  }
  groups.sort((a, b) => b.count - a.count);
  return {
    basis: tables.at === null ? 'names' : 'schema',
    considered: people.length,
    affected,
    groups,
    summary: summarize(groups).slice(0, limits.sentences),
    truncated: isTruncated,
  };
}

/** Resolves each distinct policy once. */
class Resolver {
  readonly #tables: KnownTables;
  readonly #access = new Map<string, ResolvedAccess>();
  readonly #keys = new WeakMap<EffectivePolicy, string>();

  constructor(tables: KnownTables) {
    this.#tables = tables;
  }

  /** Equal for policies that give the same, whatever versions they come from. */
  keyOf(policy: EffectivePolicy): string {
    const known = this.#keys.get(policy);
    if (known !== undefined) return known;
    const key = this.of(policy).fingerprint;
    this.#keys.set(policy, key);
    return key;
  }

  of(policy: EffectivePolicy): ResolvedAccess {
    const fingerprint = policyFingerprint(policy);
    const access = this.#access.get(fingerprint) ?? this.#tables.resolve(policy);
    this.#access.set(fingerprint, access);
    return access;
  }

  compare(before: EffectivePolicy, after: EffectivePolicy): readonly TableImpact[] {
    return compareAccess(this.of(before), this.of(after), this.#tables.catalog);
  }
}

function showChange(
  { isFilterChanged, ...change }: TableImpact,
  { before, after }: ComparedPerson,
): TableChange {
  const filters = (policy: EffectivePolicy) =>
    policy.rowFilters
      .filter((filter) => matchesTable(filter, change))
      .map(({ where }) => where.map(describeCondition).join(' and '));
  return {
    ...plain(change),
    rowFilters: isFilterChanged ? { before: filters(before), after: filters(after) } : null,
  };
}

function limitChanges(
  before: EffectiveLimits,
  after: EffectiveLimits,
): PeopleImpact['groups'][number]['limits'] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof EffectiveLimits>;
  return [...names]
    .map((limit) => ({ limit, before: before[limit] ?? null, after: after[limit] ?? null }))
    .filter(({ before: was, after: is }) => was !== is);
}

/** One sentence for each thing that changes, most people first. */
function summarize(groups: PeopleImpact['groups']): string[] {
  const counts = new Map<string, number>();
  for (const { count, tables, limits: changed } of groups) {
    const sentences = [
      ...tables.flatMap(sentencesOf),
      ...changed.map(
        ({ limit, before, after }) => `have ${limit} ${after ?? 'none'} (was ${before ?? 'none'})`,
      ),
    ];
    for (const sentence of new Set(sentences)) counts.set(sentence, (counts.get(sentence) ?? 0) + count);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([sentence, count]) => (count === 1 ? `1 person: ${sentence}` : `${count} people: ${sentence}`));
}

function sentencesOf({ schema, table, gained, lost, columns, rowFilters }: TableChange): string[] {
  const title = formatPattern([schema, table]);
  return [
    ...(gained.length === 0 ? [] : [`gain ${gained.join(', ')} on ${title}`]),
    ...(lost.length === 0 ? [] : [`lose ${lost.join(', ')} on ${title}`]),
    // A table that comes or goes takes its columns along.
    ...(gained.includes('select') || lost.includes('select')
      ? []
      : columns.map(({ columns: names, after, afterMask, effect }) => {
          const verb = effect === 'loss' ? 'lose' : effect === 'gain' ? 'gain' : 'see otherwise';
          const as = {
            clear: 'as it is',
            masked: `masked as ${afterMask?.preset ?? ''}`,
            hidden: 'as NULL',
            none: 'not at all',
          }[after];
          return `${verb} ${names.join(', ')} of ${title} (now ${as})`;
        })),
    ...(rowFilters === null ? [] : [`see other rows of ${title}`]),
  ];
}
