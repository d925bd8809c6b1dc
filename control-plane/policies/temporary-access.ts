import { asId, type UserId } from '@daam/shared/domain/ids';
import type { BundleSubject } from '@daam/shared/policy/bundle';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { policyFingerprint } from '@daam/shared/policy/fingerprint';
import { mergePolicies, type PolicyVersion } from '@daam/shared/policy/merge';
import type { UserAttributes } from '@daam/shared/policy/template';
import { withTemporaryAccess } from '@daam/shared/policy/temporary-access';
import { type OpenWindow, requestName } from '../requests/active-access.ts';

export interface PersonWithPolicies {
  readonly id: string;
  readonly email: string;
  readonly attributes: UserAttributes;
  /** Sorted. */
  readonly policies: readonly string[];
}

/** The people of a bundle: those with a policy, and those who have nothing but an open window. */
export function withWindowsAlone(
  people: readonly PersonWithPolicies[],
  windows: readonly OpenWindow[],
): readonly PersonWithPolicies[] {
  const known = new Set(people.map(({ id }) => id));
  const alone = new Map<string, PersonWithPolicies>();
  for (const { user, email, attributes } of windows) {
    if (!known.has(user)) alone.set(user, { id: user, email, attributes, policies: [] });
  }
  return [...people, ...[...alone.values()].sort((a, b) => (a.email < b.email ? -1 : 1))];
}

interface Merged {
  readonly policies: readonly EffectivePolicy[];
  readonly subjects: readonly BundleSubject[];
}

export interface WindowsOfBundle {
  readonly database: string;
  readonly versions: ReadonlyMap<string, PolicyVersion>;
  readonly people: readonly PersonWithPolicies[];
  readonly windows: readonly OpenWindow[];
}

/**
 * Adds to each subject what holds instead of their policy while windows are open, one entry for each end: until the
 * first one all of them hold, after it those that are left (policy/bundle.ts). A policy that was asked for merges like
 * one that is assigned.
 */
export function addWindows(
  standing: Merged,
  { database, versions, people, windows }: WindowsOfBundle,
): { policies: readonly EffectivePolicy[]; subjects: readonly BundleSubject[] } {
  if (windows.length === 0) return standing;
  const policies = [...standing.policies];
  const known = new Map(policies.map((policy, at) => [policyFingerprint(policy), at]));
  const indexOf = (policy: EffectivePolicy): number => {
    const fingerprint = policyFingerprint(policy);
    const at = known.get(fingerprint) ?? policies.push(policy) - 1;
    known.set(fingerprint, at);
    return at;
  };
  const byUser = Map.groupBy(windows, ({ user }) => asId<UserId>(user));
  const personOf = new Map(people.map((person) => [asId<UserId>(person.id), person]));
  const subjects = standing.subjects.map((subject) => {
    const own = byUser.get(subject.user) ?? [];
    const person = personOf.get(subject.user);
    if (own.length === 0 || person === undefined) return subject;
    const ends = [...new Set(own.map(({ until }) => until))];
    const temporary = ends.map((until) => {
      const open = own.filter((window) => window.until >= until);
      return { until, policy: indexOf(mergeOpen(database, { versions, person, open })) };
    });
    return { ...subject, temporary };
  });
  return { policies, subjects };
}

function mergeOpen(
  database: string,
  {
    versions,
    person,
    open,
  }: {
    readonly versions: ReadonlyMap<string, PolicyVersion>;
    readonly person: PersonWithPolicies;
    readonly open: readonly OpenWindow[];
  },
): EffectivePolicy {
  const ids = new Set([...person.policies, ...open.flatMap(({ policy }) => policy ?? [])]);
  const merged = mergePolicies(
    database,
    [...ids].flatMap((id) => versions.get(id) ?? []),
    person.attributes,
  );
  const grants = open.flatMap(({ access, request }) =>
    access === null ? [] : [{ origin: { policy: requestName(request), version: 1 }, access }],
  );
  return withTemporaryAccess(merged, grants);
}
