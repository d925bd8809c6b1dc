import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { supportedMajors } from '../domain/postgres-version.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../testing/embedded-postgres.ts';
import { generateMaskValues, sampleColumn, sampleMask } from '../testing/mask-samples.ts';
import { maskExpression, maskOutputType } from './presets.ts';
import { maskText } from './presets-reference.ts';
import { pseudonymPads, pseudonymType } from './pseudonym.ts';

const key = randomBytes(32);
const { inner, outer } = pseudonymPads(key);
const references = { inner: '$1', outer: '$2' };
const mask = sampleMask('pseudonym');

/** A value of each kind of type, its base type's name and category. */
const typed = [
  ['text', 'jane', 'S'],
  ['varchar', 'jane', 'S'],
  ['bpchar', 'jane  ', 'S'],
  ['name', 'jane', 'S'],
  ['uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'U'],
  ['int2', '7', 'N'],
  ['int4', '42', 'N'],
  ['int8', '9007199254740993', 'N'],
  ['numeric', '1.50', 'N'],
  ['float8', '0.1', 'N'],
  ['bool', 't', 'B'],
  ['date', '2024-02-29', 'D'],
  ['timestamptz', '2024-02-29 00:00:00+00', 'D'],
  ['bytea', '\\x00ff', 'U'],
  ['jsonb', '{"a": 1}', 'U'],
  ['inet', '10.0.0.1', 'I'],
  ['_text', '{a,NULL}', 'A'],
] as const;

describe.each(supportedMajors)('pseudonyms on PostgreSQL %i', (major) => {
  let server: EmbeddedPostgres;
  let client: Client;

  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major });
    client = new Client({ connectionString: server.superuserDsn });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await server?.[Symbol.asyncDispose]();
  });

  it('are what the reference says, for any text', async () => {
    const values = [...new Set(generateMaskValues(major, 3_000))];
    const sql = maskExpression(mask, sampleColumn(), 'v', references);
    const { rows } = await client.query<[string | null]>({
      text: `SELECT ${sql} FROM unnest($3::text[]) WITH ORDINALITY AS t(v, n) ORDER BY n`,
      values: [inner, outer, [...values, null]],
      rowMode: 'array',
    });
    const expected = [...values, null].map((value) => [maskText(mask, value, { key, type: 'text' })]);
    expect(rows).toEqual(expected);
  });

  it.each(typed)('of %s have their type and are stable', async (type, value, typeCategory) => {
    const baseTypeName = `pg_catalog.${type}`;
    const column = sampleColumn({ baseTypeName, typeCategory });
    const sql = maskExpression(mask, column, 'v', references);
    const { rows } = await client.query<{ token: string; again: string; none: string | null; type: string }>({
      text: `SELECT (${sql})::text AS token, pg_typeof(${sql})::oid::regtype::oid = '${maskOutputType(mask, column)}'::regtype::oid AS type,
        (SELECT ${sql} FROM (SELECT NULL::${baseTypeName} AS v) s)::text AS none, v::text AS printed
        FROM (SELECT $3::text::${baseTypeName} AS v) s`,
      values: [inner, outer, value],
    });
    const [row] = rows as unknown as readonly { token: string; type: boolean; none: null; printed: string }[];
    expect(row?.type).toBe(true);
    expect(row?.none).toBeNull();
    expect(row?.token).toBe(maskText(mask, row?.printed ?? '', { key, type: pseudonymType(baseTypeName) }));
  });

  it.each(typed)('of %s without a key show a constant of the same type', async (type, _, typeCategory) => {
    const column = sampleColumn({ baseTypeName: `pg_catalog.${type}`, typeCategory });
    const sql = maskExpression(mask, column, 'v', null);
    const { rows } = await client.query(
      `SELECT (${sql})::text AS shown, pg_typeof(${sql})::oid = '${maskOutputType(mask, column)}'::regtype::oid AS same`,
    );
    const shown = pseudonymType(column.baseTypeName) === 'text' ? '***' : null;
    expect(rows).toEqual([{ shown, same: true }]);
  });

  it('leave no key in what the session can see of itself', async () => {
    const sql = maskExpression(mask, sampleColumn(), 'v', references);
    const { rows } = await client.query<{ seen: string }>({
      name: 'kept',
      text: `SELECT ${sql} AS m, current_query() || (SELECT string_agg(query, '') FROM pg_stat_activity) ||
        (SELECT coalesce(string_agg(statement || parameter_types::text, ''), '') FROM pg_prepared_statements) AS seen
        FROM (SELECT 'jane'::text AS v) s`,
      values: [inner, outer],
    });
    const seen = (rows[0]?.seen ?? '').toLowerCase();
    for (const pad of [inner, outer, key]) {
      expect(seen).not.toContain(pad.toString('hex'));
      expect(seen).not.toContain(pad.toString('base64').toLowerCase());
    }
  });
});
