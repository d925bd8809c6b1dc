import type { Verdict } from '@daam/shared/sql/verdict';
import { gateFor, type TestGate } from '@daam/shared/testing/gate';
import { beforeAll, describe, expect, it } from 'vitest';
import { literalFree } from './literal-free.ts';
import { fillTemplate, isAlike, makeTemplate, markText, type VerdictTemplate } from './verdict-template.ts';

let shop: TestGate;

beforeAll(async () => {
  shop = await gateFor(18);
});

function templateOf(sql: string): VerdictTemplate | null {
  const free = literalFree(sql);
  if (free === null) throw new Error('it has no literal-free form');
  const verdict = shop.decide(sql);
  if (!isAlike(verdict)) return null;
  const first = { sql, free, verdict };
  const marked = markText(first);
  return marked === null ? null : makeTemplate(first, marked, shop.decide(marked.sql));
}

function filled(template: VerdictTemplate, sql: string): Verdict {
  const free = literalFree(sql);
  if (free === null) throw new Error('it has no literal-free form');
  return fillTemplate(template, sql, free);
}

describe('a verdict template', () => {
  it.each([
    ['SELECT id FROM orders WHERE id = 1', 'SELECT id FROM orders WHERE id = 42'],
    ['SELECT email FROM customers WHERE id = 1', 'SELECT email FROM customers WHERE id = 999999999'],
    [
      "SELECT * FROM customers WHERE email = 'a@b.c'",
      "SELECT * FROM customers WHERE email = 'someone@else.example'",
    ],
    [
      "SELECT * FROM customers WHERE email IN ('a','b') AND id < 7",
      "SELECT * FROM customers WHERE email IN ('x','a') AND id < 8",
    ],
    ["SELECT 5, 'five', c FROM customers c LIMIT 5", "SELECT 7, 'x', c FROM customers c LIMIT 0"],
    [
      "UPDATE customers SET note = 'a' WHERE id = 1 RETURNING email",
      "UPDATE customers SET note = '' WHERE id = 7 RETURNING email",
    ],
    ["SELECT '***', email FROM customers WHERE id = 1", "SELECT '***@', email FROM customers WHERE id = 1"],
  ])('of %s gives for another text exactly what the gate gives', (sql, other) => {
    const template = templateOf(sql);
    expect(template).not.toBeNull();
    if (template === null) return;
    expect(filled(template, sql)).toEqual(shop.decide(sql));
    expect(filled(template, other)).toEqual(shop.decide(other));
  });

  it.each([
    "SELECT set_config('application_name', 'x', false)",
    "SET application_name = 'x'",
    "SELECT nextval('orders_id_seq')",
  ])('is not made where a literal decides: %s', (sql) => {
    expect(templateOf(sql)).toBeNull();
  });

  it('is not made of a refusal', () => {
    expect(templateOf('SELECT * FROM payments WHERE id = 1')).toBeNull();
  });

  it('keeps apart texts that have another number of values to match', () => {
    const one = literalFree("SELECT 1 FROM customers WHERE email IN ('a')")?.key;
    const two = literalFree("SELECT 1 FROM customers WHERE email IN ('a','b')")?.key;
    expect(one).not.toBe(two);
  });
});
