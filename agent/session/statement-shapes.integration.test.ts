import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { secrets, shopSchema } from '@daam/shared/testing/masked-shop';
import { readShapes } from '@daam/shared/testing/read-shapes';
import { writeShapes } from '@daam/shared/testing/write-shapes';
import type { Client, QueryResult } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';

/**
 * Every shape of statement through a real session of the agent: it gives what the same statement gives on tables that
 * hold the masks in place of the values, in both protocols, whatever tier it needs.
 */

const origin = { policy: 'p', version: 1 };
const mask = (column: string, preset: 'email' | 'ssn' | 'null' | 'redact') => ({
  schema: 'public',
  table: 'customers',
  column,
  preset,
  origin,
  match: 'none' as const,
});
const policy: EffectivePolicy = {
  database: 'shop',
  grants: [{ schema: 'public', table: '*', operations: ['select', 'insert', 'update', 'delete'], origin }],
  masks: [mask('email', 'email'), mask('ssn', 'ssn'), mask('salary', 'null'), mask('doc', 'redact')],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

describe.each([13, 16, 18] as const)('statements through the agent in front of PostgreSQL %i', (major) => {
  let postgres: EmbeddedPostgres;
  let database: GuardedDatabase;
  let client: Client;

  beforeAll(async () => {
    postgres = await startEmbeddedPostgres({ major });
    database = await startGuardedDatabase({ postgres, schema: `${shopSchema}; RESET search_path`, policy });
    client = await database.connect();
    const { rows } = await client.query<Record<string, unknown>>('SELECT * FROM customers');
    await database.admin.query(
      'INSERT INTO expected.customers SELECT * FROM json_populate_recordset(NULL::expected.customers, $1)',
      [JSON.stringify(rows)],
    );
  });

  afterAll(async () => {
    await client?.end();
    await database?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  it.each(['simple', 'extended'] as const)(
    'give what they give on the masks, in the %s protocol',
    async (protocol) => {
      const failed: unknown[] = [];
      for (const { sql, since = 13 } of [...readShapes, ...writeShapes]) {
        if (major < since) continue;
        const actual = await outcome(client, { begin: 'BEGIN', sql, protocol });
        const wanted = await outcome(database.admin, {
          begin: 'BEGIN; SET LOCAL search_path = expected',
          sql: sql.replaceAll(/\bpublic\./g, 'expected.'),
          protocol,
        });
        if (actual !== wanted) failed.push({ sql, actual, wanted });
        if (secrets.some((secret) => actual.includes(secret))) failed.push({ sql, leak: actual });
      }
      expect(failed).toEqual([]);
      expect(database.events.filter((event) => event.startsWith('alarm'))).toEqual([]);
    },
  );

  it('give masks in one text with several statements, and constants where one of them may run code of people', async () => {
    const text =
      'SELECT email FROM customers WHERE id = 1; SELECT 1 AS one; SELECT ssn FROM customers WHERE id = 2';
    expect(await rowsOf(client, text)).toEqual([[['k***@k***.com']], [['1']], [['*****3642']]]);
    const mixed = 'SELECT email, note FROM customers WHERE id = 1; SELECT invoker(5)';
    expect(await rowsOf(client, mixed)).toEqual([[['***', 'note 1']], [['5']]]);
    // one implicit transaction: what fails takes back what came before it
    const failing = `UPDATE orders SET memo = 'lost' WHERE id = 1; SELECT 1 / (id - id) FROM orders`;
    await expect(client.query(failing)).rejects.toMatchObject({ code: '22012' });
    expect(await rowsOf(client, 'SELECT memo FROM orders WHERE id = 1')).toEqual([[['memo 1']]]);
  });
});

const asText = { getTypeParser: () => String };

async function rowsOf(client: Client, text: string): Promise<readonly unknown[]> {
  const results = await client.query({ text, rowMode: 'array', types: asText });
  const all = (Array.isArray(results) ? results : [results]) as QueryResult<unknown[]>[];
  return all.map((result) => result.rows);
}

/** What a client sees of one statement in a transaction that is rolled back. */
async function outcome(
  client: Client,
  {
    begin,
    sql,
    protocol,
  }: { readonly begin: string; readonly sql: string; readonly protocol: 'simple' | 'extended' },
): Promise<string> {
  await client.query(begin);
  try {
    const mode = protocol === 'extended' ? { queryMode: 'extended' } : {};
    const result = await client.query({ text: sql, rowMode: 'array', types: asText, ...mode });
    const { command, rowCount, fields, rows } = result as QueryResult<unknown[]>;
    return JSON.stringify({
      command,
      rowCount,
      names: fields.map(({ name }) => name),
      rows: rows.map((row) => JSON.stringify(row)).sort(),
    });
  } catch (error) {
    return `error ${(error as { readonly code?: string }).code}`;
  } finally {
    await client.query('ROLLBACK');
  }
}
