import type { Verdict } from '@daam/shared/sql/verdict';
import { freshNames } from '@daam/shared/testing/catalog';
import { gateFor, sqlOf, type TestGate } from '@daam/shared/testing/gate';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ViewAnalysis } from './analysis.ts';
import { type AccessView, decide, decideSoon, emptyCaches } from './decisions.ts';

let shop: TestGate;

beforeAll(async () => {
  shop = await gateFor(18);
});

const plain = { ...freshNames(), isPlain: true };

/** A view that writes down what its gate was asked, and may answer later. */
function watched(analysis?: ViewAnalysis): { view: AccessView; asked: string[] } {
  const asked: string[] = [];
  const gate = (sql: string): Verdict => {
    asked.push(sql);
    return shop.decide(sql);
  };
  const view = {
    catalog: { major: 18 } as AccessView['catalog'],
    access: {} as AccessView['access'],
    hasMasks: true,
    gate,
    ...emptyCaches(),
    ...(analysis === undefined ? {} : { analysis }),
  };
  return { view, asked };
}

const select = (id: number): string => `SELECT id, email FROM customers WHERE id = ${id}`;

describe('deciding', () => {
  it('asks the gate once for a text that comes once', () => {
    const { view, asked } = watched();
    expect(decide(view, select(1), plain)).toEqual(shop.decide(select(1)));
    expect(asked).toEqual([select(1)]);
  });

  it('asks no more from the third text on that differs only in literals', () => {
    const { view, asked } = watched();
    for (let id = 1; id <= 5; id += 1)
      expect(decide(view, select(id), plain)).toEqual(shop.decide(select(id)));
    expect(asked).toHaveLength(2);
  });

  it('answers the same text again without asking', () => {
    const { view, asked } = watched();
    for (const sql of ['SELECT email FROM customers', 'SELECT * FROM payments']) {
      for (let turn = 0; turn < 3; turn += 1) expect(decide(view, sql, plain)).toEqual(shop.decide(sql));
    }
    expect(asked).toHaveLength(2);
  });

  it('carries the values of a match along', () => {
    const { view } = watched();
    const match = (email: string): string => `SELECT id FROM customers WHERE email = '${email}' AND id < 9`;
    for (const email of ['a@b.c', 'd@e.f', 'g@h.i']) {
      expect(decide(view, match(email), plain)).toEqual(shop.decide(match(email)));
    }
  });

  it('asks for each text where a literal decides', () => {
    const { view, asked } = watched();
    for (const name of ['a', 'b', 'c']) {
      const sql = `SELECT set_config('application_name', '${name}', false)`;
      expect(decide(view, sql, plain)).toEqual(shop.decide(sql));
    }
    expect(asked.filter((sql) => sql.includes("'c'"))).toHaveLength(1);
  });

  it('asks each time when names do not mean what they mean for everybody', () => {
    const { view, asked } = watched();
    for (let turn = 0; turn < 3; turn += 1) decide(view, select(1), { ...plain, isPlain: false });
    expect(asked).toHaveLength(3);
  });

  it('makes the template of a text with a thousand literals in one go', () => {
    const { view, asked } = watched();
    const insert = (from: number): string =>
      `INSERT INTO customers (id, note) VALUES ${Array.from({ length: 500 }, (_, i) => `(${from + i}, 'n${i}')`).join(', ')} RETURNING id, email`;
    for (const from of [1, 1000, 2000])
      expect(decide(view, insert(from), plain)).toEqual(shop.decide(insert(from)));
    expect(asked).toHaveLength(2);
  });
});

describe('deciding soon', () => {
  const elsewhere = (verdictOf: (sql: string) => Verdict): { analysis: ViewAnalysis; later: string[] } => {
    const later: string[] = [];
    const analysis: ViewAnalysis = {
      quick: (sql) => (sql.length < 100 ? verdictOf(sql) : null),
      later: async (sql) => {
        later.push(sql);
        return verdictOf(sql);
      },
      explain: () => Promise.reject(new TypeError('nobody asks')),
    };
    return { analysis, later };
  };
  const long = (id: number): string => `SELECT id${', email'.repeat(20)} FROM customers WHERE id = ${id}`;

  it('gives a verdict at once, or a promise of one that is kept like any other', async () => {
    const { analysis, later } = elsewhere((sql) => shop.decide(sql));
    const { view } = watched(analysis);
    expect(decideSoon(view, select(1), plain)).not.toBeInstanceOf(Promise);
    for (const id of [1, 2]) {
      const promised = decideSoon(view, long(id), plain);
      expect(promised).toBeInstanceOf(Promise);
      expect(await promised).toEqual(shop.decide(long(id)));
    }
    const known = decideSoon(view, long(3), plain);
    expect(known).not.toBeInstanceOf(Promise);
    expect(sqlOf(known as Verdict)).toBe(sqlOf(shop.decide(long(3))));
    expect(later).toHaveLength(2);
  });

  it('does not remember that there was no time', async () => {
    const denial = { sqlstate: '54001', message: '', detail: null, hint: null, table: null, position: null };
    const late: Verdict = { kind: 'deny', denial: { ...denial, rule: 'analysis-timeout' }, command: null };
    const { analysis, later } = elsewhere(() => late);
    const { view } = watched(analysis);
    for (const sql of [long(1), long(1), long(2), `SELECT id${', email'.repeat(20)} FROM customers`]) {
      expect(await decideSoon(view, sql, plain)).toBe(late);
    }
    expect(later).toHaveLength(4);
  });
});
