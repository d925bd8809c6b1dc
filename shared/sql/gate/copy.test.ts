import { describe, expect, test } from 'vitest';
import { allGates, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();

describe.each(gates)('COPY on PostgreSQL $major', ({ decide }) => {
  test('of a table without masks passes as it is', () => {
    for (const sql of ['COPY orders TO STDOUT', 'COPY public.orders (id, total) TO STDOUT (FORMAT csv)']) {
      expect(sqlOf(decide(sql))).toBe(sql);
      expect(outcomeOf(decide(sql))).toBe('pass/either');
    }
  });

  test('of a catalogue passes, of one that holds secrets it does not', () => {
    expect(outcomeOf(decide('COPY pg_catalog.pg_class TO STDOUT'))).toBe('pass/either');
    expect(outcomeOf(decide('COPY pg_authid TO STDOUT'))).toBe('deny:system-relation');
  });

  test('of what no policy grants is refused, in and out', () => {
    expect(outcomeOf(decide('COPY payments TO STDOUT'))).toMatch(/^deny:/);
    expect(outcomeOf(decide('COPY payments FROM STDIN'))).toMatch(/^deny:/);
    expect(outcomeOf(decide('COPY pg_catalog.pg_class FROM STDIN'))).toMatch(/^deny:/);
  });

  test('of a masked table shows masks, the columns that were asked for and no others', () => {
    const named = sqlOf(decide('COPY customers (id, email) TO STDOUT'));
    expect(named).toMatch(/^COPY \(SELECT "id", "email" FROM \(SELECT /);
    const whole = sqlOf(decide('COPY customers TO STDOUT'));
    expect(whole).toMatch(/^COPY \(SELECT "id", "name", "email",/);
    for (const name of ['public.customers', 'shop.public.customers', '"public"."customers"']) {
      const sql = sqlOf(decide(`COPY ${name} (id) TO STDOUT (FORMAT csv, HEADER)`));
      expect(sql).toMatch(
        /^COPY \(SELECT "id" FROM \(.*\) AS "customers"\) TO STDOUT \(FORMAT csv, HEADER\)$/s,
      );
    }
  });

  test('from files and programs, and to them, is refused', () => {
    for (const sql of [
      `COPY orders TO '/tmp/x'`,
      `COPY orders FROM '/tmp/x'`,
      `COPY orders TO PROGRAM 'cat'`,
      `COPY orders FROM PROGRAM 'cat'`,
    ]) {
      expect(outcomeOf(decide(sql))).toBe('deny:copy-file');
    }
  });

  test('the condition of COPY FROM sees what the client sends; functions in it are judged', () => {
    expect(outcomeOf(decide('COPY orders FROM STDIN WHERE total > 1'))).toMatch(/^pass\//);
    expect(outcomeOf(decide(`COPY orders FROM STDIN WHERE pg_read_file('x') = ''`))).toBe(
      'deny:function-allow-list',
    );
  });

  test('of a query is judged as the query is', () => {
    expect(outcomeOf(decide('COPY (SELECT * FROM payments) TO STDOUT'))).toMatch(/^deny:/);
    expect(sqlOf(decide('COPY (SELECT email FROM customers) TO STDOUT'))).toContain('***');
  });
});
