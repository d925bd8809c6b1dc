import { describe, expect, test } from 'vitest';
import { allGates, findBareRead, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();
const with17 = gates.filter(({ major }) => major >= 17);
const toCustomers = 'MERGE INTO customers t USING orders s ON t.id = s.id';

/** The text with each mask as one word. */
const masksAsWords = (sql: string): string =>
  sql.replaceAll(/\(?\(CASE WHEN .*?ELSE '\*\*\*' END COLLATE pg_catalog."default"\)\)?/g, 'MASK');

describe.each(gates.filter(({ major }) => major >= 15))(
  'MERGE on PostgreSQL $major',
  ({ decide, parser }) => {
    test.each([
      ['in ON', `${toCustomers} AND t.ssn > '5' WHEN MATCHED THEN DELETE`],
      ['in WHEN', `${toCustomers} WHEN MATCHED AND upper(t.email) LIKE 'A%' THEN DO NOTHING`],
      ['without its name', `${toCustomers} WHEN MATCHED AND email LIKE 'a%' THEN UPDATE SET note = memo`],
    ])('a masked column of the target is masked %s', (_, sql) => {
      const verdict = decide(sql);
      expect(verdict).toMatchObject({ tier: 'elevated', rewritten: true, touchesMasked: true });
      expect(masksAsWords(sqlOf(verdict))).not.toMatch(/(?<!AS ")\b(?:ssn|email)\b/);
    });

    test('a masked source is read through its mask', () => {
      const sql = `MERGE INTO orders t USING customers AS s ON t.id = s.id AND s.email LIKE 'a%' WHEN MATCHED THEN DELETE`;
      expect(findBareRead(parser, sqlOf(decide(sql)))).toBeNull();
    });

    test('columns of both sides that are not masked may be written', () => {
      const sql = `MERGE INTO orders t USING customers s ON t.customer_id = s.id
      WHEN MATCHED THEN UPDATE SET memo = s.name WHEN NOT MATCHED THEN INSERT (id, memo) VALUES (s.id, s.name)`;
      expect(outcomeOf(decide(sql))).toBe('rewrite/either');
    });

    test('NOT MATCHED sees the source alone, so that its names are never ambiguous', () => {
      const sql = `MERGE INTO customers t USING audited s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, note) VALUES (id, note)`;
      expect(outcomeOf(decide(sql))).toBe('rewrite/either');
    });

    test.each([
      ['a value of the target', `${toCustomers} WHEN MATCHED THEN UPDATE SET note = left(t.email, 1)`],
      [
        'a value of the source, inserted',
        'MERGE INTO orders t USING customers s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, memo) VALUES (1, s.email)',
      ],
      [
        'a value of a subquery',
        'MERGE INTO orders t USING (SELECT id, email AS e FROM customers) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET memo = s.e',
      ],
      [
        'a value of a WITH query',
        'WITH w AS (SELECT id, email AS e FROM customers) MERGE INTO orders t USING w ON t.id = w.id WHEN MATCHED THEN UPDATE SET memo = w.e',
      ],
      ['the whole row of the target', `${toCustomers} WHEN MATCHED THEN UPDATE SET doc = to_jsonb(t)`],
    ])('%s does not move into a column', (_, sql) => {
      expect(outcomeOf(decide(sql))).toBe('deny:masked-source');
    });

    test('needs the grants of its actions', () => {
      const sql = 'MERGE INTO sales.leads t USING orders s ON t.id = s.id WHEN MATCHED THEN DELETE';
      expect(outcomeOf(decide(sql))).toBe('deny:operation');
    });

    test('the whole row of the target is refused in a condition', () => {
      expect(outcomeOf(decide(`${toCustomers} WHEN MATCHED AND t::text LIKE '%a%' THEN DELETE`))).toBe(
        'deny:whole-row-target',
      );
    });
  },
);

describe.each(with17)('MERGE … RETURNING on PostgreSQL $major', ({ decide }) => {
  test('shows masks, and with * the source first', () => {
    const sql = `${toCustomers} WHEN MATCHED THEN UPDATE SET note = 'x' RETURNING merge_action(), *`;
    expect(masksAsWords(sqlOf(decide(sql)))).toMatch(
      /RETURNING merge_action\(\), "s"\.\*, "t"\."id", "t"\."name", MASK AS "email", MASK AS "ssn", /,
    );
  });

  test('WHEN NOT MATCHED BY SOURCE sees the target alone', () => {
    const sql = `MERGE INTO customers t USING audited s ON t.id = s.id WHEN NOT MATCHED BY SOURCE AND email LIKE 'a%' THEN DELETE`;
    expect(masksAsWords(sqlOf(decide(sql)))).toContain('BY SOURCE AND MASK LIKE');
  });
});
