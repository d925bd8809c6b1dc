import { createHash } from 'node:crypto';
import type { DatabaseSchema } from '@daam/shared/sql/database-schema';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeedClient } from '../testing/feed-client.ts';
import {
  customers,
  hashOfSchema,
  orders,
  payments,
  reportedSchema,
  reportedTable,
} from '../testing/reported-schema.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

let now = Date.now();
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now } } });
  org = await bootstrapOrg(plane, 'Schemas');
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

const document = (database: string, users: string[]) => ({
  database,
  policies: [
    {
      name: 'reader',
      grants: [
        { table: 'public.customers', operations: ['select' as const] },
        { table: 'public.o*', operations: ['select' as const, 'update' as const] },
      ],
      masks: [{ column: 'public.customers.email', preset: 'email' as const }],
      assign: { users },
    },
  ],
});

const refusal = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'none',
    (thrown: unknown) => (thrown as { code?: string }).code ?? '',
  );

describe('a reported schema', () => {
  it('is asked for when its hash is new, kept once, and confirmed when it comes again', async () => {
    const registered = await addDatabase(plane, org.admin, 'kept');
    await using feed = await FeedClient.open(plane.controlPlane.port, registered.credential);
    feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can: ['schema'] });
    await feed.nextBundle();
    const params = { database: 'kept' };
    expect(await org.admin.getSchema({ params })).toMatchObject({ versions: [], received: null });
    const schema = reportedSchema([customers, orders]);
    const hash = hashOfSchema(schema);
    feed.say({ type: 'schema', hash });
    for (;;) {
      const message = await feed.next();
      if (message.type !== 'schema-wanted') continue;
      expect(message.hash).toBe(hash);
      break;
    }
    expect(await registered.client.putAgentSchema({ body: schema })).toEqual({ version: 1, isNew: true });
    now += 60_000;
    expect(await registered.client.putAgentSchema({ body: schema })).toEqual({ version: 1, isNew: false });
    const { received, versions } = await org.admin.getSchema({ params });
    expect(versions).toHaveLength(1);
    expect(received?.version).toMatchObject({ version: 1, hash, tables: 2, agent: registered.agentId });
    expect(Date.parse(received?.version.confirmedAt ?? '') - Date.parse(received?.version.at ?? '')).toBe(
      60_000,
    );
    expect(received?.tables.map(({ name }) => name)).toEqual(['customers', 'orders']);
    expect(received?.tables[0]).toMatchObject({ comment: 'Who buys', primaryKey: ['id'] });
    expect(received?.tables[1]?.foreignKeys).toEqual([
      { columns: ['customer'], references: { schema: 'public', name: 'customers', columns: ['id'] } },
    ]);
    expect((await org.admin.listDatabases()).items.find(({ name }) => name === 'kept')?.schema).toMatchObject(
      {
        version: 1,
        tables: 2,
      },
    );
  });

  it('has versions with what each of them changed, of which the last are kept', async () => {
    const { client } = await addDatabase(plane, org.admin, 'changing');
    const params = { database: 'changing' };
    await client.putAgentSchema({ body: reportedSchema([customers, orders]) });
    const later = { ...orders, columns: orders.columns.map((c) => ({ ...c, type: 'pg_catalog.int8' })) };
    await client.putAgentSchema({ body: reportedSchema([later, payments]) });
    const { received } = await org.admin.getSchema({ params });
    expect(received?.changes).toEqual(
      expect.arrayContaining([
        { kind: 'table-removed', object: 'public.customers', before: null, after: null },
        { kind: 'table-added', object: 'public.payments', before: null, after: null },
        { kind: 'type-changed', object: 'public.orders.id', before: 'text', after: 'bigint' },
      ]),
    );
    const first = await org.admin.getSchema({ params, query: { version: 1 } });
    expect(first.received?.tables.map(({ name }) => name)).toEqual(['customers', 'orders']);
    for (let round = 0; round < 21; round += 1) {
      await client.putAgentSchema({
        body: reportedSchema([reportedTable(30_000 + round, `t${round}`, ['id'])]),
      });
    }
    const { versions } = await org.admin.getSchema({ params });
    expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, at) => 23 - at));
    expect(await refusal(org.admin.getSchema({ params, query: { version: 1 } }))).toBe('NOT_FOUND');
  });

  it('is refused when it is none, and belongs to the agent’s own database alone', async () => {
    const { client } = await addDatabase(plane, org.admin, 'refused');
    const good = reportedSchema([customers]);
    for (const body of [{ ...good, tables: [{ ...customers, oid: 0 }] }, { ...good, scope: ['x'] }, {}, []]) {
      expect(await refusal(client.putAgentSchema({ body: body as DatabaseSchema }))).toBe('INVALID_INPUT');
    }
    const nul = { ...good, tables: [{ ...customers, comment: 'a\u0000b' }] };
    expect(await refusal(client.putAgentSchema({ body: nul }))).toBe('INVALID_INPUT');
    expect(await refusal(org.admin.putAgentSchema({ body: good }))).toBe('UNAUTHENTICATED');
    expect((await org.admin.getSchema({ params: { database: 'refused' } })).versions).toEqual([]);
  });

  it('goes with its database, and another organization does not see it', async () => {
    const { client, database } = await addDatabase(plane, org.admin, 'leaving');
    await client.putAgentSchema({ body: reportedSchema([customers]) });
    const other = await bootstrapOrg(plane, 'Strangers');
    const params = { database: database.id };
    for (const call of [
      () => other.admin.getSchema({ params }),
      () => other.admin.getDrift({ params }),
      () => other.admin.listMaskSuggestions({ params }),
      () => other.admin.getMySchema({ params }),
      () => other.admin.refreshSchema({ params }),
    ]) {
      expect(await refusal(call())).toBe('NOT_FOUND');
    }
    await org.admin.deleteDatabase({ params, query: { confirm: 'leaving' } });
    expect(await refusal(client.putAgentSchema({ body: reportedSchema([orders]) }))).toBe('REVOKED');
  });

  it('is read anew when an administrator asks, where an agent is there that can', async () => {
    const registered = await addDatabase(plane, org.admin, 'asked');
    const params = { database: 'asked' };
    expect(await refusal(org.admin.refreshSchema({ params }))).toBe('AGENT_UNAVAILABLE');
    await using feed = await FeedClient.open(plane.controlPlane.port, registered.credential);
    feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can: ['schema'] });
    await feed.nextBundle();
    const auditor = await addUser(plane, org.admin, 'auditor@schemas.example', 'auditor');
    expect(await refusal(auditor.client.refreshSchema({ params }))).toBe('FORBIDDEN');
    expect(await refusal(auditor.client.getSchema({ params }))).toBe('none');
    await org.admin.refreshSchema({ params });
    for (;;) if ((await feed.next()).type === 'introspect') break;
  });
});

describe('what agents say of schemas and of themselves', () => {
  const connect = async (name: string) => {
    const registered = await addDatabase(plane, org.admin, name);
    const feed = await FeedClient.open(plane.controlPlane.port, registered.credential);
    feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can: ['schema'] });
    await feed.nextBundle();
    return feed;
  };

  it.each([
    ['short', { type: 'schema', hash: 'a' }],
    ['upper', { type: 'schema', hash: 'A'.repeat(64) }],
    ['strange', { type: 'state', state: 'fine' }],
    ['trouble', { type: 'state', state: 'degraded', troubles: ['<script>'] }],
    ['negative', { type: 'state', state: 'healthy', sessions: -1 }],
    ['long', { type: 'state', state: 'healthy', serverVersion: 'x'.repeat(201) }],
  ])('closes the feed where it is none (%s)', async (name, message) => {
    const feed = await connect(`bad-${name}`);
    feed.say(message);
    expect(await feed.closed).toBe(4002);
  });

  it('closes the feed of one that tells too much', async () => {
    const feed = await connect('talkative');
    for (let sent = 0; sent < 61; sent += 1) {
      feed.say({ type: 'schema', hash: createHash('sha256').update(String(sent)).digest('hex') });
    }
    expect(await feed.closed).toBe(4002);
  });
});

describe('my schema', () => {
  it('shows the tables and columns that I may use, with masks, and none of the others', async () => {
    const { client } = await addDatabase(plane, org.admin, 'mine');
    const mina = await addUser(plane, org.admin, 'mina@schemas.example');
    const stranger = await addUser(plane, org.admin, 'stranger@schemas.example');
    const params = { database: 'mine' };
    expect(await refusal(mina.client.getMySchema({ params }))).toBe('NOT_FOUND');
    await org.admin.putPolicies({ params, body: document('mine', ['mina@schemas.example']) });
    expect(await mina.client.getMySchema({ params })).toMatchObject({ isKnown: false, tables: [] });
    await client.putAgentSchema({ body: reportedSchema([customers, orders, payments]) });
    const { tables, searchPath } = await mina.client.getMySchema({ params });
    expect(searchPath).toEqual(['public']);
    expect(tables.map(({ name, operations }) => [name, operations])).toEqual([
      ['customers', ['select']],
      ['orders', ['select', 'update']],
    ]);
    const [, email, phone] = tables[0]?.columns ?? [];
    expect(email?.mask).toEqual({ preset: 'email', match: 'equality', policy: 'reader' });
    expect(phone?.mask).toBeNull();
    expect(tables[1]?.foreignKeys).toHaveLength(1);
    expect(await refusal(stranger.client.getMySchema({ params }))).toBe('NOT_FOUND');
    expect(await refusal(mina.client.getSchema({ params }))).toBe('FORBIDDEN');
    expect((await org.admin.getMySchema({ params })).tables).toEqual([]);
  });

  it('leaves out what the agent’s operator left out, and refused tables', async () => {
    const { client } = await addDatabase(plane, org.admin, 'scoped');
    const mina = await addUser(plane, org.admin, 'mina2@schemas.example');
    const params = { database: 'scoped' };
    await org.admin.putPolicies({ params, body: document('scoped', ['mina2@schemas.example']) });
    const foreign = reportedTable(20_003, 'outside', ['id'], { kind: 'foreign table' });
    await client.putAgentSchema({ body: reportedSchema([customers, orders, foreign], ['public.o*']) });
    const { tables } = await mina.client.getMySchema({ params });
    expect(tables.map(({ name }) => name)).toEqual(['orders']);
    expect(tables[0]?.foreignKeys).toEqual([]);
  });
});

describe('a report that was read', () => {
  it('is not parsed again for each question about it, until there is a newer one or another policy', async () => {
    const { client, database } = await addDatabase(plane, org.admin, 'once');
    const mina = await addUser(plane, org.admin, 'mina3@schemas.example');
    const params = { database: 'once' };
    const body = document('once', ['mina3@schemas.example']);
    await org.admin.putPolicies({ params, body });
    await client.putAgentSchema({ body: reportedSchema([payments]) });
    await client.putAgentSchema({ body: reportedSchema([customers]) });
    const ask = async () => [
      (await mina.client.getMySchema({ params })).tables.map(({ name }) => name),
      (await mina.client.getEffectiveAccess({ params })).tables.map(({ table }) => table),
      (await org.admin.getDrift({ params })).items.map(({ rule }) => rule.pattern),
      (await org.admin.listMaskSuggestions({ params })).items.map(({ column }) => column),
    ];
    const first = await ask();
    expect(first.slice(0, 2)).toEqual([['customers'], ['customers']]);
    expect(first[2]).toContain('public.o*');
    expect(first[3]).toContain('phone');
    await execute(`update database_schemas set report = '{}' where database_id = '${database.id}'`);
    expect(await ask()).toEqual(first);
    await client.putAgentSchema({ body: reportedSchema([customers, orders]) });
    expect((await ask()).slice(0, 2)).toEqual([
      ['customers', 'orders'],
      ['customers', 'orders'],
    ]);
    const [policy] = body.policies;
    const fewer = {
      ...body,
      policies: [{ ...policy, name: 'reader', grants: policy?.grants.slice(0, 1) ?? [] }],
    };
    await org.admin.putPolicies({ params, body: fewer });
    expect((await ask()).slice(0, 2)).toEqual([['customers'], ['customers']]);
  });
});

async function execute(sql: string): Promise<void> {
  const admin = new Client({ connectionString: plane.dsn });
  await admin.connect();
  await admin.query(sql);
  await admin.end();
}

describe('drift', () => {
  it('finds rules that name nothing, and since when; new tables and columns that a policy reaches', async () => {
    const { client } = await addDatabase(plane, org.admin, 'drifting');
    const params = { database: 'drifting' };
    await client.putAgentSchema({ body: reportedSchema([customers, orders, payments]) });
    now += 1_000;
    const [reader] = document('drifting', []).policies;
    const policies = [
      {
        ...reader,
        name: 'reader',
        grants: [
          { table: 'public.customers', operations: ['select' as const] },
          { table: 'public.o*', operations: ['select' as const] },
          { table: 'public.payments', operations: ['select' as const] },
          { table: 'public.custmers', operations: ['select' as const] },
        ],
        masks: [
          { column: 'public.customers.email', preset: 'email' as const },
          { column: 'public.payments.iban', preset: 'redact' as const },
        ],
        rowFilters: [
          {
            table: 'public.customers',
            where: [{ column: 'region', operator: 'eq' as const, value: 'eu' }],
          },
        ],
      },
    ];
    await org.admin.putPolicies({ params, body: { database: 'drifting', policies } });
    const before = await org.admin.getDrift({ params });
    expect(before.items.map(({ kind, rule }) => [kind, rule.path])).toEqual([
      ['filter-column-missing', 'rowFilters[0]'],
      ['matches-nothing', 'grants[3]'],
    ]);
    now += 1_000;
    const grown = reportedTable(20_000, 'customers', ['id', 'phone', 'ssn', 'note_count', 'email']);
    await client.putAgentSchema({
      body: reportedSchema([grown, orders, reportedTable(20_009, 'options', ['id'])]),
    });
    const { items, version } = await org.admin.getDrift({ params });
    const at = version?.at ?? null;
    expect(items).toMatchObject([
      { kind: 'newly-exposed', severity: 'critical', object: 'public.customers.ssn', since: at },
      { kind: 'gone', rule: { path: 'grants[2]' }, object: 'public.payments', since: at },
      { kind: 'gone', rule: { path: 'masks[1]' }, since: at },
      { kind: 'filter-column-missing' },
      { kind: 'matches-nothing', since: null },
      { kind: 'newly-granted', object: 'public.options', rule: { path: 'grants[1]', policy: 'reader' } },
    ]);
    now += 1_000;
    await org.admin.putPolicies({
      params,
      body: {
        database: 'drifting',
        policies: [
          {
            ...policies[0],
            name: 'reader',
            grants: [{ table: 'public.*', operations: ['select'] }],
            masks: [{ column: 'public.*.ssn', preset: 'ssn' }],
            rowFilters: [],
          },
        ],
      },
    });
    expect((await org.admin.getDrift({ params })).items).toEqual([]);
  });

  it('tells which grants the agent’s operator has left out', async () => {
    const { client } = await addDatabase(plane, org.admin, 'narrow');
    const params = { database: 'narrow' };
    await org.admin.putPolicies({ params, body: document('narrow', []) });
    await client.putAgentSchema({ body: reportedSchema([customers, orders], ['public.customers']) });
    expect((await org.admin.getDrift({ params })).items).toMatchObject([
      { kind: 'out-of-scope', severity: 'info', object: 'public.orders' },
    ]);
  });
});

describe('suggestions', () => {
  it('put first what a policy shows, and know what masks cover already', async () => {
    const { client } = await addDatabase(plane, org.admin, 'suggested');
    const params = { database: 'suggested' };
    await org.admin.putPolicies({ params, body: document('suggested', []) });
    const copy = reportedTable(20_005, 'contacts', ['email'], {
      foreignKeys: [{ columns: [1], references: 20_000, referenced: [2] }],
    });
    const partition = reportedTable(20_006, 'customers_2025', ['id', 'email', 'phone'], {
      parents: [20_000],
    });
    await client.putAgentSchema({ body: reportedSchema([copy, customers, partition, orders, payments]) });
    const { items, omitted } = await org.admin.listMaskSuggestions({ params });
    expect(omitted).toBe(0);
    expect(items).toMatchObject([
      { table: 'customers', column: 'phone', preset: 'phone', exposedBy: ['reader'], isCovered: false },
      { table: 'contacts', column: 'email', exposedBy: [], isCovered: false },
      { table: 'payments', column: 'iban', preset: 'partial', exposedBy: [], isCovered: false },
      { table: 'customers', column: 'email', exposedBy: [], isCovered: true },
    ]);
    expect(items[0]?.reason).toContain('phone');
  });
});
