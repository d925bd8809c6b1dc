import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { supportedMajors } from '../domain/postgres-version.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../testing/embedded-postgres.ts';
import { generateMaskValues, sampleColumn, sampleMask } from '../testing/mask-samples.ts';
import { isTextColumn, maskExpression, maskOutputType } from './presets.ts';
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

/** A value of each kind of type: name in pg_catalog, text, pg_type.typcategory. */
const typed = [
  ['text', 'jane@example.com', 'S'],
  ['varchar', 'Alice Johnson', 'S'],
  ['bpchar', '4155551234  ', 'S'],
  ['name', 'Alice', 'S'],
  ['uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'U'],
  ['int2', '7', 'N'],
  ['int4', '123456789', 'N'],
  ['int8', '4111111111111111', 'N'],
  ['numeric', '4155551234', 'N'],
  ['float8', '0.1', 'N'],
  ['money', '1', 'N'],
  ['bool', 't', 'B'],
  ['date', '2024-02-29', 'D'],
  ['timestamptz', '2024-02-29 00:00:00+00', 'D'],
  ['interval', '1 day', 'T'],
  ['bytea', '\\x00ff', 'U'],
  ['json', '{"a": 1}', 'U'],
  ['jsonb', '{"a": 1}', 'U'],
  ['inet', '10.0.0.1', 'I'],
  ['point', '(1,2)', 'G'],
  ['int4range', '[1,3)', 'R'],
  ['bit', '1', 'V'],
  ['_text', '{a,NULL}', 'A'],
] as const;

describe.each(supportedMajors)('presets on PostgreSQL %i', (major) => {
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
    const values = [...new Set(generateMaskValues(major, 3000))];
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

  it.each(typed)(
    'masks %s by the text that PostgreSQL prints, and keeps NULL',
    async (type, value, typeCategory) => {
      const baseTypeName = `pg_catalog.${type}`;
      const column = sampleColumn({ baseTypeName, typeCategory });
      const printed = await client.query<{ text: string }>(`SELECT $1::text::${baseTypeName}::text AS text`, [
        value,
      ]);
      for (const mask of [
        ...masks,
        sampleMask('redact'),
        sampleMask('redact', { as: 'text' }),
        sampleMask('null'),
      ]) {
        const sql = maskExpression(mask, column, 'v');
        const output = maskOutputType(mask, column);
        const { rows } = await client.query<{ shown: string | null; none: string | null; same: boolean }>(
          `SELECT (${sql})::text AS shown, pg_typeof(${sql})::oid = '${output}'::regtype::oid AS same,
           (SELECT (${sql})::text FROM (SELECT NULL::${baseTypeName} AS v) n) AS none
         FROM (SELECT $1::text::${baseTypeName} AS v) s`,
          [value],
        );
        const isNull =
          mask.preset === 'null' || (mask.preset === 'redact' && !isTextColumn(column) && mask.as === null);
        const shown = isNull ? null : maskText(mask, printed.rows[0]?.text ?? '');
        const none = mask.preset === 'redact' && !isNull ? '***' : null;
        expect({ mask: mask.preset, ...rows[0] }).toEqual({ mask: mask.preset, shown, none, same: true });
      }
    },
  );

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
