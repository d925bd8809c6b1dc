import { describe, expect, test } from 'vitest';
import { allGates, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();

describe.each(gates)('LOCK TABLE on PostgreSQL $major', ({ decide }) => {
  test('of a table without masks passes as it is', () => {
    expect(sqlOf(decide('LOCK TABLE orders IN ACCESS SHARE MODE'))).toBe(
      'LOCK TABLE orders IN ACCESS SHARE MODE',
    );
  });

  test('of a masked table in the weakest mode reads nothing of it instead', () => {
    const verdict = decide('LOCK TABLE public.customers, ONLY orders IN ACCESS SHARE MODE');
    expect(sqlOf(verdict)).toBe(
      `DO 'BEGIN PERFORM 1 FROM "public"."customers" WHERE false; PERFORM 1 FROM ONLY "public"."orders" WHERE false; END'`,
    );
    expect(outcomeOf(verdict)).toBe('rewrite/either');
  });

  test('keeps the statements around it', () => {
    const sql = sqlOf(decide('BEGIN; LOCK customers IN ACCESS SHARE MODE; SELECT 1'));
    expect(sql).toMatch(
      /^BEGIN; ?DO 'BEGIN PERFORM 1 FROM "public"."customers" WHERE false; END'; SELECT 1$/,
    );
  });

  test('in any other mode is left to the privileges that the server asks for', () => {
    for (const sql of ['LOCK customers', 'LOCK customers IN ACCESS SHARE MODE NOWAIT']) {
      expect(sqlOf(decide(sql))).toBe(sql);
    }
  });

  test('of what no policy grants is refused', () => {
    expect(outcomeOf(decide('LOCK TABLE payments IN ACCESS SHARE MODE'))).toMatch(/^deny:/);
  });
});

describe.each(gates)('what pg_dump sends on PostgreSQL $major', ({ decide }) => {
  const hardening = (name: string): string =>
    `SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = '${name}'`;

  test('may restrict what its session sees, by its own words alone', () => {
    expect(outcomeOf(decide(hardening('restrict_nonsystem_relation_kind')))).toBe('pass/either');
    expect(outcomeOf(decide(hardening('search_path')))).toBe('deny:set-parameter');
    expect(outcomeOf(decide(`${hardening('restrict_nonsystem_relation_kind')} OR true`))).toBe(
      'deny:set-parameter',
    );
  });
});
