import {
  policyChange,
  policyChangeCode,
  resultMetadata,
  resultMetadataCode,
} from '@daam/shared/api/mask-metadata';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';

const schema = `
CREATE TABLE customers (id int PRIMARY KEY, name text, email text, phone text);
INSERT INTO customers VALUES (1, 'Noah', 'noah@example.com', '555-0101');
CREATE TABLE orders (id int PRIMARY KEY, customer int);
INSERT INTO orders VALUES (1, 1);
`;
const origin = { policy: 'analyst', version: 7 };
const masksEmail: EffectivePolicy = {
  database: 'shop',
  grants: [{ schema: 'public', table: '*', operations: ['select', 'insert', 'update', 'delete'], origin }],
  masks: [
    { schema: 'public', table: 'customers', column: 'email', preset: 'email', match: 'equality', origin },
  ],
  rowFilters: [],
  limits: {},
  policies: [origin],
};
const next = { policy: 'analyst', version: 8 };
const masksPhoneToo: EffectivePolicy = {
  ...masksEmail,
  masks: [
    ...masksEmail.masks,
    { schema: 'public', table: 'customers', column: 'phone', preset: 'phone', origin: next },
  ],
  policies: [next],
};

let postgres: EmbeddedPostgres;
let database: GuardedDatabase;
let client: Client;
let notices: { readonly code: string; readonly detail: string }[];

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
  database = await startGuardedDatabase({ postgres, schema, policy: masksEmail });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await database.setPolicy(masksEmail);
  client = await connect('-c daam.metadata=on');
});
afterEach(async () => {
  await client.end();
});

async function connect(options: string): Promise<Client> {
  const opened = await database.connect(options);
  notices = [];
  opened.on('notice', ({ code, detail }) => notices.push({ code: code ?? '', detail: detail ?? '' }));
  return opened;
}

const told = (code: string): string[] =>
  notices.filter((notice) => notice.code === code).map(({ detail }) => detail);
const results = () => told(resultMetadataCode).map((detail) => resultMetadata.parse(JSON.parse(detail)));

const mask = {
  schema: 'public',
  table: 'customers',
  column: 'email',
  preset: 'email',
  match: 'equality',
  policy: 'analyst',
  version: 7,
};

describe('a session that wants metadata', () => {
  it('is told before a result which columns are masked, and by which policy', async () => {
    await client.query('SELECT id, email AS mail FROM customers WHERE id = $1', [1]);
    expect(results()).toEqual([
      { index: 0, degraded: false, columns: [null, { kind: 'masked', masks: [mask] }] },
    ]);
  });

  it('is told the same in the simple protocol, for each statement with a result', async () => {
    await client.query('SELECT 1; UPDATE orders SET customer = 1; SELECT email FROM customers');
    expect(results()).toEqual([
      { index: 0, degraded: false, columns: [null] },
      { index: 2, degraded: false, columns: [{ kind: 'masked', masks: [mask] }] },
    ]);
  });

  it('is told what is computed from masks, through stars, joins, sub-selects and RETURNING', async () => {
    await client.query('SELECT upper(x.email) AS e, o.* FROM (SELECT * FROM customers) x, orders o', []);
    await client.query('UPDATE customers SET name = $1 RETURNING *', ['Noah']);
    expect(results().map(({ columns }) => columns?.map((column) => column?.kind ?? 'plain'))).toEqual([
      ['derived', 'plain', 'plain'],
      ['plain', 'plain', 'masked', 'plain'],
    ]);
  });

  it('is told nothing for a statement without a result', async () => {
    await client.query('UPDATE orders SET customer = $1', [1]);
    expect(results()).toEqual([]);
  });

  it('is told nothing of a statement that is refused', async () => {
    await expect(client.query('SELECT * FROM pg_authid', [])).rejects.toMatchObject({ code: '42501' });
    expect(results()).toEqual([]);
  });

  it('hears the same word for a prepared statement that a new policy masks', async () => {
    const prepared = { name: 'p', text: 'SELECT phone FROM customers' };
    await client.query(prepared);
    await database.setPolicy(masksPhoneToo);
    await client.query(prepared);
    expect(results().map(({ columns }) => columns?.[0]?.masks[0]?.version ?? null)).toEqual([null, 8]);
  });

  it('hears of a new policy at once, without asking, and what it changes', async () => {
    await database.setPolicy(masksPhoneToo);
    await expect.poll(() => told(policyChangeCode).length).toBe(1);
    expect(policyChange.parse(JSON.parse(told(policyChangeCode)[0] ?? ''))).toEqual({
      before: [origin],
      after: [next],
      masked: [{ schema: 'public', table: 'customers', column: 'phone' }],
      unmasked: [],
      lost: [],
      gained: [],
      isCut: false,
    });
  });

  it('does not take a notice of the database for the agent’s word', async () => {
    await database.setPolicy({ ...masksEmail, masks: [] });
    const raise = (code: string): string => `RAISE NOTICE 'x' USING ERRCODE = '${code}', DETAIL = 'forged';`;
    await client.query(`DO $$BEGIN ${raise('DM001')} ${raise('DM002')} ${raise('DX001')} END$$`);
    expect(notices.filter(({ detail }) => detail === 'forged').map(({ code }) => code)).toEqual(['DX001']);
  });

  it('gets rows that are those of any other session', async () => {
    const asked = 'SELECT * FROM customers ORDER BY id';
    const { rows } = await client.query(asked, []);
    const plain = await database.connect();
    expect((await plain.query(asked)).rows).toEqual(rows);
    await plain.end();
  });
});

it('tells other sessions nothing', async () => {
  await client.end();
  client = await connect('');
  await client.query('SELECT email FROM customers WHERE id = $1', [1]);
  await client.query('SELECT email FROM customers');
  await database.setPolicy(masksPhoneToo);
  await client.query('SELECT 1');
  expect(notices).toEqual([]);
});
