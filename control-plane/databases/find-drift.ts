import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DriftFinding, SchemaVersion } from '@daam/shared/api/database-schema';
import type { PolicyVersion } from '@daam/shared/policy/merge';
import type { DatabaseSchema } from '@daam/shared/sql/database-schema';
import type { Database } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { KnownTables } from '../policies/known-tables.ts';
import { type Baseline, namesAnything, reachDrift, type Rule, ruleDrift, rulesOf } from './drift.ts';
import { schemaReport } from './schema-store.ts';
import { resolveAlone, type ResolvedPolicy } from './suggestions.ts';

export interface WrittenPolicy extends PolicyVersion {
  readonly writtenAt: number;
}

/** The policies in force, each with when it was written as it is. */
export async function policiesInForce(scope: Scope, database: string): Promise<readonly WrittenPolicy[]> {
  const rows = await query<
    { name: string; version: number; body: PolicyVersion['body']; created_at: Date | string }[]
  >(
    scope.em,
    `select p.name, v.version, v.document as body, v.created_at
       from policies p
       join policy_versions v on v.org_id = p.org_id and v.policy_id = p.id and v.version = p.current_version
      where p.org_id = ? and p.database_id = ? and p.removed_at is null order by p.position`,
    [scope.org, database],
  );
  return rows.map(({ created_at, ...policy }) => ({ ...policy, writtenAt: new Date(created_at).getTime() }));
}

/** What each policy gives alone: one after the other, with room for other requests in between. */
export async function resolvedPolicies(
  { name }: Database,
  { schema, catalog }: Pick<KnownTables, 'schema' | 'catalog'>,
  policies: readonly PolicyVersion[],
): Promise<readonly ResolvedPolicy[]> {
  const resolved: ResolvedPolicy[] = [];
  for (const policy of policies) {
    resolved.push(resolveAlone(policy, { database: name, schema, catalog }));
    await nextTurn();
  }
  return resolved;
}

/** What was reported of a database, and the policies in force on it. */
export interface ReportedWorld {
  readonly tables: Pick<KnownTables, 'schema' | 'catalog'>;
  readonly policies: readonly WrittenPolicy[];
  /** Newest first. */
  readonly versions: readonly SchemaVersion[];
}

/** All drift of a database's policies (drift.ts) against the newest schema and the older ones that are kept. */
export async function findDrift(
  scope: Scope,
  database: Database,
  { tables, policies, versions }: ReportedWorld,
): Promise<readonly DriftFinding[]> {
  const { schema } = tables;
  const history = new History(scope, database.id, versions);
  const lost = policies.flatMap(({ body }) => rulesOf(body)).filter((rule) => !namesAnything(rule, schema));
  const gone = await history.goneSince(lost);
  const findings = policies.flatMap((policy) =>
    ruleDrift(policy, schema, ({ pattern }) => gone.get(pattern) ?? null),
  );
  for (const resolved of await resolvedPolicies(database, tables, policies)) {
    const { writtenAt } = policies.find(({ name }) => name === resolved.policy.name) ?? { writtenAt: 0 };
    const baseline = await history.baseline(writtenAt);
    if (baseline !== null) findings.push(...reachDrift(resolved, schema, baseline));
  }
  return findings;
}

/** The versions that are kept, read when they are needed. */
class History {
  readonly #scope: Scope;
  readonly #database: string;
  /** Newest first. */
  readonly #versions: readonly SchemaVersion[];
  readonly #reports = new Map<number, DatabaseSchema | null>();

  constructor(scope: Scope, database: string, versions: readonly SchemaVersion[]) {
    this.#scope = scope;
    this.#database = database;
    this.#versions = versions;
  }

  /** By pattern: when the version came in which what the rule named was gone. Rules that never named anything are not in it. */
  async goneSince(rules: readonly Rule[]): Promise<ReadonlyMap<string, string>> {
    const since = new Map<string, string>();
    let open = rules;
    for (const [at, { version }] of this.#versions.entries()) {
      const later = this.#versions[at - 1];
      if (open.length === 0) break;
      const schema = later === undefined ? null : await this.#report(version);
      if (schema === null || later === undefined) continue;
      for (const rule of open) if (namesAnything(rule, schema)) since.set(rule.pattern, later.at);
      open = open.filter(({ pattern }) => !since.has(pattern));
    }
    return since;
  }

  /** What was known when a policy was written; of what is not kept any more, the oldest. Null: nothing came since. */
  async baseline(writtenAt: number): Promise<Baseline | null> {
    const known = this.#versions.findIndex(({ at }) => Date.parse(at) <= writtenAt);
    const at = known < 0 ? this.#versions.length - 1 : known;
    const [version, later] = [this.#versions[at], this.#versions[at - 1]];
    if (version === undefined || later === undefined) return null;
    const schema = await this.#report(version.version);
    return schema === null ? null : { schema, since: later.at };
  }

  async #report(version: number): Promise<DatabaseSchema | null> {
    const known = this.#reports.get(version);
    if (known !== undefined) return known;
    const report = await schemaReport(this.#scope, this.#database, version);
    this.#reports.set(version, report);
    return report;
  }
}
