import { describe, expect, it } from 'vitest';
import { testRandom } from '../testing/random.ts';
import { compareDocuments } from './document-difference.ts';
import { parsePolicyDocument } from './document.ts';
import { mergeDocuments } from './three-way.ts';

function documentOf(...policies: readonly object[]) {
  return parsePolicyDocument({ database: 'shop', policies });
}

const customers = { table: 'public.customers', operations: ['select'] };
const orders = { table: 'public.orders', operations: ['select'] };
const email = { column: 'public.customers.email', preset: 'email' };
const base = documentOf({ name: 'support', grants: [customers], masks: [email] });

describe('three-way merge', () => {
  it('takes from each side what only that side changed', () => {
    const mine = documentOf({ name: 'support', grants: [customers, orders], masks: [email] });
    const theirs = documentOf({
      name: 'support',
      grants: [customers],
      masks: [{ ...email, preset: 'null' }],
    });
    const { document, conflicts } = mergeDocuments({ base, mine, theirs });
    expect(conflicts).toEqual([]);
    const expected = documentOf({
      name: 'support',
      grants: [customers, orders],
      masks: [{ ...email, preset: 'null' }],
    });
    expect(compareDocuments(document, expected).isSame).toBe(true);
  });

  it('asks where both changed the same mask, and does as it is told', () => {
    const mine = documentOf({
      name: 'support',
      grants: [customers],
      masks: [{ ...email, preset: 'redact' }],
    });
    const theirs = documentOf({ name: 'support', grants: [customers], masks: [] });
    const { open } = mergeDocuments({ base, mine, theirs });
    const where = { policy: 'support', part: 'masks', key: email.column } as const;
    expect(open).toEqual([
      { ...where, base: [{ preset: 'email' }], mine: [{ preset: 'redact' }], theirs: null },
    ]);
    for (const take of ['mine', 'theirs'] as const) {
      const merged = mergeDocuments({ base, mine, theirs, decisions: [{ ...where, take }] });
      expect(merged.open).toEqual([]);
      expect(merged.conflicts).toHaveLength(1);
      const wanted = take === 'mine' ? mine : theirs;
      expect(compareDocuments(merged.document, wanted).isSame).toBe(true);
    }
  });

  it('removes a policy that one side removed and the other left alone', () => {
    const { document, conflicts } = mergeDocuments({ base, mine: documentOf(), theirs: base });
    expect([document.policies, conflicts]).toEqual([[], []]);
    expect(mergeDocuments({ base, mine: base, theirs: documentOf() }).document.policies).toEqual([]);
  });

  it('asks when one side removed what the other changed', () => {
    const mine = documentOf({ name: 'support', grants: [customers, orders], masks: [email] });
    const theirs = documentOf();
    const { open } = mergeDocuments({ base, mine, theirs });
    expect(open.map(({ policy, part }) => [policy, part])).toEqual([['support', 'policy']]);
    const decisions = [{ policy: 'support', part: 'policy', key: '', take: 'theirs' }] as const;
    expect(mergeDocuments({ base, mine, theirs, decisions }).document.policies).toEqual([]);
  });

  it('merges two policies of one name that both sides added', () => {
    const empty = documentOf();
    const mine = documentOf({ name: 'new', grants: [customers], limits: { maxRows: 10 } });
    const theirs = documentOf({ name: 'new', grants: [orders], limits: { maxRows: 20 } });
    const { document, open } = mergeDocuments({ base: empty, mine, theirs });
    expect(document.policies[0]?.grants).toEqual([customers, orders]);
    expect(open.map(({ part, key }) => [part, key])).toEqual([['limits', 'maxRows']]);
  });

  it('gives one side whole when the other changed nothing, and never more than the three say', () => {
    const random = testRandom(3);
    const some = () =>
      documentOf(
        ...['a', 'b', 'c']
          .filter(() => random.chance(0.7))
          .map((name) => ({
            name,
            grants: ['t', 'u', 'v']
              .filter(() => random.chance(0.6))
              .map((table) => ({
                table: `public.${table}`,
                operations: random.chance(0.5) ? ['select'] : ['select', 'insert'],
              })),
          })),
      );
    const rightsOf = (document: ReturnType<typeof some>) =>
      document.policies.flatMap(({ name, grants }) =>
        grants.flatMap(({ table, operations }) =>
          operations.map((operation) => `${name} ${table} ${operation}`),
        ),
      );
    for (let round = 0; round < 200; round++) {
      const [old, mine, theirs] = [some(), some(), some()];
      expect(compareDocuments(mergeDocuments({ base: old, mine, theirs: old }).document, mine).isSame).toBe(
        true,
      );
      expect(compareDocuments(mergeDocuments({ base: old, mine: old, theirs }).document, theirs).isSame).toBe(
        true,
      );
      const merged = mergeDocuments({ base: old, mine, theirs }).document;
      const known = new Set([...rightsOf(mine), ...rightsOf(theirs)]);
      expect(rightsOf(merged).filter((right) => !known.has(right))).toEqual([]);
    }
  });
});
