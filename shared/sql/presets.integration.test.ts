import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../testing/embedded-postgres.ts';
import { generateMaskValues, sampleColumn, sampleMask } from '../testing/mask-samples.ts';
import { maskExpression } from './presets.ts';
import { maskText } from './presets-reference.ts';

const masks = [
  sampleMask('email'),
  sampleMask('phone'),
  sampleMask('ssn'),
  sampleMask('credit_card'),
  sampleMask('name'),
  sampleMask('partial', { prefix: 3 }),
  sampleMask('partial', { suffix: 2 }),
  sampleMask('partial', { prefix: 1, suffix: 1 }),
];

describe.each([13, 18] as const)('presets on PostgreSQL %i', (major) => {
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

  it.each([
    ['text', sampleColumn()],
    ['varchar', sampleColumn({ typeOid: 1043, baseTypeName: 'pg_catalog.varchar' })],
  ])('masks %s as the reference does', async (type, column) => {
    const values = [...new Set(generateMaskValues(major, 6000))];
    const list = masks.map((mask) => maskExpression(mask, column, 'v')).join(', ');
    const { rows } = await client.query<(string | null)[]>({
      text: `SELECT ${list} FROM unnest($1::${type}[]) WITH ORDINALITY AS t(v, n) ORDER BY n`,
      values: [[...values, null]],
      rowMode: 'array',
    });
    const expected = [...values, null].map((value) => masks.map((mask) => maskText(mask, value)));
    const wrong = rows.flatMap((row, index) =>
      row.join('\u0000') === expected[index]?.join('\u0000')
        ? []
        : [{ value: values[index], row, expected: expected[index] }],
    );
    expect(rows).toHaveLength(expected.length);
    expect(wrong).toEqual([]);
  });

  it('works on columns with a nondeterministic collation and gives the default one back', async () => {
    await client.query(
      `CREATE COLLATION IF NOT EXISTS nd (provider = icu, locale = 'und', deterministic = false)`,
    );
    await client.query('CREATE TEMP TABLE c (v text COLLATE nd, plain text)');
    await client.query(`INSERT INTO c VALUES ('jane@example.com', 'x')`);
    for (const mask of masks) {
      const sql = maskExpression(mask, sampleColumn(), 'v');
      const { rows } = await client.query(
        `SELECT 1 FROM (SELECT ${sql} AS m, plain FROM c) s WHERE m || plain > plain`,
      );
      expect(rows.length).toBeLessThanOrEqual(1);
    }
  });

  it('keeps the types of text columns and gives other types a typed NULL or text', async () => {
    const cases = [
      ['email', 'pg_catalog.text', 'S', 'text'],
      ['email', 'pg_catalog.varchar', 'S', 'character varying'],
      ['email', 'pg_catalog.bpchar', 'S', 'character'],
      ['email', 'pg_catalog.name', 'S', 'name'],
      ['phone', 'pg_catalog.int8', 'N', 'text'],
      ['redact', 'pg_catalog.int8', 'N', 'bigint'],
      ['redact', 'pg_catalog.uuid', 'U', 'uuid'],
      ['null', 'pg_catalog.bpchar', 'S', 'character'],
      ['pseudonym', 'pg_catalog.uuid', 'U', 'uuid'],
    ] as const;
    for (const [preset, baseTypeName, typeCategory, expected] of cases) {
      const sql = maskExpression(sampleMask(preset), sampleColumn({ baseTypeName, typeCategory }), 'v');
      const { rows } = await client.query<{ type: string }>(
        `SELECT pg_typeof(${sql})::text AS type FROM (SELECT NULL::${baseTypeName} AS v) s`,
      );
      expect(rows[0]?.type).toBe(expected);
    }
  });

  it('uses immutable functions only, so that a masked expression may be indexed', async () => {
    await client.query('CREATE TEMP TABLE i (v text)');
    for (const mask of masks) {
      await client.query(`CREATE INDEX ON i ((${maskExpression(mask, sampleColumn(), 'v')}))`);
    }
    const { rows } = await client.query(`SELECT FROM pg_index WHERE indrelid = 'i'::regclass`);
    expect(rows).toHaveLength(masks.length);
  });

  it('is not fooled by planted functions and operators that match better', async () => {
    await client.query(`
      CREATE SCHEMA evil;
      CREATE FUNCTION evil.left(text, int) RETURNS text LANGUAGE sql AS $$ SELECT 'leak ' || $1 $$;
      CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
      CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq);
      SET search_path = evil, pg_catalog`);
    for (const mask of masks) {
      const sql = maskExpression(mask, sampleColumn(), 'v');
      const { rows } = await client.query<{ m: string }>(
        `SELECT ${sql} AS m FROM (SELECT 'jane@example.com'::text AS v) s`,
      );
      expect(rows[0]?.m).toBe(maskText(mask, 'jane@example.com'));
    }
    await client.query('RESET search_path');
  });
});
