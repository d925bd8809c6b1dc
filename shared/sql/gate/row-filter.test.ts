import { describe, expect, test } from 'vitest';
import type { ResolvedRowCondition } from '../access.ts';
import {
  accessOf,
  accessTo,
  catalogOf,
  columns,
  freshNames,
  mask,
  relation,
  shopCatalog,
} from '../../testing/catalog.ts';
import { allGates, outcomeOf, sqlOf } from '../../testing/gate.ts';
import type { Verdict } from '../verdict.ts';
import type { GateInput } from './decide.ts';

const gates = await allGates();
const all = ['select', 'insert', 'update', 'delete'] as const;
const region: ResolvedRowCondition = {
  attnum: 2,
  column: 'region',
  operator: 'in',
  literals: [`'EU'::pg_catalog.text`, `'UK'::pg_catalog.text`],
};
const filter = { conditions: [region], origins: [] };
const visible = `"region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])`;

const sales = relation(21, 'public.sales', {
  columns: columns('id:int8', 'region', 'note', 'total:numeric', 'email'),
  primaryKey: [1],
});
const lines = relation(22, 'public.lines', { columns: columns('id:int4', 'sale_id:int8', 'memo') });
const derived = relation(23, 'public.derived', {
  columns: columns('id:int8', 'region', 'source').map((column) =>
    column.name === 'region' ? { ...column, generatedFrom: [3] } : column,
  ),
});
const report = relation(24, 'public.report', {
  columns: columns('id:int8', 'region'),
  kind: 'v',
  reads: [{ oid: 22, columns: null }],
});
const base = shopCatalog(18);

function input(gate: (typeof gates)[number], overrides: Partial<GateInput> = {}): Partial<GateInput> {
  return {
    catalog: catalogOf(gate.major, [...base.relations.values(), sales, lines, derived, report], {
      userFunctions: new Map([...base.userFunctions].filter(([name]) => name === 'invoker')),
    }),
    access: accessOf([
      { ...accessTo(sales, all, [mask(5, 'email', 'email', true)]), rowFilter: filter },
      { ...accessTo(derived, all), rowFilter: filter },
      { ...accessTo(report, ['select']), rowFilter: filter },
      accessTo(lines, all),
    ]),
    ...overrides,
  };
}

describe.each(gates.map((gate) => [gate.major, gate] as const))(
  'row filters in the gate of %i',
  (major, gate) => {
    const decide = (sql: string, overrides: Partial<GateInput> = {}): Verdict =>
      gate.decide(sql, input(gate, overrides));
    const rewritten = (sql: string): string => sqlOf(decide(sql));

    test('every read has the filter in its subquery, and is an elevated rewrite', () => {
      for (const sql of [
        'SELECT * FROM sales',
        'TABLE sales',
        'SELECT s.id FROM lines l JOIN public.sales s ON s.id = l.sale_id',
        'SELECT (SELECT max(id) FROM sales)',
        'WITH w AS (SELECT * FROM ONLY sales) SELECT * FROM w',
        'SELECT * FROM sales AS s(a, b) TABLESAMPLE SYSTEM (10)',
        'COPY sales TO STDOUT',
        'COPY (SELECT id FROM sales) TO STDOUT',
        'CREATE TEMP TABLE t AS SELECT * FROM sales',
        'DECLARE c CURSOR FOR SELECT * FROM sales',
        'PREPARE p AS SELECT * FROM sales',
        'INSERT INTO lines (id) SELECT 1 FROM sales',
        'DELETE FROM lines l USING sales s WHERE s.id = l.sale_id',
      ]) {
        const verdict = decide(sql);
        expect(`${sql}: ${outcomeOf(verdict)}`).toBe(`${sql}: rewrite/elevated`);
        expect(sqlOf(verdict)).toContain(visible);
        expect(verdict).toMatchObject({ touchesMasked: true, statements: [{ filtersRows: true }] });
      }
    });

    test('planner switches stay as they are, for an order of rows could tell of the hidden ones', () => {
      const access = accessOf([{ ...accessTo(sales, all), rowFilter: filter }]);
      const verdict = decide('SET enable_seqscan = off', { access });
      expect(outcomeOf(verdict)).toBe('deny:set-parameter');
    });

    test('conditions that are leakproof leave the server free; others are fenced off, and what is safe is repeated', () => {
      for (const quiet of [
        'SELECT note, upper(note), 1 / total FROM sales WHERE id = 7',
        `SELECT id FROM sales WHERE id IN (1, $1) AND note BETWEEN 'a' AND 'b' OR region IS NULL`,
        'SELECT s.id FROM lines l LEFT JOIN sales s ON s.id = l.sale_id ORDER BY lower(s.note)',
        'SELECT s.id FROM lines l JOIN sales s USING (id) WHERE EXISTS (SELECT FROM lines k WHERE k.sale_id = s.id)',
        'SELECT id FROM sales WHERE id IN (SELECT sale_id FROM lines)',
        'SELECT id FROM sales WHERE id = 7 FOR UPDATE',
        'SELECT count(*) FROM sales WHERE total > 5',
      ]) {
        expect(`${quiet}: ${rewritten(quiet)}`).not.toMatch(/OFFSET 0|COALESCE/);
      }
      for (const loud of [
        `SELECT id FROM sales WHERE note LIKE 'a%'`,
        'SELECT id FROM sales WHERE 1 / total > 0',
        'SELECT id FROM sales WHERE id = 5::oid',
        'SELECT id FROM sales WHERE total > $1',
        'SELECT id FROM sales NATURAL JOIN lines',
        'SELECT x FROM (SELECT 1 / total AS x FROM sales) s',
        'SELECT s.id FROM lines l LEFT JOIN sales s ON lower(s.note) = l.memo',
        'SELECT note FROM sales GROUP BY note HAVING length(note) > 3',
        'SELECT id FROM sales AS s(a, id) WHERE id = $1',
        'SELECT id FROM sales, generate_series(1, 3) id',
        `SELECT id FROM sales WHERE email = 'a@b.c'`,
        'SELECT id FROM report WHERE id = 3',
      ]) {
        expect(`${loud}: ${rewritten(loud)}`).toContain(' OFFSET 0)');
      }
      const both = rewritten(`SELECT id FROM sales WHERE id = 7 AND note LIKE 'a%' AND total IN (1, 2)`);
      expect(both).toContain(`${visible} AND ("id" OPERATOR(pg_catalog.=) 7)`);
      expect(both).toContain('COALESCE("note", "note") AS "note"');
      expect(rewritten(`SELECT id FROM sales WHERE id = $1 AND lower(note) = $1`)).not.toContain(
        '= $1) OFFSET',
      );
    });

    test('writes change only rows that the filter shows, and compute conditions on those alone', () => {
      const qualified = visible.replace('"region"', '"sales"."region"');
      expect(rewritten(`UPDATE sales SET note = 'x'`)).toBe(
        `UPDATE "public".sales SET note = 'x' WHERE ${qualified}`,
      );
      expect(rewritten('DELETE FROM sales WHERE id = 7 OR id = 8 RETURNING id')).toBe(
        `DELETE FROM "public".sales WHERE ${qualified} AND ( id = 7 OR id = 8) RETURNING id AS "id"`,
      );
      expect(rewritten(`DELETE FROM sales WHERE id = 7 AND note LIKE 'x'`)).toBe(
        `DELETE FROM "public".sales WHERE ${qualified} AND ("sales"."id" OPERATOR(pg_catalog.=) 7)` +
          ` AND CASE WHEN ${qualified} THEN ( id = 7 AND note LIKE 'x') ELSE FALSE END`,
      );
      const upsert = rewritten(
        `INSERT INTO sales AS s (id, region) VALUES (1, 'EU') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE s.id > 3`,
      );
      expect(upsert).toContain('WHERE "s"."region" OPERATOR(pg_catalog.=)');
      expect(upsert).toContain('THEN ( s.id > 3) ELSE FALSE END');
    });

    test('a column of the filter takes a constant or parameter that keeps the row visible, and nothing else', () => {
      expect(rewritten('UPDATE sales SET region = $2 WHERE id = $1')).toContain(
        visible.replace('"region"', '(($2)::pg_catalog.text)'),
      );
      expect(rewritten('UPDATE sales s SET region = s.region')).not.toContain('::pg_catalog.text)');
      const excluded = `INSERT INTO sales (id, region) VALUES (1, 'EU') ON CONFLICT (id) DO UPDATE SET region = excluded.region`;
      expect(rewritten(excluded)).toContain(visible.replace('"region"', '"excluded"."region"'));
      for (const sql of [
        'UPDATE sales SET region = upper(region)',
        'UPDATE sales SET region = note',
        'UPDATE sales SET region = DEFAULT',
        `UPDATE sales SET (note, region) = ('x', 'EU')`,
        'UPDATE sales SET region = region FROM lines',
        `UPDATE derived SET source = 'x'`,
      ]) {
        expect(`${sql}: ${outcomeOf(decide(sql))}`).toBe(`${sql}: deny:row-filter-column`);
      }
    });

    test('without the elevated tier the table is out of reach, with the reason', () => {
      for (const sql of ['SELECT 1 FROM sales', 'DELETE FROM sales', `INSERT INTO sales (id) VALUES (1)`]) {
        const off = decide(sql, { names: freshNames({ elevationAvailable: false }) });
        expect(outcomeOf(off)).toBe('deny:row-filter');
      }
      const verdict = decide('SELECT invoker(1) FROM sales');
      expect(outcomeOf(verdict)).toBe('deny:row-filter');
      expect(verdict.kind === 'deny' ? verdict.denial.detail : '').toContain('invoker');
    });

    test.each([
      ['EXPLAIN SELECT * FROM sales', 'explain-row-filter'],
      ['EXPLAIN ANALYZE DELETE FROM sales', 'explain-row-filter'],
      [`SELECT id FROM sales WHERE note LIKE 'x' FOR UPDATE`, 'row-filter-lock'],
      ['PREPARE p(oid) AS SELECT id FROM sales WHERE id = $1', 'row-filter-parameter'],
      ['UPDATE sales SET note = 1 WHERE CURRENT OF c', 'rewrite-verification'],
    ])('%s is refused', (sql, rule) => {
      expect(outcomeOf(decide(sql))).toBe(`deny:${rule}`);
    });

    test.runIf(major >= 15)('MERGE sees visible rows of its target only', () => {
      const sql = rewritten(
        `MERGE INTO sales s USING lines l ON s.id = l.sale_id WHEN MATCHED AND CASE WHEN true THEN true END THEN DELETE`,
      );
      expect(sql).toContain(`ON ${visible.replace('"region"', '"s"."region"')} AND ( s.id = l.sale_id) WHEN`);
      const moved = `MERGE INTO sales s USING lines l ON s.id = l.sale_id WHEN MATCHED THEN UPDATE SET region = 'EU'`;
      expect(outcomeOf(decide(moved))).toBe('deny:row-filter-column');
    });
  },
);
