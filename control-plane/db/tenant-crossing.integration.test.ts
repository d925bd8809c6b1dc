import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import {
  browserOf,
  callRoute,
  contractOf,
  type Credential,
  fillPath,
  paramsOf,
  routeNames,
  type RouteAnswer,
  type RouteCall,
  securityOf,
} from '../testing/every-route.ts';
import {
  bodiesFor,
  idsOf,
  organizationWithEverything,
  queriesFor,
  rightParams,
} from '../testing/organization-with-everything.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';
import type { ContractName } from '../http/contracts.ts';
import { tenantFilter } from './tenant.ts';

/**
 * A second organization tries every route with the ids and names of the first: as administrator, as service account, as
 * agent and in a browser, with bodies that get past parsing. Nothing of the first may be shown, nothing of it may change.
 * Then the same with the ORM's filters switched off: row-level security alone. At last without that too, so that this
 * test is known to see what it looks for.
 */
let plane: TestControlPlane;
let superuser: Client;
let victim: Awaited<ReturnType<typeof organizationWithEverything>>;
let attackers: Awaited<ReturnType<typeof seedAttackers>>;
let ids: Record<string, string>;
let secrets: readonly string[];
let isFiltered = true;

const hour = 3_600_000;

beforeAll(async () => {
  const { cond } = tenantFilter.tenant;
  Object.assign(tenantFilter.tenant, {
    cond: (args: { org: string }) => (isFiltered ? cond(args) : {}),
  });
  const deps = { scheduleMs: hour, maintenanceMs: hour };
  plane = await startTestControlPlane({ deps, rateFactor: 1000 });
  superuser = new Client({ connectionString: plane.dsn });
  await superuser.connect();
  victim = await organizationWithEverything(plane, 'zebra');
  ids = await idsOf(superuser, victim.orgId);
  secrets = [...Object.values(ids), 'zebra'];
}, 120_000);

afterAll(async () => {
  Object.assign(tenantFilter.tenant, { cond: ({ org }: { org: string }) => ({ orgId: org }) });
  await superuser?.end();
  await plane?.[Symbol.asyncDispose]();
});

/** The second one, new for each round: what it did before is not to be in the way. */
async function seedAttackers(org: string) {
  const { admin, adminToken, orgId } = await bootstrapOrg(plane, org);
  const mine = await addUser(plane, admin, `own@${org.toLowerCase()}.example`);
  const agent = await addDatabase(plane, admin, 'own-shop');
  const scopes = [
    'databases:write',
    'people:write',
    'policies:write',
    'webhooks:write',
    'audit:read',
  ] as const;
  const service = await admin.createServiceAccount({
    body: { name: 'own', role: 'admin', scopes: [...scopes] },
  });
  const cookie = await browserOf(plane, `own@${org.toLowerCase()}.example`);
  await admin.updateUser({ params: { id: mine.id }, body: { role: 'admin' } });
  const as: Record<string, readonly Credential[]> = {
    person: [{ token: adminToken }, { token: service.token }],
    session: [{ cookie }],
    visitor: [{ cookie }],
    agent: [{ token: agent.credential }],
    none: [{}],
  };
  return { orgId, as };
}

const database = 'zebra-shop';

/** By the database's id and by its name. */
function callsOf(name: ContractName): readonly RouteCall[] {
  const { path } = contractOf(name);
  const byName = rightParams(path, { ids, database });
  const byId = rightParams(path, { ids, database: ids['databases'] ?? '' });
  const sets = paramsOf(path).includes('database') ? [byName, byId] : [byName];
  const known = name === 'putPolicies' ? [victim.document] : [];
  const queries = [{}, { database }, { confirm: database }, { user: ids['users'] ?? '' }];
  const bodies = [...known, ...bodiesFor(name, ids)];
  return sets.flatMap((params) =>
    [...(contractOf(name).query === undefined ? [] : queries), ...queriesFor(name, ids)].flatMap((query) =>
      bodies.map((body) => ({ params, query, body })),
    ),
  );
}

/** Everything that the organization has, as a fingerprint of each table. */
async function stateOf(org: string): Promise<readonly unknown[]> {
  const { rows } = await superuser.query<{ name: string; own: string }>(
    `select c.relname as name, case c.relname when 'organizations' then 'id' else 'org_id' end as own
       from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
        and not c.relispartition and c.relname <> 'schema_migrations' order by 1`,
  );
  const each = rows.map(
    ({ name, own }) =>
      `select '${name}' as name, count(*)::int as rows, md5(string_agg(t::text, '|' order by t::text)) as content
         from ${name} t where ${own} = '${org}'`,
  );
  return (await superuser.query(each.join(' union all '))).rows;
}

/** An organization's own log repeats what its people sent: these come first, and what was sent is no news there. */
const logs: readonly ContractName[] = ['listActivity', 'exportAudit'];

const inOrder = routeNames
  .filter((name) => contractOf(name).status !== 101)
  .toSorted((a, b) => Number(logs.includes(b)) - Number(logs.includes(a)));

interface Round {
  readonly calls: number;
  readonly parsed: number;
  readonly crossings: readonly string[];
}

/** Tries every route; a crossing is an answer that shows something, or a success with an id that is not one's own. */
async function attack(names: readonly ContractName[], most = Infinity): Promise<Round> {
  const crossings: string[] = [];
  let [calls, parsed, told] = [0, 0, ''];
  for (const name of names) {
    for (const credential of attackers.as[securityOf(name)[1]] ?? []) {
      for (const call of callsOf(name).slice(0, most)) {
        const sent = `${fillPath(contractOf(name).path, call.params ?? {})} ${JSON.stringify([call.query, call.body])}`;
        told += sent;
        const answer = await callRoute(plane, name, credential, call).catch(() => null);
        calls += 1;
        if (answer?.error?.code !== 'INVALID_INPUT') parsed += 1;
        const fault = faultOf(name, answer, logs.includes(name) ? told : sent);
        if (fault !== null) crossings.push(`${name} ${fault}`);
      }
    }
  }
  return { calls, parsed, crossings: [...new Set(crossings)] };
}

/** What is wrong with an answer to somebody of another organization; null for nothing. */
function faultOf(name: ContractName, answer: RouteAnswer | null, known: string): string | null {
  if (answer === null || answer.status === 500) return 'fails';
  const shown = secrets.filter((secret) => answer.text.includes(secret) && !known.includes(secret));
  if (shown.length > 0) return `shows ${shown.join(', ')}`;
  const isOthers = paramsOf(contractOf(name).path).some((param) => param === 'id' || param === 'database');
  return isOthers && answer.status < 300 ? `answers ${answer.status}` : null;
}

describe('a second organization that tries every route with the first one’s ids', () => {
  it.each([
    ['finds no crossing', true],
    ['finds none with the ORM’s filters switched off either: row-level security alone holds', false],
  ])('%s', { timeout: 180_000 }, async (_, filtered) => {
    attackers = await seedAttackers(filtered ? 'Lion' : 'Tiger');
    isFiltered = filtered;
    const before = await stateOf(victim.orgId);
    const { calls, parsed, crossings } = await attack(inOrder, filtered ? 4 : Infinity);
    isFiltered = true;
    process.stdout.write(`${calls} calls, ${parsed} past parsing, ${crossings.length} crossings\n`);
    expect(crossings).toEqual([]);
    expect(await stateOf(victim.orgId)).toEqual(before);
    expect(parsed).toBeGreaterThan(calls / 2);
  });

  it('would be seen, if neither filters nor row-level security were there', {
    timeout: 180_000,
  }, async () => {
    attackers = await seedAttackers('Hyena');
    const { rows } = await superuser.query<{ name: string }>(
      `select relname as name from pg_class where relrowsecurity and relnamespace = current_schema()::regnamespace`,
    );
    for (const { name } of rows) await superuser.query(`alter table ${name} disable row level security`);
    isFiltered = false;
    const before = await stateOf(victim.orgId);
    const { crossings } = await attack(
      inOrder.filter((name) => contractOf(name).method !== 'POST'),
      4,
    );
    expect(crossings.length).toBeGreaterThan(5);
    expect(await stateOf(victim.orgId)).not.toEqual(before);
  });
});
