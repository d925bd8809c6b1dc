import { describe, expect, test } from 'vitest';
import { accessOf, accessTo, catalogOf, columns, mask, relation } from '../../testing/catalog.ts';
import { allGates, gateFor, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();
const newest = await gateFor(18);
const { decide } = newest;

/** As the agent asks at Bind: these parameters have the shape of a mask. */
function decideBound(sql: string, parameters: readonly number[], elevationAvailable = true) {
  return newest.decideIn({ elevationAvailable, writeBack: new Set(parameters) }, sql);
}

describe.each(gates)('masks that come back on PostgreSQL $major', ({ decide, decideIn }) => {
  test('a literal of the shape of the mask is compared with the mask of the row', () => {
    const verdict = decide(`UPDATE customers c SET email = 'j***@e***.com' WHERE id = 1`);
    expect(outcomeOf(verdict)).toBe('rewrite/elevated');
    expect(sqlOf(verdict)).toContain(
      `OPERATOR(pg_catalog.=) '***' THEN "c"."email" ELSE ('j***@e***.com')::pg_catalog.text END WHERE id = 1`,
    );
  });

  test('other literals are written as they are', () => {
    expect(
      outcomeOf(decide(`UPDATE customers SET email = 'new@x.y', ssn = '123-45-6789' WHERE id = 1`)),
    ).toBe('pass/either');
  });

  test.each([
    [
      `UPDATE customers SET note = 'n', salary = NULL WHERE id = 1`,
      `UPDATE customers SET note = 'n' WHERE id = 1`,
    ],
    [`UPDATE customers SET salary = NULL, note = 'n'`, `UPDATE customers SET note = 'n'`],
    [
      `UPDATE customers SET salary = NULL, doc = NULL, note = 'n', name = 'x'`,
      `UPDATE customers SET note = 'n', name = 'x'`,
    ],
    [
      `UPDATE customers SET note = 'n' , salary = NULL::numeric, doc = '***' RETURNING id`,
      `UPDATE customers SET note = 'n'  RETURNING id AS "id"`,
    ],
    [
      `UPDATE customers SET salary = null WHERE id = 1`,
      `UPDATE customers SET "name" = "customers"."name" WHERE id = 1`,
    ],
    [`UPDATE customers AS c SET salary = NULL, doc = NULL`, `UPDATE customers AS c SET "name" = "c"."name"`],
  ])('%s leaves out what shows as a constant', (sql, text) => {
    expect(sqlOf(decide(sql))).toBe(text);
  });

  test('in the base tier stars are left out, whatever the preset', () => {
    const sql = `UPDATE customers SET note = 'n', email = '***', ssn = '***-**-6789' WHERE id = 1`;
    const verdict = decideIn({ elevationAvailable: false }, sql);
    expect(sqlOf(verdict)).toBe(`UPDATE customers SET note = 'n' WHERE id = 1`);
    expect(outcomeOf(verdict)).toBe('rewrite/either');
    // a trigger keeps the statement in base
    expect(sqlOf(decide(`UPDATE audited SET note = 'n', email = 'a***@b***.de'`))).toBe(
      `UPDATE audited SET note = 'n'`,
    );
  });

  test('a row of literals is guarded value by value', () => {
    const sql = sqlOf(decide(`UPDATE customers SET (note, email, name) = ('n', '***', 'x') WHERE id = 1`));
    expect(sql).toMatch(/= \('n', CASE WHEN .* THEN "customers"\."email" ELSE .* END, 'x'\) WHERE id = 1$/);
  });
});

describe('parameters', () => {
  const save = 'UPDATE customers SET name = $1, email = $2, ssn = $3, salary = $4, note = $5 WHERE id = $6';

  test('are noted, and the text stays as it is until they are bound', () => {
    const verdict = decide(save);
    expect(verdict).toMatchObject({
      sql: save,
      guards: [
        { parameter: 2, column: 'email', showsNull: false },
        { parameter: 3, column: 'ssn', showsNull: false },
        { parameter: 4, column: 'salary', showsNull: true, typeOid: 1700 },
      ],
    });
  });

  test('with the shape of a mask are compared or left out', () => {
    const sql = sqlOf(decideBound(save, [2, 4]));
    expect(sql).toMatch(
      /^UPDATE "public"\.customers SET name = \$1, email = CASE WHEN .* ELSE \(\$2\)::pg_catalog\.text END, ssn = \$3, note = \$5 WHERE id = \$6$/,
    );
    expect(sqlOf(decideBound(save, [2, 3, 4], false))).toBe(
      'UPDATE customers SET name = $1, note = $5 WHERE id = $6',
    );
  });

  test('of ON CONFLICT too', () => {
    const upsert =
      'INSERT INTO customers (id, email) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET email = $2';
    expect(sqlOf(decideBound(upsert, [2]))).toContain(
      'THEN "customers"."email" ELSE ($2)::pg_catalog.text END',
    );
  });
});

describe('columns that are not text', () => {
  const numbers = relation(1, 'public.numbers', { columns: columns('id:int4', 'phone:int8', 'note') });
  const catalog = catalogOf(18, [numbers]);
  const access = accessOf([accessTo(numbers, ['select', 'update'], [mask(2, 'phone', 'phone')])]);

  test('what has the shape of their mask is left out: it can be nothing else', () => {
    const sql = `UPDATE numbers SET phone = '******1234', note = 'x' WHERE id = 1`;
    expect(sqlOf(decide(sql, { catalog, access }))).toBe(`UPDATE numbers SET note = 'x' WHERE id = 1`);
    expect(decide('UPDATE numbers SET phone = $1', { catalog, access })).toMatchObject({
      guards: [{ column: 'phone', typeOid: 25 }],
    });
    expect(outcomeOf(decide('UPDATE numbers SET phone = 4155551234', { catalog, access }))).toBe(
      'pass/either',
    );
  });
});

describe('values from elsewhere', () => {
  test('excluded and other relations are compared with the mask', () => {
    const upsert = `INSERT INTO customers (id, email) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = excluded.email`;
    expect(sqlOf(decide(upsert))).toContain(
      'THEN "customers"."email" ELSE ("excluded"."email")::pg_catalog.text END',
    );
    const copied = 'UPDATE customers SET email = memo FROM orders WHERE orders.customer_id = customers.id';
    expect(sqlOf(decide(copied))).toContain(
      'THEN "customers"."email" ELSE ("memo")::pg_catalog.text END FROM',
    );
  });

  test('excluded needs the right to read the column', () => {
    const upsert = `INSERT INTO customers (id, salary) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET salary = excluded.salary`;
    expect(outcomeOf(decide(upsert))).toBe('deny:write-back');
  });

  test('MERGE is guarded like UPDATE', () => {
    const merge = `MERGE INTO customers c USING orders o ON o.customer_id = c.id WHEN MATCHED THEN UPDATE SET email = '***', salary = NULL, note = 'x'`;
    expect(sqlOf(decide(merge))).toMatch(
      /SET email = CASE WHEN .* THEN "c"\."email" ELSE \('\*\*\*'\)::pg_catalog\.text END, note = 'x'$/,
    );
  });
});
