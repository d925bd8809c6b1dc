import type { Verdict } from '@daam/shared/sql/verdict';
import { gateFor, type TestGate } from '@daam/shared/testing/gate';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BoundValues, MatchBudget, type Spending } from './match-budget.ts';

type Allowed = Extract<Verdict, { kind: 'allow' }>;

let shop: TestGate;
let now = 1_000_000_000_000;

beforeAll(async () => {
  shop = await gateFor(18);
});

const clock = { now: () => now };
const newBudget = (maxWindows?: number): MatchBudget =>
  new MatchBudget({ clock, ...(maxWindows === undefined ? {} : { maxWindows }) });

function decided(sql: string): Allowed {
  const verdict = shop.decide(sql);
  if (verdict.kind === 'deny') throw new TypeError(verdict.denial.message);
  return verdict;
}

interface Asked {
  readonly user?: string;
  readonly limits?: { readonly matchesPerStatement?: number; readonly matchesPerHour?: number };
  readonly values?: readonly (string | null)[];
  readonly types?: readonly number[];
}

function boundOf({ values, types = [] }: Asked): BoundValues | null {
  if (values === undefined) return null;
  return { values: values.map((value) => (value === null ? null : Buffer.from(value))), formats: [], types };
}

function spend(budget: MatchBudget, sql: string, asked: Asked = {}): Spending {
  const { user = 'ann', limits = {} } = asked;
  return budget.spend(decided(sql), { user, limits, bound: boundOf(asked) });
}

/** How many literals were counted, or the rule that refused. */
function outcome(spending: Spending): number | string {
  if (spending.kind === 'refused') return `${spending.denial.rule} ${spending.denial.sqlstate}`;
  return spending.verdict.statements
    .flatMap(({ matches }) => matches.map(({ literals }) => literals))
    .reduce((total, count) => total + count, 0);
}

const refused = 'match-budget 53400';
const byEmail = 'SELECT id FROM customers WHERE email = $1';
const byAny = 'SELECT id FROM customers WHERE email = ANY ($1)';
const list = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `v${from + index}`).join(',');

describe('the budget of one statement', () => {
  it('counts the elements that are bound to an array parameter', () => {
    const budget = newBudget();
    expect(outcome(spend(budget, byAny, { values: [`{${list(0, 16)}}`] }))).toBe(16);
    expect(outcome(spend(budget, byAny, { values: [`{${list(0, 17)}}`] }))).toBe(refused);
    expect(outcome(spend(budget, byAny, { values: ['no array'] }))).toBe(refused);
    expect(outcome(spend(budget, byAny, { values: [null] }))).toBe(1);
  });

  it('counts arrays in the binary format too', () => {
    const head = Buffer.from('000000010000000000000019', 'hex');
    const element = Buffer.from('0000000161', 'hex');
    const size = (count: number): Buffer => Buffer.from([0, 0, 0, count, 0, 0, 0, 1]);
    const of = (count: number): Buffer =>
      Buffer.concat([head, size(count), ...Array.from({ length: count }, () => element)]);
    const ask = (value: Buffer): Spending =>
      newBudget().spend(decided(byAny), {
        user: 'ann',
        limits: {},
        bound: { values: [value], formats: [1], types: [] },
      });
    expect(outcome(ask(of(16)))).toBe(16);
    expect(outcome(ask(of(17)))).toBe(refused);
    expect(outcome(ask(of(16).subarray(1)))).toBe(refused);
  });

  it('takes several matches of a text together', () => {
    const both = `${byAny} UNION SELECT id FROM customers WHERE email = $2`;
    expect(outcome(spend(newBudget(), both, { values: [`{${list(0, 15)}}`, 'x'] }))).toBe(16);
    expect(outcome(spend(newBudget(), both, { values: [`{${list(0, 16)}}`, 'x'] }))).toBe(refused);
  });

  it('is not stretched by an array in ARRAY[…]', () => {
    const nested = 'SELECT id FROM customers WHERE email = ANY (ARRAY[$1, $2])';
    expect(outcome(spend(newBudget(), nested, { values: ['{a,b}', 'c'], types: [25, 0] }))).toBe(2);
    const values = [`{${list(0, 16)}}`, '{x}'];
    expect(outcome(spend(newBudget(), nested, { values, types: [1009, 1009] }))).toBe(refused);
    // cast in the text it is no match at all, and computed on the mask
    const cast = decided('SELECT id FROM customers WHERE email = ANY (ARRAY[$1::text[]])');
    expect(cast.statements[0]?.matches).toEqual([]);
  });

  it('is what the policy says', () => {
    const sql = `SELECT id FROM customers WHERE email IN ('a', 'b', 'c')`;
    const limits = { matchesPerStatement: 2 };
    expect(outcome(spend(newBudget(), sql, { limits }))).toBe(refused);
  });
});

describe('the budget of an hour', () => {
  it('ends at a hundred distinct values; those that were used go on working', () => {
    const budget = newBudget();
    for (let at = 0; at < 100; at += 1)
      expect(outcome(spend(budget, byEmail, { values: [`v${at}`] }))).toBe(1);
    expect(outcome(spend(budget, byEmail, { values: ['v100'] }))).toBe(refused);
    expect(outcome(spend(budget, byEmail, { values: ['v7'] }))).toBe(1);
  });

  it('counts literals of the text and bound values alike', () => {
    const budget = newBudget();
    const limits = { matchesPerHour: 2 };
    expect(outcome(spend(budget, `SELECT id FROM customers WHERE email = 'a'`, { limits }))).toBe(1);
    expect(outcome(spend(budget, byEmail, { limits, values: ['a'] }))).toBe(1);
    expect(outcome(spend(budget, byAny, { limits, values: ['{a,b}'] }))).toBe(2);
    expect(outcome(spend(budget, `SELECT id FROM customers WHERE email = 'c'`, { limits }))).toBe(refused);
  });

  it('a refused statement spends nothing', () => {
    const budget = newBudget();
    const limits = { matchesPerHour: 3 };
    expect(outcome(spend(budget, byAny, { limits, values: ['{a,b,c,d}'] }))).toBe(refused);
    expect(outcome(spend(budget, byAny, { limits, values: ['{e,f,g}'] }))).toBe(3);
  });

  it('comes back when the hour is over, value by value', () => {
    const budget = newBudget();
    const limits = { matchesPerHour: 2 };
    spend(budget, byEmail, { limits, values: ['a'] });
    now += 1_800_000;
    spend(budget, byEmail, { limits, values: ['b'] });
    now += 1_799_999;
    expect(outcome(spend(budget, byEmail, { limits, values: ['c'] }))).toBe(refused);
    now += 1;
    expect(outcome(spend(budget, byEmail, { limits, values: ['c'] }))).toBe(1);
    expect(outcome(spend(budget, byEmail, { limits, values: ['a'] }))).toBe(refused);
  });

  it('belongs to a person and a column', () => {
    const budget = newBudget();
    const limits = { matchesPerHour: 1 };
    expect(outcome(spend(budget, byEmail, { limits, values: ['a'] }))).toBe(1);
    expect(outcome(spend(budget, byEmail, { limits, user: 'bob', values: ['b'] }))).toBe(1);
    const other = byEmail.replace('customers', 'audited');
    expect(outcome(spend(budget, other, { limits, values: ['b'] }))).toBe(1);
    expect(outcome(spend(budget, byEmail, { limits, values: ['b'] }))).toBe(refused);
  });

  it('is bounded: where there is no room for another column, nothing new is compared', () => {
    const budget = newBudget(1);
    expect(outcome(spend(budget, byEmail, { values: ['a'] }))).toBe(1);
    expect(outcome(spend(budget, byEmail, { user: 'bob', values: ['a'] }))).toBe(refused);
    now += 3_600_000;
    expect(outcome(spend(budget, byEmail, { user: 'bob', values: ['a'] }))).toBe(1);
  });

  it('is bounded in all columns together, too', () => {
    const budget = new MatchBudget({ clock, maxDigests: 2 });
    expect(outcome(spend(budget, byEmail, { values: ['a'] }))).toBe(1);
    expect(outcome(spend(budget, byEmail, { user: 'bob', values: ['a'] }))).toBe(1);
    expect(outcome(spend(budget, byEmail, { user: 'eve', values: ['a'] }))).toBe(refused);
    expect(outcome(spend(budget, byEmail, { values: ['a'] }))).toBe(1);
    now += 3_600_000;
    expect(outcome(spend(budget, byEmail, { user: 'eve', values: ['a'] }))).toBe(1);
  });
});
