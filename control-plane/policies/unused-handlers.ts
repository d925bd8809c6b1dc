import type { UnusedGrants } from '@daam/shared/api/routes/publications';
import type { PolicyDocument } from '@daam/shared/policy/document';
import { findDatabase } from '../databases/find-database.ts';
import type { Database } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import { searched } from '../db/row-security.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import { currentWorld, peopleOf, PersonalPolicies } from './policy-world.ts';
import { loadRevision } from './revision-store.ts';
import { type RecordedUse, unusedGrants } from './unused-grants.ts';

/** The newest so many statements are looked at. */
const maxStatements = 200_000;
const dayMs = 24 * 3_600_000;

/** Which grants nobody used, from recorded statements. */
export function unusedHandlers({ clock }: Services): Handlers<'listUnusedGrants'> {
  return {
    listUnusedGrants: async ({ scope, params, query: { days } }): Promise<UnusedGrants> => {
      const database = await findDatabase(scope, params.database);
      const from = new Date(clock.now() - days * dayMs);
      const { uses, considered, since } = await recordedUses(scope, database.id, from);
      const isTruncated = considered >= maxStatements;
      const world = await currentWorld(scope, database);
      const people = await peopleOf(scope, [world]);
      const personal = new PersonalPolicies(world);
      const policiesOf = new Map(
        people.map((person) => [person.id, new Set(personal.of(person).policies.map(({ name }) => name))]),
      );
      const holders = (policy: string): ReadonlySet<string> =>
        new Set([...policiesOf].filter(([, names]) => names.has(policy)).map(([id]) => id));
      // Where not all could be looked at, the time that was is shorter.
      const began = isTruncated && since !== null ? since : from;
      const earlier = await documentAt(scope, database, began);
      const found = await unusedGrants({ document: world.document, earlier, holders, uses });
      return {
        days,
        considered,
        isTruncated: isTruncated || found.isPartial,
        since: since === null ? null : since.toISOString(),
        items: found.items,
      };
    },
  };
}

/** Who did what with which table, each once. */
async function recordedUses(
  scope: Scope,
  database: string,
  from: Date,
): Promise<{ uses: RecordedUse[]; considered: number; since: Date | null }> {
  const values = [scope.org, database, from, maxStatements];
  const recent = `select user_id, touches, at from ${searched.view}
    where org_id = ? and database_id = ? and kind = 'statement' and decision = 'allow' and at >= ?
    order by at desc limit ?`;
  const rows = await query<{ user_id: string | null; touch: string }[]>(
    scope.em,
    `select distinct user_id, touch from (${recent}) r cross join lateral unnest(r.touches) touch`,
    values,
  );
  const [told] = await query<{ count: string | number; first: Date | string | null }[]>(
    scope.em,
    `select count(*) as count, min(at) as first from (${recent}) r`,
    values,
  );
  return {
    uses: rows.map(({ user_id: user, touch }) => ({ user, ...useOf(touch) })),
    considered: Number(told?.count ?? 0),
    since: told?.first === null || told?.first === undefined ? null : new Date(told.first),
  };
}

/** `operation schema.table` (audit/record-columns.ts). */
function useOf(touch: string): { readonly operation: string; readonly table: string } {
  const space = touch.indexOf(' ');
  return { operation: touch.slice(0, space), table: touch.slice(space + 1) };
}

/** The document that was in force then; the empty one before the first. */
async function documentAt(scope: Scope, database: Database, at: Date): Promise<PolicyDocument> {
  const [row] = await query<{ revision: number }[]>(
    scope.em,
    `select revision from policy_revisions where org_id = ? and database_id = ? and created_at <= ?
      order by revision desc limit 1`,
    [scope.org, database.id, at],
  );
  return (await loadRevision(scope, database, row?.revision ?? 0)).document;
}
