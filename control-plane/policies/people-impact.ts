import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PeopleImpact, TableChange } from '@daam/shared/api/policies';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import type { EffectiveLimits, EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { describeCondition } from '@daam/shared/policy/explain';
import { policyFingerprint } from '@daam/shared/policy/fingerprint';
import { formatPattern, matchesTable } from '@daam/shared/policy/pattern';
import type { TableImpact } from '@daam/shared/sql/access-impact';
import type { AccessComparer } from './both-accesses.ts';
import { plain } from './plain.ts';
import { PersonalPolicies, type PolicyWorld, type WorldPerson } from './policy-world.ts';

/** One person under both documents. */
export interface ComparedPerson {
  readonly person: WorldPerson;
  readonly before: EffectivePolicy;
  readonly after: EffectivePolicy;
}

/** Everybody under both documents. A policy that both give alike is one object. */
export function comparePeople(
  people: readonly WorldPerson[],
  { before, after }: { readonly before: PolicyWorld; readonly after: PolicyWorld },
): readonly ComparedPerson[] {
  const [was, is] = [new PersonalPolicies(before), new PersonalPolicies(after)];
  const alike = new Map<string, EffectivePolicy>();
  const one = (policy: EffectivePolicy): EffectivePolicy => {
    const known = fingerprints.get(policy) ?? policyFingerprint(policy);
    fingerprints.set(policy, known);
    const first = alike.get(known) ?? policy;
    alike.set(known, first);
    return first;
  };
  const fingerprints = new Map<EffectivePolicy, string>();
  return people.map((person) => ({
    person,
    before: one(was.of(person).policy),
    after: one(is.of(person).policy),
  }));
}

/** Ceilings of an answer. */
const limits = { changes: 200, people: 50, tables: 500, sentences: 100 } as const;

export interface ImpactAsked {
  readonly people: readonly ComparedPerson[];
  readonly comparer: AccessComparer;
  /** Whether an agent reported the tables. */
  readonly isReported: boolean;
  /** Milliseconds that it may take; what is left then is left out, and said to be. */
  readonly deadlineMs: number;
}

type Group = PeopleImpact['groups'][number];

/** What changes for whom. Equal policies are compared once; other requests get their turn between. */
export async function findPeopleImpact(asked: ImpactAsked): Promise<PeopleImpact> {
  const { people, comparer } = asked;
  const until = performance.now() + asked.deadlineMs;
  const groups = new Map<string, Group>();
  let isTruncated = false;
  for (const same of Map.groupBy(people, (pair) => comparer.keyOf(pair)).values()) {
    const [first] = same;
    if (first === undefined) continue;
    await nextTurn();
    if (performance.now() > until) {
      isTruncated = true;
      break;
    }
    const impacts = comparer.compare(first)?.impacts ?? [];
    if (impacts.length > limits.tables) isTruncated = true;
    const tables = impacts.slice(0, limits.tables).map((impact) => showChange(impact, first));
    const changed = limitChanges(first.before.limits, first.after.limits);
    if (tables.length === 0 && changed.length === 0) continue;
    const key = canonicalJson([tables, changed]);
    const group = groups.get(key) ?? { people: [], count: 0, tables, limits: changed };
    group.count += same.length;
    group.people.push(...same.map(({ person: { id, email } }) => ({ id, email })));
    group.people = group.people.slice(0, limits.people);
    groups.set(key, group);
  }
  const all = [...groups.values()].toSorted((a, b) => b.count - a.count);
  return {
    basis: asked.isReported ? 'schema' : 'names',
    considered: people.length,
    affected: all.reduce((sum, { count }) => sum + count, 0),
    groups: all.slice(0, limits.changes),
    summary: summarize(all).slice(0, limits.sentences),
    truncated: isTruncated || all.length > limits.changes,
  };
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
