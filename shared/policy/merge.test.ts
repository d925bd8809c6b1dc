import { describe, expect, it } from 'vitest';
import { type TestRandom, testRandom } from '../testing/random.ts';
import { parsePolicyBody } from './document.ts';
import {
  type EffectiveMask,
  type EffectivePolicy,
  maskPresets,
  tableOperations,
} from './effective-policy.ts';
import { policyFingerprint } from './fingerprint.ts';
import { mergeEffective, mergePolicies, type PolicyVersion } from './merge.ts';
import { matchesSegment, matchesTable } from './pattern.ts';
import { combineMasks, compareMasks, presetRank } from './restrictiveness.ts';

const tables = ['public.customers', 'public.*', 'sales.orders', '*.customers', 'public.cust*'];
const columns = ['email', '*', 'e*', 'ssn'];

function randomPolicy(random: TestRandom, name: string): PolicyVersion {
  const some = <Item>(make: () => Item): Item[] => Array.from({ length: random.int(4) }, make);
  const body = parsePolicyBody({
    grants: some(() => ({
      table: random.pick(tables),
      operations: random.shuffle(tableOperations).slice(0, 1 + random.int(4)),
    })),
    masks: some(() => {
      const preset = random.pick(maskPresets);
      return {
        column: `${random.pick(tables)}.${random.pick(columns)}`,
        preset,
        ...(preset === 'partial' ? { prefix: random.int(4), suffix: random.int(4) } : {}),
        ...(preset === 'redact' && random.chance(0.5) ? { as: 'text' } : {}),
        ...(random.chance(0.5) ? { match: random.pick(['none', 'equality']) } : {}),
      };
    }),
    rowFilters: some(() => ({
      table: random.pick(tables),
      where: [{ column: 'region', operator: 'in', value: '{{user.attributes.regions}}' }],
    })),
    limits: random.chance(0.5)
      ? { maxRows: 1 + random.int(100), statementTimeout: `${1 + random.int(9)}s` }
      : {},
  });
  return { name, version: 1 + random.int(3), body };
}

function policies(random: TestRandom, count: number): PolicyVersion[] {
  return Array.from({ length: count }, (_, index) => randomPolicy(random, `p${index}`));
}

const names = [
  { schema: 'public', table: 'customers', column: 'email' },
  { schema: 'public', table: 'customers', column: 'ssn' },
  { schema: 'public', table: 'carts', column: 'x' },
  { schema: 'sales', table: 'orders', column: 'email' },
];

function masksOn(policy: EffectivePolicy, name: (typeof names)[number]): readonly EffectiveMask[] {
  return policy.masks.filter((mask) => matchesTable(mask, name) && matchesSegment(mask.column, name.column));
}

describe('mergePolicies', () => {
  it('does not depend on the order of the policies', () => {
    const random = testRandom(1);
    for (let run = 0; run < 300; run++) {
      const all = policies(random, 1 + random.int(5));
      const merged = mergePolicies('shop', all, { regions: ['EU'] });
      const other = mergePolicies('shop', random.shuffle(all), { regions: ['EU'] });
      expect(other).toEqual(merged);
      expect(policyFingerprint(other)).toBe(policyFingerprint(merged));
    }
  });

  it('is associative and idempotent', () => {
    const random = testRandom(2);
    for (let run = 0; run < 300; run++) {
      const [a, b, c] = policies(random, 3).map((policy) => mergePolicies('shop', [policy]));
      if (a === undefined || b === undefined || c === undefined) throw new Error('three were made');
      const left = mergeEffective('shop', [mergeEffective('shop', [a, b]), c]);
      const right = mergeEffective('shop', [a, mergeEffective('shop', [b, c])]);
      expect(left).toEqual(right);
      expect(mergeEffective('shop', [left, left])).toEqual(left);
    }
  });

  it('shows no more of any column, and takes no grant away, when a policy is added', () => {
    const random = testRandom(3);
    for (let run = 0; run < 500; run++) {
      const all = policies(random, 4);
      const fewer = mergePolicies('shop', all.slice(0, 3));
      const more = mergePolicies('shop', all);
      for (const name of names) {
        for (const isText of [true, false]) {
          const before = combineMasks(masksOn(fewer, name), { isText });
          const after = combineMasks(masksOn(more, name), { isText });
          if (before === null) continue;
          if (after === null) throw new Error('a mask was lost');
          const samePreset = after.preset === before.preset;
          const shownIsLess = after.prefix <= before.prefix && after.suffix <= before.suffix;
          expect(samePreset ? shownIsLess : presetRank(after.preset) < presetRank(before.preset)).toBe(true);
          expect(after.matchEquality && !before.matchEquality).toBe(false);
        }
        const granted = (policy: EffectivePolicy) =>
          new Set(
            policy.grants.filter((grant) => matchesTable(grant, name)).flatMap((grant) => grant.operations),
          );
        expect([...granted(fewer)].every((operation) => granted(more).has(operation))).toBe(true);
      }
      expect(more.rowFilters.length).toBeGreaterThanOrEqual(fewer.rowFilters.length);
      expect(more.limits.maxRows ?? Infinity).toBeLessThanOrEqual(fewer.limits.maxRows ?? Infinity);
    }
  });

  it('decides each column as if nothing had been left out of the masks', () => {
    const random = testRandom(4);
    for (let run = 0; run < 500; run++) {
      const all = policies(random, 4);
      const merged = mergePolicies('shop', all);
      const unmerged = all.flatMap((policy) =>
        policy.body.masks.flatMap(
          (mask) => mergePolicies('shop', [{ ...policy, body: parsePolicyBody({ masks: [mask] }) }]).masks,
        ),
      );
      for (const name of names) {
        for (const isText of [true, false]) {
          const reduced = combineMasks(masksOn(merged, name), { isText });
          const whole = combineMasks(masksOn({ ...merged, masks: unmerged }, name), { isText });
          expect(reduced).toEqual(whole);
        }
      }
    }
  });

  it('keeps the strongest of two masks on one pattern, and the smallest limit', () => {
    const weak = parsePolicyBody({
      masks: [{ column: 'public.customers.email', preset: 'email', match: 'equality' }],
      limits: { maxRows: 50, idleTimeout: '1h', matchesPerHour: 500 },
    });
    const strong = parsePolicyBody({
      masks: [{ column: 'public.customers.email', preset: 'redact' }],
      limits: { maxRows: 100, statementTimeout: '2s', matchesPerHour: 20, matchesPerStatement: 0 },
    });
    const merged = mergePolicies('shop', [
      { name: 'weak', version: 1, body: weak },
      { name: 'strong', version: 4, body: strong },
    ]);
    expect(merged.masks).toEqual([
      {
        schema: 'public',
        table: 'customers',
        column: 'email',
        preset: 'redact',
        origin: { policy: 'strong', version: 4 },
      },
    ]);
    expect(merged.limits).toEqual({
      maxRows: 50,
      statementTimeoutMs: 2_000,
      idleTimeoutMs: 3_600_000,
      matchesPerHour: 20,
      matchesPerStatement: 0,
    });
  });

  it('puts attributes into row filters, and matches nothing and says why where one is missing or of another shape', () => {
    const body = parsePolicyBody({
      rowFilters: [
        {
          table: 'a.one',
          where: [{ column: 'region', operator: 'in', value: '{{user.attributes.regions}}' }],
        },
        {
          table: 'a.two',
          where: [{ column: 'region', operator: 'in', value: ['US', '{{user.attributes.regions}}'] }],
        },
        { table: 'a.three', where: [{ column: 'team', operator: 'eq', value: '{{user.attributes.team}}' }] },
        {
          table: 'a.four',
          where: [{ column: 'team', operator: 'ne', value: '{{user.attributes.regions}}' }],
        },
        {
          table: 'a.five',
          where: [{ column: 'team', operator: 'eq', value: '{{user.attributes.toString}}' }],
        },
        { table: 'a.six', where: [{ column: 'team', operator: 'is_null' }] },
      ],
    });
    const attributes = { regions: ['EU', 'UK'], team: { nested: true } };
    const merged = mergePolicies('shop', [{ name: 'p', version: 1, body }], attributes);
    const where = (table: string) => merged.rowFilters.find((filter) => filter.table === table)?.where[0];
    expect(where('one')).toEqual({ column: 'region', operator: 'in', value: ['EU', 'UK'] });
    expect(where('two')).toEqual({ column: 'region', operator: 'in', value: ['US', 'EU', 'UK'] });
    for (const table of ['three', 'four', 'five']) {
      expect(where(table)).toEqual({
        column: 'team',
        operator: 'in',
        value: [],
        problem: expect.any(String),
      });
    }
    expect(where('three')?.problem).toContain('team');
    expect(where('five')?.problem).toContain('toString');
    const none = mergePolicies('shop', [{ name: 'p', version: 1, body }], { regions: [] });
    expect(none.rowFilters.find(({ table }) => table === 'one')?.where).toEqual([
      { column: 'region', operator: 'in', value: [] },
    ]);
    expect(where('six')).toEqual({ column: 'team', operator: 'is_null' });
  });

  it('gives a policy that differs in anything another fingerprint', () => {
    const base = mergePolicies('shop', policies(testRandom(5), 2));
    const prints = [
      base,
      { ...base, database: 'shop2' },
      { ...base, limits: { maxRows: 7 } },
      {
        ...base,
        grants: [
          ...base.grants,
          { schema: 'x', table: 'y', operations: ['select'] as const, origin: { policy: 'z', version: 1 } },
        ],
      },
    ].map(policyFingerprint);
    expect(new Set(prints).size).toBe(prints.length);
    expect(prints[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('what is recorded', () => {
  const of = (...audits: (object | undefined)[]) =>
    mergePolicies(
      'shop',
      audits.map((audit, at) => ({
        name: `p${at}`,
        version: 1,
        body: parsePolicyBody(audit ? { audit } : {}),
      })),
    ).audit;

  it('has values of parameters as soon as one policy says so, and not by default', () => {
    expect(of(undefined, undefined)).toBeUndefined();
    expect(of({ parameters: false }, undefined)).toBeUndefined();
    expect(of({ parameters: true }, { parameters: false })).toEqual({ parameters: true });
    expect(of(undefined, { parameters: true })).toEqual({ parameters: true });
  });
});

describe('compareMasks', () => {
  it('orders presets as the design does, strongest first', () => {
    const shuffled = testRandom(6).shuffle(maskPresets.map((preset) => ({ preset })));
    expect(shuffled.toSorted(compareMasks).map((mask) => mask.preset)).toEqual([...maskPresets]);
  });

  it('puts fewer shown characters, typed NULL and no match first', () => {
    expect(compareMasks({ preset: 'partial', prefix: 1 }, { preset: 'partial', prefix: 2 })).toBeLessThan(0);
    expect(compareMasks({ preset: 'redact' }, { preset: 'redact', as: 'text' })).toBeLessThan(0);
    expect(compareMasks({ preset: 'email', match: 'none' }, { preset: 'email' })).toBeLessThan(0);
    expect(compareMasks({ preset: 'email' }, { preset: 'email', match: 'equality' })).toBeLessThan(0);
  });

  it('shows only what two partial masks both show', () => {
    const origin = { policy: 'p', version: 1 };
    const at = { schema: 'a', table: 'b', column: 'c', origin };
    const combined = combineMasks(
      [
        { ...at, preset: 'partial', prefix: 3, suffix: 0, match: 'equality' },
        { ...at, preset: 'partial', prefix: 0, suffix: 2, match: 'equality' },
      ],
      { isText: false },
    );
    expect(combined).toMatchObject({ prefix: 0, suffix: 0, matchEquality: true });
  });
});
