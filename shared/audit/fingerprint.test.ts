import { describe, expect, it } from 'vitest';
import { statementFingerprint, statementShape } from './fingerprint.ts';

describe('the fingerprint of a statement', () => {
  it('is one for statements that differ in literals, comments, case and white space', () => {
    const same = [
      "select name from customers where id = 5 and region in ('a', 'b')",
      "SELECT name\n  FROM Customers -- all\n WHERE id = 17 AND region IN ('c');",
      'select name from customers where id = $1 and region in ($2,$3,$4) ;',
      "select name from customers where id = 1.5e3 and region in (E'it''s')",
      'select /* of whom? */ name from customers where id = 5 and region in ($tag$ a $tag$)',
    ];
    expect(new Set(same.map(statementFingerprint)).size).toBe(1);
    expect(statementFingerprint('select 1')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('keeps names apart, and quoted ones as they are', () => {
    const names = ['select a from t', 'select b from t', 'select "A" from t', 'select a from t2'];
    expect(new Set(names.map(statementFingerprint)).size).toBe(4);
    expect(statementShape('select "Weird 5", T1 from t1')).toBe('select "Weird 5", t1 from t1');
  });

  it('never lets a literal through, not even one that is not closed', () => {
    for (const sql of [
      "select 'secret",
      "select E'secret",
      'select $$secret',
      "select U&'secret'",
      "x'secret",
    ]) {
      expect(statementShape(sql)).not.toMatch(/'secret|\$secret/);
    }
  });

  it('ends for long runs of whatever opens something', () => {
    for (const piece of ["'", '/*', '$a$', '"', '$', '1.', '-', '?,', 'e', ';']) {
      expect(statementShape(piece.repeat(30_000)).length).toBeLessThanOrEqual(30_000 * piece.length);
    }
  });
});
