import { canonicalJson } from '@daam/shared/base/canonical-json';
import { type AgentId, asId, type DatabaseId, type UserId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import type { OrgPublicKey } from '@daam/shared/identity/keys';
import type { RelyingParty } from '@daam/shared/identity/passkey-proof';
import type { BundleSubject, PolicyBundle } from '@daam/shared/policy/bundle';
import type { PolicyBody } from '@daam/shared/policy/document';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { policyFingerprint } from '@daam/shared/policy/fingerprint';
import { mergePolicies, type PolicyVersion } from '@daam/shared/policy/merge';
import { looksLikeTemplate } from '@daam/shared/policy/template';
import { type Database, DatabaseEntity } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { endorsersOf, withPasskeys } from './bundle-passkeys.ts';
import { openWindows } from '../requests/active-access.ts';
import { addWindows, type PersonWithPolicies, withWindowsAlone } from './temporary-access.ts';

export interface BundleRequest {
  readonly database: DatabaseId;
  readonly agent: AgentId;
  readonly orgKeys: readonly OrgPublicKey[];
  /** Where passkey ceremonies run; null: nowhere. */
  readonly relyingParty: RelyingParty | null;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/**
 * What an agent must know to decide alone, from one snapshot (`scope` must be one): every active user with
 * a policy or an open window of an access request, equal effective policies once, and the devices and users
 * whose certificates could still be running although they were revoked.
 */
export async function buildBundle(scope: Scope, request: BundleRequest): Promise<PolicyBundle> {
  const database = await scope.em.findOne(DatabaseEntity, { id: request.database, deletedAt: null });
  if (database === null) throw new AppError('NOT_FOUND');
  const versions = await loadVersions(scope, request.database);
  const windows = await openWindows(scope, request.database);
  const people = withWindowsAlone(await loadPeople(scope, request.database), windows);
  const standing = mergeForPeople(database.name, versions, people);
  const { policies, subjects } = addWindows(standing, { database: database.name, versions, people, windows });
  const endorsers = await endorsersOf(scope);
  return {
    org: scope.org,
    database: { id: request.database, name: database.name },
    agent: request.agent,
    epoch: database.epoch,
    issuedAt: Math.floor(request.now / 1000),
    orgKeys: request.orgKeys,
    policies,
    subjects: await withPasskeys(scope, subjects),
    revoked: await loadRevoked(scope, new Date(request.now)),
    settings: {
      elevation: database.elevation,
      ...(database.stepUpMinutes === null ? {} : { stepUpSeconds: database.stepUpMinutes * 60 }),
      // Left out where there is none: agents from before vouching know no such member.
      ...(database.vouched.length === 0 ? {} : { vouched: database.vouched }),
      ...(request.relyingParty === null ? {} : { relyingParty: request.relyingParty }),
      ...(endorsers.length === 0 ? {} : { endorsers }),
    },
  };
}

/** What one person may do in a database at this time: assigned policies, attributes and open windows. Null: nothing. */
export async function effectivePolicyOf(
  scope: Scope,
  database: Pick<Database, 'id' | 'name'>,
  { user, now }: { readonly user: string; readonly now: number },
): Promise<EffectivePolicy | null> {
  const versions = await loadVersions(scope, database.id);
  const windows = (await openWindows(scope, database.id)).filter((window) => window.user === user);
  const assigned = (await loadPeople(scope, database.id)).filter(({ id }) => id === user);
  const people = withWindowsAlone(assigned, windows);
  const standing = mergeForPeople(database.name, versions, people);
  const { policies, subjects } = addWindows(standing, { database: database.name, versions, people, windows });
  const [subject] = subjects;
  if (subject === undefined) return null;
  const open = subject.temporary?.find(({ until }) => until * 1000 > now);
  return policies[open?.policy ?? subject.policy] ?? null;
}

/** Merges once for each combination of policies (and attributes, where a policy asks for them). */
function mergeForPeople(
  database: string,
  versions: ReadonlyMap<string, PolicyVersion>,
  people: readonly PersonWithPolicies[],
): { policies: EffectivePolicy[]; subjects: BundleSubject[] } {
  const policies: EffectivePolicy[] = [];
  const byFingerprint = new Map<string, number>();
  const byCombination = new Map<string, number>();
  const templated = new Set([...versions].filter(([, { body }]) => hasTemplate(body)).map(([id]) => id));
  const indexOf = (person: PersonWithPolicies): number => {
    const effective = mergePolicies(
      database,
      person.policies.flatMap((id) => versions.get(id) ?? []),
      person.attributes,
    );
    const fingerprint = policyFingerprint(effective);
    const index = byFingerprint.get(fingerprint) ?? policies.push(effective) - 1;
    byFingerprint.set(fingerprint, index);
    return index;
  };
  const subjects = people.map((person) => {
    const usesAttributes = person.policies.some((id) => templated.has(id));
    const combination = canonicalJson([person.policies, usesAttributes ? person.attributes : null]);
    const policy = byCombination.get(combination) ?? indexOf(person);
    byCombination.set(combination, policy);
    return { user: asId<UserId>(person.id), email: person.email, policy };
  });
  return { policies, subjects };
}

/** Whether a policy asks for attributes of the person. */
export function hasTemplate(body: PolicyBody): boolean {
  const values = body.rowFilters.flatMap(({ where }) => where.flatMap(({ value }) => value ?? []));
  return values.some((value) => typeof value === 'string' && looksLikeTemplate(value));
}

async function loadVersions(scope: Scope, database: string): Promise<ReadonlyMap<string, PolicyVersion>> {
  const rows = await query<{ id: string; name: string; version: number; document: PolicyBody }[]>(
    scope.em,
    `select p.id, p.name, v.version, v.document
       from policies p
       join policy_versions v on v.org_id = p.org_id and v.policy_id = p.id and v.version = p.current_version
      where p.org_id = ? and p.database_id = ? and p.removed_at is null`,
    [scope.org, database],
  );
  return new Map(rows.map(({ id, name, version, document }) => [id, { name, version, body: document }]));
}

async function loadPeople(scope: Scope, database: string): Promise<readonly PersonWithPolicies[]> {
  return await query<PersonWithPolicies[]>(
    scope.em,
    `select u.id, u.email, u.attributes, json_agg(distinct p.id) as policies
       from policy_assignments a
       join policies p on p.org_id = a.org_id and p.id = a.policy_id and p.removed_at is null
       left join group_members g on g.org_id = a.org_id and g.group_id = a.group_id
       join users u on u.org_id = a.org_id and u.id = coalesce(a.user_id, g.user_id)
      where a.org_id = ? and p.database_id = ? and u.disabled_at is null
      group by u.id, u.email, u.attributes
      order by u.email`,
    [scope.org, database],
  );
}

async function loadRevoked(scope: Scope, now: Date): Promise<{ devices: string[]; users: string[] }> {
  const rows = await query<{ device: string; user_id: string; is_device: boolean; is_user: boolean }[]>(
    scope.em,
    `select d.id as device, d.user_id, d.revoked_at is not null as is_device,
            u.disabled_at is not null as is_user
       from devices d
       join users u on u.org_id = d.org_id and u.id = d.user_id
      where d.org_id = ? and d.certificate_expires_at > ?
        and (d.revoked_at is not null or u.disabled_at is not null)
      order by d.id`,
    [scope.org, now],
  );
  return {
    devices: rows.filter(({ is_device }) => is_device).map(({ device }) => device),
    users: [...new Set(rows.filter(({ is_user }) => is_user).map(({ user_id }) => user_id))],
  };
}
