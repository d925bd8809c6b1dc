import type { RequestContext } from '@daam/shared/api/routes/requests';
import { splitReason } from '@daam/shared/api/request-reason';
import { schemaOfNames } from '@daam/shared/sql/named-schema';
import { catalogOfSchema, resolveReported } from '@daam/shared/sql/schema-catalog';
import { compareAccess, type TableImpact } from '@daam/shared/sql/access-impact';
import { findDatabase } from '../databases/find-database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import type { KnownTables, ReportedTables } from '../policies/known-tables.ts';
import { currentWorld, personalPolicy, personOf } from '../policies/policy-world.ts';
import { type Decider, mayDecide } from './approvers.ts';
import { deciderOf, visible } from './deciders.ts';
import { showRequest } from './present.ts';
import { type AccessRequest, findRequest, findRequests } from './request-row.ts';
import { statementMarks } from './statement-marks.ts';

/** Tables whose change is told; the others are counted. */
const maxTables = 100;
const maxSimilar = 10;

/**
 * Everything around a request that a decision needs: who asks, what would change for them, what was asked before. For
 * approvers, auditors and administrators with the tables as an agent reported them; for its requester with the names
 * alone that they gave or have, so that a request is no way to try out names.
 */
export function requestContextHandlers(reported: ReportedTables): Handlers<'getRequestContext'> {
  return {
    getRequestContext: async ({ caller, scope, params }) => {
      const person = await deciderOf(scope, caller);
      const request = visible(await findRequest(scope, params.id), person);
      return {
        requester: await requesterOf(scope, request),
        ...(await rightsOf(scope, request, { person, reported })),
        similar: await similarOf(scope, request, person),
        // How rules are made is not for whoever only asks.
        routing: isReader(request, person) ? request.routing : null,
      };
    },
  };
}

async function requesterOf(scope: Scope, { requester }: AccessRequest): Promise<RequestContext['requester']> {
  const [row] = await query<RequestContext['requester'][]>(
    scope.em,
    `select array(select g.name from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
                   where m.org_id = u.org_id and m.user_id = u.id order by g.name) as groups,
            array(select d.name from devices d
                   where d.org_id = u.org_id and d.user_id = u.id and d.revoked_at is null order by d.name) as devices,
            (select to_char(max(c.auth_time) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
               from device_certificates c join devices d on d.org_id = c.org_id and d.id = c.device_id
              where d.org_id = u.org_id and d.user_id = u.id) as "lastSignInAt"
       from users u where u.org_id = ? and u.id = ?`,
    [scope.org, requester.id],
  );
  return row ?? { groups: [], devices: [], lastSignInAt: null };
}

type Rights = Pick<RequestContext, 'difference' | 'statement'>;

async function rightsOf(
  scope: Scope,
  request: AccessRequest,
  { person, reported }: { readonly person: Decider; readonly reported: ReportedTables },
): Promise<Rights> {
  const mayRead = isReader(request, person);
  const { statement: text } = splitReason(request.reason);
  const unknown: Rights = { difference: null, statement: text === '' ? null : { text, marks: [] } };
  const who = request.isOrphaned ? null : await personOf(scope, request.requester.id);
  // What a policy gives is not for whoever only asks for it.
  if (who === null || (!mayRead && request.granted.policy !== null)) return unknown;
  const world = await currentWorld(scope, await findDatabase(scope, request.database.id));
  const windows = world.windows.filter((window) => window.request !== request.id);
  const { id, email, attributes } = who;
  const { policy, access } = request.granted;
  const own = {
    request: request.id,
    user: id,
    email,
    attributes,
    policy: policy?.id ?? null,
    access,
    until: 0,
  };
  const before = personalPolicy({ ...world, windows }, who).policy;
  const after = personalPolicy({ ...world, windows: [...windows, own] }, who).policy;
  const tables = mayRead
    ? await reported.of(scope, request.database.id, [before, after])
    : namesAlone([before, after]);
  const resolved = { before: tables.resolve(before), after: tables.resolve(after), catalog: tables.catalog };
  const impacts = compareAccess(resolved.before, resolved.after, tables.catalog);
  return {
    difference: {
      tables: impacts.slice(0, maxTables).map(showImpact),
      more: Math.max(0, impacts.length - maxTables),
      isReported: tables.at !== null,
    },
    statement: text === '' ? null : { text, marks: [...statementMarks(text, resolved)] },
  };
}

function isReader(request: AccessRequest, person: Decider): boolean {
  return person.role !== 'member' || isApprover(request, person);
}

function isApprover({ requester, approvers }: AccessRequest, person: Decider): boolean {
  return mayDecide(person, { requester: requester.id, approvers });
}

function namesAlone(policies: Parameters<typeof schemaOfNames>[0]): KnownTables {
  const schema = schemaOfNames(policies);
  const catalog = catalogOfSchema(schema);
  return { at: null, schema, catalog, resolve: (policy) => resolveReported(policy, { schema, catalog }) };
}

function showImpact({ schema, table, gained, lost, columns, isFilterChanged }: TableImpact) {
  return {
    schema,
    table,
    gained: [...gained],
    lost: [...lost],
    isFilterChanged,
    columns: columns.map(({ columns: names, before, after, beforeMask, afterMask, effect }) => ({
      columns: [...names],
      before: { state: before, preset: beforeMask?.preset ?? null },
      after: { state: after, preset: afterMask?.preset ?? null },
      effect,
    })),
  };
}

/** What was asked for before on the same database by the same person, or for the same; the newest first. */
async function similarOf(scope: Scope, request: AccessRequest, person: Decider) {
  const { policy, access } = request.asked;
  const names = (access?.tables ?? []).map(({ table }) => table);
  const found = await findRequests(
    scope,
    `r.database_id = ? and r.id <> ? and r.created_at <= ?
       and (r.user_id = ? or r.policy_id = ? or exists (
             select from jsonb_array_elements(coalesce(r.access->'tables', '[]')) t
              where t->>'table' = any(?::text[])))
     order by r.created_at desc, r.id desc limit ?`,
    [
      request.database.id,
      request.id,
      new Date(request.createdAt),
      request.requester.id,
      policy?.id ?? null,
      names,
      maxSimilar * 3,
    ],
  );
  return found
    .filter((each) => isConcerned(each, person))
    .slice(0, maxSimilar)
    .map((each) => showRequest(each, person));
}

function isConcerned(request: AccessRequest, person: Decider): boolean {
  return request.requester.id === person.id || isReader(request, person);
}
