import { parsePolicyBody } from '@daam/shared/policy/document';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { mergePolicies } from '@daam/shared/policy/merge';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';

/** Row filters through the agent's own session, roles, catalogue and gate. */

const schema = `
CREATE TABLE orders (id int8 PRIMARY KEY, region text NOT NULL, note text);
INSERT INTO orders SELECT g, (ARRAY['EU', 'UK', 'US'])[g % 3 + 1], 'note ' || g FROM generate_series(1, 30) g;
CREATE TABLE lines (id int PRIMARY KEY, order_id int8 REFERENCES orders);
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)';
`;

const body = parsePolicyBody({
  grants: [{ table: 'public.*', operations: ['select', 'insert', 'update', 'delete'] }],
  rowFilters: [
    {
      table: 'public.orders',
      where: [{ column: 'region', operator: 'in', value: '{{user.attributes.regions}}' }],
    },
  ],
});

/** What the control plane would send for someone with these attributes. */
function policyFor(attributes: Readonly<Record<string, unknown>>): EffectivePolicy {
  return mergePolicies('shop', [{ name: 'sales', version: 1, body }], attributes);
}

const europe = policyFor({ regions: ['EU', 'UK'] });
const america = policyFor({ regions: ['US'] });
const count = 'SELECT count(*)::int AS n, min(region) AS region FROM orders';

async function codeOf(run: Promise<unknown>): Promise<string> {
  return await run.then(
    () => 'ok',
    (error: { readonly code?: string; readonly detail?: string }) => error.code ?? 'none',
  );
}

describe.each([13, 18] as const)('a filtered table behind the agent on PostgreSQL %i', (major) => {
  let postgres: EmbeddedPostgres;
  let database: GuardedDatabase;

  beforeAll(async () => {
    postgres = await startEmbeddedPostgres({ major });
    database = await startGuardedDatabase({ postgres, schema, policy: europe });
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  async function withClient(run: (client: Client) => Promise<void>): Promise<void> {
    await database.setPolicy(europe);
    const client = await database.connect();
    await run(client);
    await client.end();
  }

  it('shows, changes and deletes visible rows only, in both protocols', async () => {
    await withClient(async (client) => {
      expect((await client.query(count)).rows).toEqual([{ n: 20, region: 'EU' }]);
      expect((await client.query('SELECT id FROM orders WHERE id = $1', [2])).rows).toEqual([]);
      expect((await client.query('SELECT id FROM orders WHERE id = $1', [3])).rows).toEqual([{ id: '3' }]);
      await client.query('BEGIN');
      expect((await client.query(`UPDATE orders SET note = 'x'`)).rowCount).toBe(20);
      expect((await client.query('UPDATE orders SET region = $1 WHERE id = 3', ['US'])).rowCount).toBe(0);
      expect((await client.query('UPDATE orders SET region = $1 WHERE id = 3', ['UK'])).rowCount).toBe(1);
      expect((await client.query('DELETE FROM orders')).rowCount).toBe(20);
      await client.query('ROLLBACK');
    });
  });

  it('gives an open session other rows as soon as an attribute changes, whatever it had prepared', async () => {
    await withClient(async (client) => {
      const prepared = { name: 'p', text: count };
      expect((await client.query(prepared)).rows).toEqual([{ n: 20, region: 'EU' }]);
      await client.query(`PREPARE q AS ${count}`);
      await client.query('BEGIN');
      await client.query('DECLARE c CURSOR FOR SELECT region FROM orders ORDER BY id');
      await client.query('FETCH 1 FROM c');
      await client.query('SAVEPOINT s');
      await database.setPolicy(america);
      expect(await codeOf(client.query('FETCH 1 FROM c'))).toBe('42501');
      await client.query('ROLLBACK TO s');
      expect((await client.query(count)).rows).toEqual([{ n: 10, region: 'US' }]);
      await client.query('COMMIT');
      expect((await client.query(prepared)).rows).toEqual([{ n: 10, region: 'US' }]);
      expect((await client.query('EXECUTE q')).rows).toEqual([{ n: 10, region: 'US' }]);
    });
  });

  it('needs one pair of groups for all values of an attribute', async () => {
    await withClient(async (client) => {
      const groups = async (): Promise<unknown> =>
        (await database.admin.query(`SELECT rolname FROM pg_roles WHERE rolname ~ '^daam_[px]_' ORDER BY 1`))
          .rows;
      await client.query(count);
      const before = await groups();
      for (const region of ['EU', 'UK', 'US', 'elsewhere']) {
        await database.setPolicy(policyFor({ regions: [region] }));
        await client.query(count);
      }
      expect(await groups()).toEqual(before);
    });
  });

  it('refuses with the reason where the attribute is not set, and shows nothing where it is empty', async () => {
    await withClient(async (client) => {
      await database.setPolicy(policyFor({}));
      await expect(client.query(count)).rejects.toMatchObject({
        code: '42501',
        detail: expect.stringContaining('the attribute regions of this user is not set'),
      });
      await database.setPolicy(policyFor({ regions: [{ nested: true }] }));
      expect(await codeOf(client.query(count))).toBe('42501');
      await database.setPolicy(policyFor({ regions: [5] }));
      expect(await codeOf(client.query(count))).toBe('42501');
      await database.setPolicy(policyFor({ regions: [] }));
      expect((await client.query(count)).rows).toEqual([{ n: 0, region: null }]);
    });
  });

  it('keeps the rows out of reach of code: DO, functions in the statement, and after them', async () => {
    await withClient(async (client) => {
      expect(await codeOf(client.query('SELECT shout(note) FROM orders'))).toBe('42501');
      expect((await client.query(count)).rows).toEqual([{ n: 20, region: 'EU' }]);
      expect(await codeOf(client.query('DO $$ BEGIN PERFORM 1 FROM orders; END $$'))).toBe('42501');
      expect(await codeOf(client.query(`DO $$ BEGIN DELETE FROM orders; END $$`))).toBe('42501');
      await expect(client.query(count)).rejects.toMatchObject({
        code: '42501',
        detail: expect.stringContaining('Rule "row filter"'),
      });
    });
  });

  it('refuses the table where elevation is switched off', async () => {
    await withClient(async (client) => {
      await database.setElevation(false);
      expect(await codeOf(client.query(count))).toBe('42501');
      await database.setElevation(true);
      expect(await codeOf(client.query(count))).toBe('ok');
    });
  });

  it('tells of a hidden row no more than that its key is taken', async () => {
    await withClient(async (client) => {
      const insert = `INSERT INTO orders VALUES (2, 'EU', 'x')`;
      await expect(client.query(insert)).rejects.toMatchObject({ code: '23505', detail: undefined });
      const upsert = `${insert} ON CONFLICT (id) DO UPDATE SET note = excluded.note RETURNING id`;
      expect((await client.query(upsert)).rows).toEqual([]);
      const { rows } = await database.admin.query('SELECT note FROM orders WHERE id = 2');
      expect(rows).toEqual([{ note: 'note 2' }]);
    });
  });

  it('refuses a parameter that is declared as an OID', async () => {
    await withClient(async (client) => {
      const declared = (oid: number, name?: string) =>
        client.query({
          ...(name === undefined ? {} : { name }),
          text: 'SELECT id FROM orders WHERE id = $1',
          values: ['3'],
          types: Object.assign([oid], { getTypeParser: () => String }),
        });
      expect(await codeOf(declared(26))).toBe('42501');
      expect(await codeOf(declared(20))).toBe('ok');
      await database.setPolicy({ ...europe, rowFilters: [] });
      expect(await codeOf(declared(26, 'kept'))).toBe('ok');
      await database.setPolicy(europe);
      expect(await codeOf(declared(26, 'kept'))).toBe('42501');
    });
  });
});
