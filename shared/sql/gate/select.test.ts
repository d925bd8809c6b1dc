import { describe, expect, test } from 'vitest';
import { shopAccess, shopCatalog } from '../../testing/catalog.ts';
import { maskedReads } from '../../testing/masked-reads.ts';
import { allGates, findBareRead, gateFor, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();
const newest = await gateFor(18);
const { decide } = newest;

describe('reading masked columns', () => {
  describe.each(gates)('on PostgreSQL $major', ({ decide, parser }) => {
    test.each(maskedReads)('%s goes through the mask', (name, sql) => {
      const verdict = decide(sql);
      expect(verdict).toMatchObject({
        kind: 'allow',
        // that one looks at salary alone, whose mask is a constant
        tier: name === '13 subquery in LIMIT' ? 'either' : 'elevated',
        rewritten: true,
        touchesMasked: true,
      });
      expect(findBareRead(parser, sqlOf(verdict))).toBeNull();
    });
  });

  test('JSON_TABLE and SQL/JSON constructors go through the mask on 17 and later', () => {
    const sql = `SELECT j.*, JSON_OBJECT('a': c.email) FROM customers c, JSON_TABLE(c.doc, '$' COLUMNS (x text PATH '$.x')) j`;
    for (const { decide, parser } of gates.filter(({ major }) => major >= 17)) {
      expect(findBareRead(parser, sqlOf(decide(sql)))).toBeNull();
    }
    for (const { decide } of gates.filter(({ major }) => major < 17)) expect(decide(sql).kind).toBe('deny');
  });

  test('names that hold quotes go through the mask', () => {
    const verdict = decide('SELECT "e""mail" FROM "odd ""name"""');
    expect(findBareRead(newest.parser, sqlOf(verdict))).toBeNull();
    expect(sqlOf(verdict)).toContain(`'***'::pg_catalog.text AS "e""mail" FROM "public"."odd ""name"""`);
  });

  test('`email(c)` is refused as an unknown function', () => {
    expect(decide('SELECT email(c) FROM customers c')).toMatchObject({ denial: { sqlstate: '42883' } });
  });

  test('an alias keeps its place and its columns', () => {
    expect(sqlOf(decide('SELECT c.x FROM customers AS c (a, b, x) LIMIT 1'))).toMatch(
      /^SELECT c\.x FROM \(SELECT .* FROM "public"\."customers"\) AS c \(a, b, x\) LIMIT 1$/,
    );
  });

  test('a relation without alias keeps its name, and references lose the schema', () => {
    const sql = sqlOf(
      decide('SELECT public.customers.id, shop.public.customers.*, customers.name FROM public.customers'),
    );
    expect(sql).toMatch(/^SELECT customers\.id, customers\.\*, customers\.name FROM \(.*\) AS "customers"$/);
  });

  test('a sample is drawn inside the mask, before the columns are shown', () => {
    const sql = sqlOf(
      decide('SELECT * FROM customers AS c (a) TABLESAMPLE system (10) REPEATABLE (3) WHERE a = 1'),
    );
    expect(sql).toMatch(
      /FROM "public"\."customers" TABLESAMPLE system \(10\) REPEATABLE \(3\)\) AS "c"\("a"\) WHERE/,
    );
  });

  test('a sample whose size depends on another relation is refused', () => {
    const sql = 'SELECT * FROM orders o, LATERAL (SELECT * FROM customers TABLESAMPLE system (o.id)) s';
    expect(outcomeOf(decide(sql))).toBe('deny:unsupported-on-masked');
  });

  test('constant masks need no elevation', () => {
    expect(outcomeOf(decide('SELECT * FROM sales.leads'))).toBe('rewrite/either');
  });

  test('functions and relations beside a value mask are written in full', () => {
    const sql = sqlOf(
      decide('SELECT upper(c.email), count(*) FROM customers c JOIN orders o ON o.id = c.id GROUP BY 1'),
    );
    expect(sql).toContain('SELECT pg_catalog.upper(c.email), pg_catalog.count(*) FROM (SELECT');
    expect(sql).toContain('JOIN "public".orders o ON');
  });

  test('the mask stays when the names around it are long, quoted or not ASCII', () => {
    const long = 'x'.repeat(70);
    const sql = `SELECT "ü".email AS "${long}" FROM customers AS "ü" WHERE 'é漢🙂' <> name`;
    expect(sqlOf(decide(sql))).toContain(`AS "ü" WHERE 'é漢🙂' <> name`);
  });
});

describe('names', () => {
  test('a WITH query shadows a table only by its bare name and only where it is visible', () => {
    const shadowed = 'WITH customers AS (SELECT 1) SELECT * FROM customers';
    expect(outcomeOf(decide(shadowed))).toBe('pass/either');
    expect(outcomeOf(decide(`${shadowed}, public.customers`))).toBe('rewrite/elevated');
    // a plain WITH query does not see itself
    expect(outcomeOf(decide('WITH customers AS (SELECT * FROM customers) SELECT * FROM customers'))).toBe(
      'rewrite/elevated',
    );
    expect(
      outcomeOf(
        decide(
          'WITH RECURSIVE customers AS (SELECT 1 UNION SELECT * FROM customers) SELECT * FROM customers',
        ),
      ),
    ).toBe('pass/either');
    // an earlier one does not see a later one
    expect(
      outcomeOf(decide('WITH a AS (SELECT * FROM customers), customers AS (SELECT 1) SELECT * FROM a')),
    ).toBe('rewrite/elevated');
    expect(
      outcomeOf(
        decide('WITH RECURSIVE a AS (SELECT * FROM customers), customers AS (SELECT 1) SELECT * FROM a'),
      ),
    ).toBe('pass/either');
    // what an inner query names is not visible outside
    expect(outcomeOf(decide('SELECT * FROM (WITH customers AS (SELECT 1) SELECT 1) x, customers'))).toBe(
      'rewrite/elevated',
    );
    expect(outcomeOf(decide('WITH customers AS (SELECT 1) SELECT (SELECT count(*) FROM customers)'))).toBe(
      'pass/either',
    );
  });

  test('an unqualified name is looked up in the search path, then among temporary relations', () => {
    expect(outcomeOf(decide('SELECT * FROM leads'))).toBe('deny:unknown-relation');
    expect(outcomeOf(newest.decideIn({ searchPath: ['sales'] }, 'SELECT * FROM leads'))).toBe(
      'rewrite/either',
    );
    const temporary = new Set(['scratch', 'orders']);
    expect(
      outcomeOf(newest.decideIn({ tempRelations: temporary }, 'SELECT * FROM scratch, pg_temp.orders')),
    ).toBe('pass/either');
    // a permanent relation wins over a temporary one of the same name
    expect(newest.decideIn({ tempRelations: new Set(['payments']) }, 'SELECT * FROM payments')).toMatchObject(
      {
        denial: { rule: 'default-deny' },
      },
    );
  });

  test('once the search path was changed, names are written with their schema', () => {
    const verdict = newest.decideIn(
      { searchPathTouched: true },
      'SELECT o.id, pg_class.oid FROM orders o, pg_class',
    );
    expect(sqlOf(verdict)).toBe('SELECT o.id, pg_class.oid FROM "public".orders o, pg_class');
  });

  test('another database is refused, this one is not', () => {
    expect(decide('SELECT * FROM other.public.orders')).toMatchObject({ denial: { sqlstate: '0A000' } });
    expect(outcomeOf(decide('SELECT * FROM shop.public.orders'))).toBe('pass/either');
  });

  test('relations that user code may have made are forwarded to the base tier', () => {
    const verdict = newest.decideIn(
      { opaqueObjects: true, elevationAvailable: false },
      'SELECT * FROM mystery',
    );
    expect(verdict).toMatchObject({ kind: 'allow', tier: 'base', taint: 'session' });
  });

  test('an identifier of more than 63 bytes is cut as the server cuts it', () => {
    const name = 'a'.repeat(63);
    const verdict = newest.decideIn({ tempRelations: new Set([name]) }, `SELECT * FROM ${name}bcd`);
    expect(outcomeOf(verdict)).toBe('pass/either');
  });
});

describe('refusals', () => {
  test('a relation that no policy grants is refused by name, with rule, hint and position', () => {
    expect(decide('SELECT é.id FROM payments é')).toEqual({
      kind: 'deny',
      command: 'SELECT',
      denial: {
        sqlstate: '42501',
        message: 'permission denied for table payments',
        detail: 'Rule "default deny": no policy grants select on public.payments.',
        hint: 'Ask for access.',
        rule: 'default-deny',
        table: { schema: 'public', name: 'payments' },
        position: 18,
      },
    });
  });

  test('an operation that the policy does not grant names the policy', () => {
    expect(decide(`INSERT INTO sales.leads VALUES (1, 'x', 'y')`)).toMatchObject({
      denial: { rule: 'operation', detail: 'Policy analyst v3 grants select on sales.leads, not insert.' },
    });
  });

  test('an operation on a relation of which a policy grants nothing that the agent may pass on says so', () => {
    const access = shopAccess();
    const leads = { ...access.relations.get(5)!, operations: new Set<never>() };
    const relations = new Map([...access.relations, [5, leads]]);
    expect(decide('SELECT phone FROM sales.leads', { access: { ...access, relations } })).toMatchObject({
      denial: {
        rule: 'operation',
        detail: 'Policy analyst v3 grants nothing on sales.leads, not select.',
      },
    });
  });

  test('a relation that cannot be shown safely is refused with its own reason', () => {
    expect(outcomeOf(decide('SELECT contact FROM guarded_view'))).toBe('deny:view-reaches-mask');
  });

  test.each([
    ['SELECT * FROM nowhere', '42P01'],
    ['SELECT * FROM pg_temp_3.x', '42501'],
    ['SELECT * FROM pg_toast.pg_toast_1', '42501'],
    ['SELECT * FROM pg_authid', '42501'],
    ['SELEKT 1', '42601'],
  ])('%s fails with %s', (sql, sqlstate) => {
    expect(decide(sql)).toMatchObject({ kind: 'deny', denial: { sqlstate } });
  });

  test('one refused statement refuses the whole text', () => {
    expect(outcomeOf(decide('SELECT 1; SELECT * FROM payments; SELECT 2'))).toBe('deny:default-deny');
  });

  test('a cast of rows to a masked relation is refused', () => {
    expect(outcomeOf(decide('SELECT c::public.customers FROM customers c'))).toBe('deny:whole-row-cast');
  });
});

describe('statements without masks', () => {
  test.each([
    'SELECT 1',
    'SELECT id, total FROM orders WHERE total > 5 ORDER BY 1',
    'SELECT * FROM pg_class, information_schema.tables',
    `SELECT now(), 'x'::text, '{1}'::int[]`,
    '',
  ])('%s passes as it is and does not depend on its literals', (sql) => {
    expect(decide(sql)).toMatchObject({
      kind: 'allow',
      sql,
      rewritten: false,
      tier: 'either',
      literalIndependent: true,
    });
  });

  test('reading planner statistics keeps the transaction in the base tier', () => {
    expect(decide('SELECT * FROM pg_stats')).toMatchObject({ tier: 'base', taint: 'transaction' });
  });
});

describe('when real values may not be read', () => {
  test('value masks show as constants, in either tier', () => {
    const verdict = newest.decideIn({ elevationAvailable: false }, 'SELECT * FROM customers');
    expect(verdict).toMatchObject({ tier: 'either', degraded: true });
    expect(sqlOf(verdict)).toContain(`'***'::pg_catalog.text AS "email"`);
  });

  test.each([
    ['a function made by users', 'SELECT invoker(1), email FROM customers', 'transaction'],
    ['an operator made by users', 'SELECT email OPERATOR(public.+) 1 FROM customers', 'session'],
    ['a type with checks', `SELECT 'x'::checked, email FROM customers`, 'transaction'],
    ['row security with functions', 'SELECT * FROM secured', 'transaction'],
  ])('%s keeps the statement in the base tier', (_, sql, taint) => {
    expect(decide(sql)).toMatchObject({
      tier: 'base',
      taint,
      degraded: true,
      statements: [{ class: 'opaque' }],
    });
  });

  test.each([
    ['a type of an extension', `SELECT 'x'::citext, email FROM customers`],
    ['an operator that exists outside pg_catalog too', 'SELECT id + 1, email FROM customers'],
  ])('%s shows constants in the base tier, without taint', (_, sql) => {
    const catalog = shopCatalog(18, { userOperators: new Set(['+']) });
    const verdict = decide(sql, { catalog });
    expect(verdict).toMatchObject({ tier: 'base', taint: null, degraded: true });
  });

  test('an operator that exists outside pg_catalog too never runs elevated, whatever is read', () => {
    const catalog = shopCatalog(18, { userOperators: new Set(['+']) });
    expect(outcomeOf(decide('SELECT id + 1 FROM orders', { catalog }))).toBe('pass/base');
    expect(outcomeOf(decide('SELECT id - 1 FROM orders', { catalog }))).toBe('pass/either');
  });

  test('an enum may be written beside a value mask', () => {
    expect(outcomeOf(decide(`SELECT 'new'::order_status, email FROM customers`))).toBe('rewrite/elevated');
  });

  test('a text of statements that need both tiers runs whole in base, with constants for the values', () => {
    const verdict = decide('SELECT email FROM customers; SELECT invoker(1)');
    expect(outcomeOf(verdict)).toBe('rewrite/either,opaque/base');
    expect(verdict).toMatchObject({ tier: 'base', taint: 'transaction', degraded: true });
    expect(sqlOf(verdict)).toContain(`'***'::pg_catalog.text AS "email"`);
  });

  test('a match beside user code in one text is refused', () => {
    expect(outcomeOf(decide(`SELECT invoker(1); SELECT id FROM customers WHERE email = 'a'`))).toBe(
      'deny:match-needs-elevation',
    );
  });

  test('what was prepared with real values does not share a text with user code', () => {
    const prepared = new Map([['p', { tier: 'elevated' as const, taint: null, touchesMasked: true }]]);
    expect(outcomeOf(newest.decideIn({ prepared }, 'EXECUTE p; SELECT invoker(1)'))).toBe('deny:mixed-tiers');
  });
});
