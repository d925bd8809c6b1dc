import type { AssignedBy } from '@daam/shared/api/policies';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import { type PolicyDocument, type PolicyEntry, policyBodyOf } from '@daam/shared/policy/document';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { mergePolicies, type PolicyVersion } from '@daam/shared/policy/merge';
import { withTemporaryAccess } from '@daam/shared/policy/temporary-access';
import type { Database } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { type OpenWindow, openWindows, requestName } from '../requests/active-access.ts';
import { hasTemplate } from './bundle.ts';
import { loadDocument } from './document-store.ts';

/**
 * Who has which policies under a document: the one in force, or one that somebody thinks of putting there. Both are
 * looked at the same way, so that they can be compared.
 */
export interface PolicyWorld {
  readonly database: Pick<Database, 'id' | 'name'>;
  readonly document: PolicyDocument;
  /** Each policy in the version that it has, or would get. */
  readonly versions: ReadonlyMap<string, PolicyVersion>;
  /** Names of policies by their id, for requests that ask for a policy. */
  readonly names: ReadonlyMap<string, string>;
  readonly windows: readonly OpenWindow[];
}

/** A person as policies see them. */
export interface WorldPerson {
  readonly id: string;
  readonly email: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Names. */
  readonly groups: readonly string[];
}

/** What a person has, and why. */
export interface PersonalPolicy {
  readonly policy: EffectivePolicy;
  readonly policies: readonly {
    readonly name: string;
    readonly version: number;
    readonly assignedBy: readonly AssignedBy[];
  }[];
}

/** The world of the document in force. */
export async function currentWorld(scope: Scope, database: Database): Promise<PolicyWorld> {
  const { policies, document } = await loadDocument(scope, database);
  const numbers = new Map(policies.map(({ name, currentVersion }) => [name, currentVersion]));
  return {
    database,
    document,
    versions: versionsOf(document, (entry) => numbers.get(entry.name) ?? 1),
    names: new Map(policies.map(({ id, name }) => [id, name])),
    windows: await openWindows(scope, database.id),
  };
}

/** The same world under another document: a policy that says something else counts as its next version. */
export function worldUnder(current: PolicyWorld, document: PolicyDocument): PolicyWorld {
  const versionOf = (entry: PolicyEntry): number => {
    const known = current.versions.get(entry.name);
    if (known === undefined) return 1;
    return canonicalJson(known.body) === canonicalJson(policyBodyOf(entry))
      ? known.version
      : known.version + 1;
  };
  return { ...current, document, versions: versionsOf(document, versionOf) };
}

function versionsOf(
  document: PolicyDocument,
  versionOf: (entry: PolicyEntry) => number,
): ReadonlyMap<string, PolicyVersion> {
  return new Map(
    document.policies.map((entry) => [
      entry.name,
      { name: entry.name, version: versionOf(entry), body: policyBodyOf(entry) },
    ]),
  );
}

/** Active people whom one of the documents names, by themselves or through a group, or who have an open window. */
export async function peopleOf(
  scope: Scope,
  worlds: readonly PolicyWorld[],
): Promise<readonly WorldPerson[]> {
  const entries = worlds.flatMap(({ document }) => document.policies);
  const emails = new Set(entries.flatMap(({ assign }) => assign.users.map((email) => email.toLowerCase())));
  const groups = new Set(entries.flatMap(({ assign }) => assign.groups));
  const windows = new Set(worlds.flatMap((world) => world.windows.map(({ user }) => user)));
  return await query<WorldPerson[]>(
    scope.em,
    `${people}
      where u.org_id = ? and u.disabled_at is null
        and (u.email = any(?::text[]) or u.id = any(?::uuid[]) or exists (
          select from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
           where m.org_id = u.org_id and m.user_id = u.id and g.name = any(?::text[])))
      order by u.email`,
    [scope.org, [...emails], [...windows], [...groups]],
  );
}

/** One person, whatever they have. */
export async function personOf(scope: Scope, user: string): Promise<WorldPerson | null> {
  const rows = await query<WorldPerson[]>(scope.em, `${people} where u.org_id = ? and u.id = ?`, [
    scope.org,
    user,
  ]);
  return rows[0] ?? null;
}

const people = `select u.id, u.email, u.attributes, array(
    select g.name from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
     where m.org_id = u.org_id and m.user_id = u.id order by g.name) as groups
  from users u`;

/** A member of a group and nothing else: what the group alone gives. */
export function memberOfGroup(group: string): WorldPerson {
  return { id: '', email: '', attributes: {}, groups: [group] };
}

/** What a person may do in a world, as their agent gets it while today's windows are open. */
export function personalPolicy(world: PolicyWorld, person: WorldPerson): PersonalPolicy {
  return new PersonalPolicies(world).of(person);
}

/** The same for many people: those with the same policies (and attributes, where a policy asks for them) share them. */
export class PersonalPolicies {
  readonly #world: PolicyWorld;
  readonly #merged = new Map<string, EffectivePolicy>();
  readonly #templated: ReadonlySet<string>;

  constructor(world: PolicyWorld) {
    this.#world = world;
    this.#templated = new Set(
      [...world.versions].filter(([, { body }]) => hasTemplate(body)).map(([name]) => name),
    );
  }

  /** Policies, and why the person has them. */
  of(person: WorldPerson): PersonalPolicy {
    const { versions } = this.#world;
    const windows = this.#world.windows.filter(({ user }) => user === person.id);
    const reasons = reasonsOf(this.#world, person, windows);
    const merged = this.#merge(
      [...reasons.keys()].filter((name) => versions.has(name)),
      person.attributes,
    );
    const grants = windows.flatMap(({ access, request }) =>
      access === null ? [] : [{ origin: { policy: requestName(request), version: 1 }, access }],
    );
    return {
      policy: grants.length === 0 ? merged : withTemporaryAccess(merged, grants),
      policies: [...reasons].flatMap(([name, assignedBy]) => {
        const version = versions.get(name)?.version;
        const isRequest = version === undefined && assignedBy.some(({ kind }) => kind === 'request');
        return version === undefined && !isRequest ? [] : [{ name, version: version ?? 1, assignedBy }];
      }),
    };
  }

  #merge(names: readonly string[], attributes: WorldPerson['attributes']): EffectivePolicy {
    const isPersonal = names.some((name) => this.#templated.has(name));
    const key = canonicalJson([names.toSorted(), isPersonal ? attributes : null]);
    const policies = names.flatMap((name) => this.#world.versions.get(name) ?? []);
    const merged = this.#merged.get(key) ?? mergePolicies(this.#world.database.name, policies, attributes);
    this.#merged.set(key, merged);
    return merged;
  }
}

/** Each policy and request that somebody has, with why. */
function reasonsOf(
  world: PolicyWorld,
  person: WorldPerson,
  windows: readonly OpenWindow[],
): ReadonlyMap<string, AssignedBy[]> {
  const reasons = new Map<string, AssignedBy[]>();
  const add = (name: string, reason: AssignedBy) => reasons.set(name, [...(reasons.get(name) ?? []), reason]);
  for (const { name, assign } of world.document.policies) {
    if (assign.users.some((email) => email.toLowerCase() === person.email)) add(name, { kind: 'user' });
    for (const group of assign.groups) {
      if (person.groups.includes(group)) add(name, { kind: 'group', group });
    }
  }
  for (const { policy, request, until } of windows) {
    const name = policy === null ? requestName(request) : world.names.get(policy);
    const end = new Date(until * 1000).toISOString();
    if (name !== undefined) add(name, { kind: 'request', request, until: end });
  }
  return reasons;
}
