import { describe, expect, test } from 'vitest';
import { accessOf, shopAccess } from '../../testing/catalog.ts';
import { allGates, findBareRead, gateFor, outcomeOf, sqlOf } from '../../testing/gate.ts';
import type { RelationAccess } from '../access.ts';

const gates = await allGates();
const newest = await gateFor(18);
const { decide } = newest;

/** Attack class B4 (rows 26 to 33) and B5: writes that would show or move real values. */
const refused: readonly (readonly [string, string, string])[] = [
  [
    '28 ON CONFLICT SET from the target',
    `INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = customers.email`,
    'masked-source',
  ],
  ['29 laundering inside the table', 'UPDATE customers SET note = email', 'masked-source'],
  ['29 laundering by expression', `UPDATE customers SET note = left(customers.email, 1)`, 'masked-source'],
  [
    '29 laundering by row',
    'UPDATE customers SET (note, name) = (SELECT email, ssn FROM customers LIMIT 1)',
    'masked-source',
  ],
  ['29 self-reference', 'UPDATE customers SET salary = salary + 1', 'masked-source'],
  ['29 whole row', `UPDATE customers SET doc = to_jsonb(customers)`, 'masked-source'],
  [
    '30 MERGE',
    'MERGE INTO customers t USING orders s ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = t.email',
    'masked-source',
  ],
  [
    '30 MERGE from a masked source',
    'MERGE INTO orders t USING customers s ON t.id = s.id WHEN MATCHED THEN UPDATE SET memo = s.email',
    'masked-source',
  ],
  ['31 INSERT … SELECT', 'INSERT INTO orders (memo) SELECT email FROM customers', 'masked-source'],
  ['31 INSERT … SELECT *', 'INSERT INTO orders SELECT * FROM customers', 'masked-source'],
  [
    '31 INSERT from WITH',
    'WITH c AS (SELECT email e FROM customers) INSERT INTO orders (memo) SELECT e FROM c',
    'masked-source',
  ],
  [
    '31 INSERT from a renamed column',
    'INSERT INTO orders (memo) SELECT x FROM customers AS c (a, b, x)',
    'masked-source',
  ],
  [
    '31 UPDATE … FROM',
    'UPDATE orders SET memo = c.email FROM customers c WHERE c.id = orders.customer_id',
    'masked-source',
  ],
  [
    '31 UPDATE from a subquery',
    'UPDATE orders SET memo = s.e FROM (SELECT email AS e FROM customers) s',
    'masked-source',
  ],
  [
    '31 a write in WITH',
    'WITH w AS (UPDATE customers SET note = email RETURNING 1) SELECT * FROM w',
    'masked-source',
  ],
  ['27 whole row in RETURNING', 'DELETE FROM customers RETURNING customers', 'whole-row-target'],
  ['27 whole row in a function', 'DELETE FROM customers c RETURNING to_jsonb(c.*)', 'whole-row-target'],
  ['27 a field of the whole row', 'DELETE FROM customers RETURNING (customers).email', 'whole-row-target'],
  ['27 function notation', 'DELETE FROM customers RETURNING lower(customers)', 'whole-row-target'],
  [
    '32 whole row in WHERE',
    `UPDATE customers SET note = 'x' WHERE customers::text LIKE '%a%'`,
    'whole-row-target',
  ],
  [
    '32 a column that could be the target’s',
    `DELETE FROM customers USING generate_series(1, 2) s WHERE ssn LIKE '1%'`,
    'ambiguous-column',
  ],
  [
    '32 the schema’s name behind an alias',
    `DELETE FROM customers WHERE EXISTS (SELECT 1 FROM orders AS customers WHERE public.customers.ssn LIKE '1%')`,
    'unsupported-on-masked',
  ],
  [
    '32 a bare name behind an alias',
    `DELETE FROM customers WHERE EXISTS (SELECT 1 FROM orders AS customers WHERE ssn LIKE '1%')`,
    'unsupported-on-masked',
  ],
  ['catalogue tables', `UPDATE pg_class SET relname = 'x'`, 'system-relation'],
  ['no grant', 'DELETE FROM payments', 'default-deny'],
  ['no grant for the operation', 'DELETE FROM sales.leads', 'operation'],
];

describe.each(gates)('writes on PostgreSQL $major', ({ major, decide, parser }) => {
  test.each(refused)('%s is refused', (_, sql, rule) => {
    const expected = sql.startsWith('MERGE') && major < 15 ? 'deny:parse' : `deny:${rule}`;
    expect(outcomeOf(decide(sql))).toBe(expected);
  });

  test.each([
    ['26 a column in RETURNING', `UPDATE customers SET note = 'x' RETURNING email`],
    ['26 an expression in RETURNING', `UPDATE customers SET note = 'x' RETURNING upper(email) || ''`],
    ['27 DELETE … RETURNING *', 'DELETE FROM customers RETURNING *'],
    ['27 DELETE … RETURNING t.*', 'DELETE FROM customers AS c RETURNING c.*, c.email AS e'],
    ['27 a subquery in RETURNING', 'DELETE FROM customers RETURNING (SELECT customers.email)'],
    [
      '26 INSERT … RETURNING',
      `INSERT INTO customers (id, email) VALUES (1, 'x') RETURNING email, customers.ssn`,
    ],
    ['32 a range in WHERE', `UPDATE customers SET note = 'h' WHERE id = 1 AND ssn > '5'`],
    [
      '32 a correlated subquery',
      `DELETE FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE customers.email LIKE 'a%')`,
    ],
    [
      '32 the schema’s name',
      `DELETE FROM customers WHERE public.customers.ssn LIKE '1%' AND shop.public.customers.email > 'a'`,
    ],
    ['a write in WITH', 'WITH w AS (DELETE FROM customers RETURNING email) SELECT * FROM w'],
  ])('%s goes through the mask', (_, sql) => {
    const verdict = decide(sql);
    expect(verdict).toMatchObject({ kind: 'allow', tier: 'elevated', rewritten: true });
    expect(unmaskedReferences(parser, sqlOf(verdict))).toEqual([]);
  });
});

/** References to masked columns of customers that stand outside a mask (a CASE, a cast of NULL or '***'). */
function unmaskedReferences(parser: (typeof newest)['parser'], sql: string): readonly string[] {
  const outcome = parser.parse(sql);
  if (outcome.kind !== 'parsed') throw new TypeError('does not parse');
  const found: string[] = [];
  const walk = (value: unknown, inMask: boolean): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, inMask);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      const text = key === 'ColumnRef' ? JSON.stringify(inner) : '';
      if (!inMask && /"(?:email|ssn|salary|doc)"/.test(text) && /customers|"c"/.test(text)) found.push(text);
      walk(inner, inMask || key === 'CaseExpr');
    }
  };
  walk(outcome.statements[0]?.node.body, false);
  return findBareRead(parser, sql, new Set(['customers'])) === null ? found : ['bare'];
}

describe('old and new in RETURNING (18)', () => {
  test.each([
    `UPDATE customers SET note = 'x' RETURNING old.email, new.email`,
    'DELETE FROM customers RETURNING old.*',
    `UPDATE customers SET note = 'x' RETURNING WITH (OLD AS was, NEW AS now) was.email, now.ssn`,
  ])('%s goes through the mask', (sql) => {
    const text = sqlOf(decide(sql)).replaceAll(/CASE WHEN .*? END/g, 'MASK');
    expect(text).not.toMatch(
      /RETURNING.*(?<!"customers")(?<!AS )"?\b(?:old|new|was|now)"?\."?(?:email|ssn|salary|doc)/,
    );
  });

  test('the whole old row is refused', () => {
    expect(outcomeOf(decide('DELETE FROM customers RETURNING old'))).toBe('deny:whole-row-target');
  });
});

describe('what RETURNING shows', () => {
  test('columns keep their names and order, others stay as they are', () => {
    const text = sqlOf(decide('DELETE FROM customers c RETURNING note, salary, c.*'));
    const names = [...text.matchAll(/(?:AS |RETURNING |"c"\.)"?(\w+)"?(?=,|$)/g)].map((match) => match[1]);
    expect(names).toEqual(['note', 'salary', 'id', 'name', 'email', 'ssn', 'salary', 'note', 'doc']);
  });

  test('a masked relation in USING is read through its mask', () => {
    const sql = `DELETE FROM orders USING customers c WHERE c.id = orders.customer_id AND c.email LIKE 'a%'`;
    expect(findBareRead(newest.parser, sqlOf(decide(sql)))).toBeNull();
  });

  test('a star beside other relations expands the target and keeps the others', () => {
    const text = sqlOf(decide('DELETE FROM customers USING orders o WHERE o.id = 1 RETURNING *'));
    expect(text).toMatch(/RETURNING "customers"\."id", .*, "o"\.\*$/);
  });

  test('RETURNING needs a grant of select', () => {
    const [orders] = shopAccess().relations.values();
    const access = accessOf([{ ...(orders as RelationAccess), operations: new Set(['insert'] as const) }]);
    expect(outcomeOf(decide('INSERT INTO customers (id) VALUES (1) RETURNING id', { access }))).toBe(
      'deny:operation',
    );
    expect(outcomeOf(decide('INSERT INTO customers (id) VALUES (1)', { access }))).toBe('pass/either');
  });
});

describe('writes without real values', () => {
  test.each([
    [`INSERT INTO customers (id, email, salary) VALUES (1, 'a@b.c', 5), (2, $1, DEFAULT)`, 'pass/either'],
    [`UPDATE customers SET email = 'new@x.y', note = name WHERE id = 1`, 'pass/either'],
    [`UPDATE customers SET email = NULL, salary = $1 WHERE id = $2`, 'pass/either'],
    [
      `INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET email = excluded.email`,
      'rewrite/elevated',
    ],
    ['DELETE FROM customers WHERE id = 1', 'pass/either'],
    ['INSERT INTO orders (customer_id, memo) SELECT id, name FROM customers WHERE id < 5', 'rewrite/either'],
    ['UPDATE orders SET memo = c.name FROM customers c WHERE c.id = customer_id', 'rewrite/either'],
    [
      `UPDATE orders SET memo = c.name FROM customers c WHERE c.id = customer_id AND c.ssn <> ''`,
      'rewrite/elevated',
    ],
    ['COPY customers (id, email) FROM STDIN', 'pass/either'],
    ['UPDATE orders SET (total, memo) = (1, upper($1))', 'pass/either'],
  ])('%s is %s', (sql, outcome) => {
    expect(outcomeOf(decide(sql))).toBe(outcome);
  });

  test('a function in a row that sets several columns is written in full once', () => {
    const sql = `UPDATE orders SET (total, memo) = (1, upper('x')) FROM customers c WHERE c.id = customer_id AND c.ssn <> ''`;
    expect(sqlOf(decide(sql))).toContain(`(1, pg_catalog.upper('x')) FROM (SELECT`);
  });
});

describe('tables with triggers', () => {
  test('writing runs user code: base tier, and the rest of the transaction stays there', () => {
    expect(decide(`UPDATE audited SET note = 'x' WHERE id = 1`)).toMatchObject({
      tier: 'base',
      taint: 'transaction',
    });
    // the trigger fires on UPDATE only
    expect(outcomeOf(decide('DELETE FROM audited WHERE id = 1'))).toBe('pass/either');
  });

  test('masks show as constants and matches are refused', () => {
    expect(decide(`UPDATE audited SET note = 'x' RETURNING email`)).toMatchObject({
      tier: 'base',
      degraded: true,
    });
    expect(outcomeOf(decide(`UPDATE audited SET note = 'x' WHERE email = 'a@b.c'`))).toBe(
      'deny:match-needs-elevation',
    );
  });
});
