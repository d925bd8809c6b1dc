import { describe, expect, it } from 'vitest';
import { type EffectivePolicy, maskPresets, type RuleOrigin } from '../policy/effective-policy.ts';
import { compareMasks } from '../policy/restrictiveness.ts';
import { findExcess, readStoredAccess, withTemporaryAccess } from '../policy/temporary-access.ts';
import { sampleCatalog, sampleRelation } from '../testing/catalog-samples.ts';
import { sampleColumn } from '../testing/mask-samples.ts';
import { testRandom, type TestRandom } from '../testing/random.ts';
import type { ColumnMask, RelationAccess } from './access.ts';
import { resolveAccess } from './resolve-access.ts';

/** What `findExcess` calls no more than another document must be no more on real tables. */
const origin: RuleOrigin = { policy: 'standing', version: 1 };
const request: RuleOrigin = { policy: 'request', version: 1 };
const names = ['a.x', 'a.y', 'b.x', 'b.xy'];
const columns = ['id', 'mail', 'name'];

const catalog = sampleCatalog(
  names.map((name, at) =>
    sampleRelation(at + 1, name, {
      columns: columns.map((column, index) => sampleColumn({ attnum: index + 1, name: column })),
    }),
  ),
);

function randomDocument(random: TestRandom): object {
  const table = () => random.pick([...names, 'a.*', '*.x', '*.x*', 'b.*', '*.*']);
  const column = () => `${random.pick(names)}.${random.pick(columns)}`;
  const some = <Item>(most: number, make: () => Item): Item[] =>
    Array.from({ length: random.int(most + 1) }, make);
  return {
    tables: some(3, () => {
      const operations = random.pick([['select'], ['select', 'update'], ['insert']]);
      const name = table();
      const isLimited = !name.includes('*') && operations.length === 1 && operations[0] === 'select';
      const shown = columns.filter(() => random.int(2) === 0);
      return { table: name, operations, ...(isLimited && shown.length > 0 ? { columns: shown } : {}) };
    }),
    masks: some(1, () => ({ column: column(), preset: 'redact' })),
    unmask: some(2, () => {
      const to = random.pick(['none', 'partial', ...maskPresets.filter((preset) => preset !== 'partial')]);
      return { column: column(), to, ...(to === 'partial' ? { prefix: random.int(3) } : {}) };
    }),
  };
}

/** Mostly the same document with something left out, made smaller, or put in. */
function variation(random: TestRandom, document: object): object {
  if (random.int(4) === 0) return randomDocument(random);
  const other = randomDocument(random) as Record<string, unknown[]>;
  return Object.fromEntries(
    Object.entries(document as Record<string, unknown[]>).map(([key, items]) => [
      key,
      random.int(6) === 0 ? [...items, ...(other[key] ?? [])] : items.filter(() => random.int(4) > 0),
    ]),
  );
}

function parsed(document: object) {
  try {
    return readStoredAccess(document);
  } catch {
    return null;
  }
}

function standing(random: TestRandom): EffectivePolicy {
  return {
    database: 'shop',
    grants: random.int(2) === 0 ? [] : [{ schema: 'a', table: 'x', operations: ['select'], origin }],
    masks: [{ schema: '*', table: '*', column: 'mail', preset: 'email', origin }],
    rowFilters: [],
    limits: {},
    policies: [origin],
  };
}

function showsNoMore(less: RelationAccess, more: RelationAccess): boolean {
  if (![...less.operations].every((operation) => more.operations.has(operation))) return false;
  if (!less.operations.has('select')) return true;
  return columns.every((_, at) => hidesAsMuch(less.masks.get(at + 1), more.masks.get(at + 1)));
}

function hidesAsMuch(less: ColumnMask | undefined, more: ColumnMask | undefined): boolean {
  if (more === undefined) return true;
  if (less === undefined) return false;
  const rule = ({ preset, prefix, suffix, matchEquality }: ColumnMask) =>
    ({ preset, prefix, suffix, match: matchEquality ? 'equality' : 'none' }) as const;
  return compareMasks(rule(less), rule(more)) <= 0;
}

describe('a document without excess', () => {
  it('opens no operation and shows no column more than the one it is compared with', () => {
    const random = testRandom(20_110);
    const counts = { compared: 0, excess: 0 };
    for (let round = 0; round < 1_000; round += 1) {
      const document = randomDocument(random);
      const requested = parsed(document);
      const granted = parsed(variation(random, document));
      if (requested === null || granted === null) continue;
      if (findExcess(granted, requested) !== null) {
        counts.excess += 1;
        continue;
      }
      counts.compared += 1;
      const policy = standing(random);
      const resolved = [granted, requested].map((access) =>
        resolveAccess(withTemporaryAccess(policy, [{ origin: request, access }]), catalog),
      );
      for (const [oid, less] of resolved[0]?.relations ?? []) {
        const more = resolved[1]?.relations.get(oid);
        if (more !== undefined && showsNoMore(less, more)) continue;
        expect.fail(JSON.stringify({ policy, requested, granted, oid }));
      }
    }
    expect(counts.compared).toBeGreaterThan(100);
    expect(counts.excess).toBeGreaterThan(100);
  });
});
