import { describe, expect, it } from 'vitest';
import type { EffectivePolicy, EffectiveRowFilter, FilterScalar } from '../policy/effective-policy.ts';
import { sampleCatalog, sampleRelation } from '../testing/catalog-samples.ts';
import { sampleColumn } from '../testing/mask-samples.ts';
import type { ResolvedAccess } from './access.ts';
import type { CatalogRelation } from './catalog.ts';
import { resolveAccess } from './resolve-access.ts';
import { bareReference, rowFilterCondition } from './row-filter.ts';

const origin = { policy: 'analyst', version: 3 };
type Where = EffectiveRowFilter['where'];

function filter(table: string, ...where: Where): EffectiveRowFilter {
  return { schema: 'public', table, where, origin };
}

function resolve(
  relations: readonly CatalogRelation[],
  ...rowFilters: readonly EffectiveRowFilter[]
): ResolvedAccess {
  const policy: EffectivePolicy = {
    database: 'shop',
    grants: [{ schema: 'public', table: '*', operations: ['select'], origin }],
    masks: [],
    rowFilters,
    limits: {},
    policies: [origin],
  };
  return resolveAccess(policy, sampleCatalog(relations));
}

/** The condition of a relation as SQL, or `refused: …`. */
function conditionOf(access: ResolvedAccess, oid: number): string | null {
  const relation = access.relations.get(oid);
  if (relation !== undefined && relation.refusal !== null)
    return `refused ${relation.refusal.rule}: ${relation.refusal.message}`;
  const rows = relation?.rowFilter ?? null;
  return rows === null ? null : rowFilterCondition(rows, bareReference);
}

const typed = (name: string, type: string, category: string): CatalogRelation['columns'][number] =>
  sampleColumn({
    name,
    attnum: 1,
    typeName: type,
    baseTypeName: type,
    typeCategory: category,
  });

function withColumn(type: string, category = 'N'): CatalogRelation {
  return sampleRelation(7, 'public.t', { columns: [typed('c', type, category)] });
}

const orders = sampleRelation(100, 'public.orders', { columns: ['id', 'region', 'owner'] });
const byRegion: Where[number] = { column: 'region', operator: 'in', value: ['EU', 'UK'] };

describe('row filters: conditions', () => {
  it('joins every condition of every policy with AND, each once, in an order of its own', () => {
    const owner: Where[number] = { column: 'owner', operator: 'eq', value: `o'neil` };
    const one = resolve([orders], filter('orders', byRegion, owner), filter('ord*', owner));
    const other = resolve([orders], filter('*', owner), filter('orders', byRegion));
    expect(conditionOf(one, 100)).toBe(
      `"region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])` +
        ` AND "owner" OPERATOR(pg_catalog.=) 'o''neil'::pg_catalog.text`,
    );
    expect(conditionOf(other, 100)).toBe(conditionOf(one, 100));
    expect(other.fingerprint).toBe(one.fingerprint);
  });

  it.each([
    ['eq', '='],
    ['ne', '<>'],
    ['lt', '<'],
    ['le', '<='],
    ['gt', '>'],
    ['ge', '>='],
  ] as const)('writes %s as %s', (operator, symbol) => {
    const access = resolve([withColumn('pg_catalog.int4')], filter('t', { column: 'c', operator, value: 5 }));
    expect(conditionOf(access, 7)).toBe(`"c" OPERATOR(pg_catalog.${symbol}) '5'::pg_catalog.int4`);
  });

  it('writes null tests, and lists of one and of none', () => {
    const of = (...where: Where): string | null =>
      conditionOf(resolve([orders], filter('orders', ...where)), 100);
    expect(of({ column: 'owner', operator: 'is_null' })).toBe('"owner" IS NULL');
    expect(of({ column: 'owner', operator: 'is_not_null' })).toBe('"owner" IS NOT NULL');
    expect(of({ column: 'owner', operator: 'in', value: ['x', 'x'] })).toBe(
      `"owner" OPERATOR(pg_catalog.=) 'x'::pg_catalog.text`,
    );
    expect(of({ column: 'owner', operator: 'in', value: [] })).toBe('FALSE');
  });

  const fits: readonly (readonly [string, string, FilterScalar, string])[] = [
    ['pg_catalog.int2', 'N', -32768, `'-32768'::pg_catalog.int2`],
    ['pg_catalog.int8', 'N', '9223372036854775807', `'9223372036854775807'::pg_catalog.int8`],
    ['pg_catalog.int4', 'N', '+007', `'7'::pg_catalog.int4`],
    ['pg_catalog.numeric', 'N', '12.50', `'12.50'::pg_catalog.numeric`],
    ['pg_catalog.float8', 'N', 1e30, `'1e+30'::pg_catalog.float8`],
    ['pg_catalog.varchar', 'S', 'a', `'a'::pg_catalog.text`],
    ['pg_catalog.bpchar', 'S', 'a', `'a'::pg_catalog.bpchar`],
    ['pg_catalog.bool', 'B', true, `'true'::pg_catalog.bool`],
    ['pg_catalog.date', 'D', '2024-02-29', `'2024-02-29'::pg_catalog.date`],
    [
      'pg_catalog.timestamptz',
      'D',
      '2024-02-29T10:00:00+02',
      `'2024-02-29T10:00:00+02'::pg_catalog.timestamptz`,
    ],
    ['"public"."order_status"', 'E', 'new', `'new'::"public"."order_status"`],
  ];
  it.each(fits)('casts to the base type: %s', (type, category, value, sql) => {
    const access = resolve([withColumn(type, category)], filter('t', { column: 'c', operator: 'eq', value }));
    expect(conditionOf(access, 7)).toBe(`"c" OPERATOR(pg_catalog.=) ${sql}`);
  });

  const misfits: readonly (readonly [string, string, FilterScalar])[] = [
    ['pg_catalog.int2', 'N', 32768],
    ['pg_catalog.int4', 'N', 1.5],
    ['pg_catalog.int4', 'N', '1; DROP TABLE t'],
    ['pg_catalog.int8', 'N', 2 ** 60],
    ['pg_catalog.int8', 'N', '9223372036854775808'],
    ['pg_catalog.numeric', 'N', 'NaN'],
    ['pg_catalog.text', 'S', 5],
    ['pg_catalog.text', 'S', true],
    ['pg_catalog.bool', 'B', 'true'],
    ['pg_catalog.uuid', 'U', 'not-a-uuid'],
    ['pg_catalog.date', 'D', '2023-02-29'],
    ['pg_catalog.date', 'D', 'today'],
    ['pg_catalog.timestamptz', 'D', '2024-02-29T10:00:00'],
    ['"public"."order_status"', 'E', 5],
    ['pg_catalog.jsonb', 'U', '{}'],
    ['pg_catalog._text', 'A', '{}'],
    ['"public"."citext"', 'S', 'x'],
  ];
  it.each(misfits)('refuses what does not fit %s (%s): %s', (type, category, value) => {
    const access = resolve([withColumn(type, category)], filter('t', { column: 'c', operator: 'eq', value }));
    expect(conditionOf(access, 7)).toMatch(
      /^refused row-filter: The row filter of policy analyst on public\.t: /,
    );
    expect(access.relations.get(7)?.rowFilter).toBeNull();
  });

  it('refuses a filter on a column that is not there, and one whose attribute is missing, with the reason', () => {
    const missing = resolve([orders], filter('orders', { column: 'country', operator: 'is_null' }));
    expect(conditionOf(missing, 100)).toContain('there is no column country');
    const problem = 'the attribute regions of this user is not set';
    const unset = resolve(
      [orders],
      filter('orders', { column: 'region', operator: 'in', value: [], problem }),
    );
    expect(conditionOf(unset, 100)).toContain(problem);
  });
});

describe('row filters: partitions and views', () => {
  const family = [
    sampleRelation(10, 'public.events', { kind: 'p', columns: ['id', 'region'] }),
    sampleRelation(11, 'public.events_a', { kind: 'p', columns: ['region', 'id'], parents: [10] }),
    sampleRelation(12, 'public.events_a1', { columns: ['id', 'region'], parents: [11] }),
    sampleRelation(13, 'public.other', { columns: ['id', 'region'] }),
  ];
  const eu = (table: string): EffectiveRowFilter =>
    filter(table, { column: 'region', operator: 'eq', value: 'EU' });

  it('go down to partitions of partitions', () => {
    const access = resolve(family, eu('events'));
    for (const oid of [10, 11, 12]) expect(conditionOf(access, oid)).toContain(`'EU'`);
    expect(access.relations.get(11)?.rowFilter?.conditions[0]?.attnum).toBe(1);
    expect(conditionOf(access, 13)).toBeNull();
  });

  it('refuse a parent that shows the rows of a filtered partition, unless it has that filter itself', () => {
    const access = resolve(family, eu('events_a1'));
    expect(conditionOf(access, 10)).toMatch(/^refused row-filter: public\.events shows/);
    expect(conditionOf(access, 11)).toMatch(/^refused/);
    expect(conditionOf(access, 12)).toContain(`'EU'`);
    const both = resolve(family, eu('events*'));
    expect(conditionOf(both, 10)).toContain(`'EU'`);
  });

  it('refuse a parent whose child inherits a filter from another parent', () => {
    const access = resolve(
      [
        sampleRelation(20, 'public.one', { columns: ['id', 'region'] }),
        sampleRelation(21, 'public.two', { columns: ['id', 'region'] }),
        sampleRelation(22, 'public.child', { columns: ['id', 'region'], parents: [20, 21] }),
      ],
      eu('two'),
    );
    expect(conditionOf(access, 20)).toMatch(/^refused/);
    expect(conditionOf(access, 21)).toContain(`'EU'`);
    expect(conditionOf(access, 22)).toContain(`'EU'`);
  });

  it('refuse views that read filtered rows or cannot be traced, unless a filter names the view', () => {
    const view = (oid: number, name: string, reads: CatalogRelation['reads']): CatalogRelation =>
      sampleRelation(oid, `public.${name}`, { kind: 'v', columns: ['id', 'region'], reads });
    const relations = [
      ...family,
      view(30, 'direct', [{ oid: 10, columns: [1] }]),
      view(31, 'partition', [{ oid: 12, columns: [1] }]),
      view(32, 'untraced', null),
      view(33, 'elsewhere', [{ oid: 13, columns: [1] }]),
    ];
    const access = resolve(relations, eu('events'));
    for (const oid of [30, 31, 32]) expect(conditionOf(access, oid)).toMatch(/^refused row-filter: /);
    expect(conditionOf(access, 33)).toBeNull();
    const own = resolve(relations, eu('events'), eu('direct'), eu('untraced'));
    for (const oid of [30, 32]) expect(conditionOf(own, oid)).toContain(`'EU'`);
    const below = resolve(relations, eu('events_a1'));
    expect(conditionOf(below, 30)).toMatch(/^refused/);
  });
});

describe('row filters: the fingerprint', () => {
  it('differs with the values, so that open sessions notice a changed attribute', () => {
    const of = (value: readonly string[]): string =>
      resolve([orders], filter('orders', { column: 'region', operator: 'in', value })).fingerprint;
    expect(new Set([of(['EU']), of(['UK']), of(['EU', 'UK']), of([])]).size).toBe(4);
    expect(of(['EU', 'UK'])).toBe(of(['UK', 'EU']));
  });
});

describe('row filters: what somebody makes to keep the resolver busy', () => {
  const depth = 4_000;
  const columns = ['id', 'region', 'owner'];
  /** Each inherits from the one before, the first from `orders`. */
  const heirs = Array.from({ length: depth }, (_, at) =>
    sampleRelation(1_000 + at, `public.t${at}`, { columns, parents: [at === 0 ? 100 : 999 + at] }),
  );

  it('is resolved in time, however deep tables inherit and views read them', () => {
    const views = Array.from({ length: 20 }, (_, at) =>
      sampleRelation(10_000 + at, `public.v${at}`, {
        kind: 'v',
        reads: heirs.map(({ oid }) => ({ oid, columns: null })),
      }),
    );
    const last = 999 + depth;
    const below = resolve([orders, ...heirs.toReversed(), ...views], filter('orders', byRegion));
    expect(conditionOf(below, last)).toBe(conditionOf(below, 100));
    expect(conditionOf(below, 10_000)).toContain('public.t0');
    const above = resolve([orders, ...heirs, ...views], filter(`t${depth - 1}`, byRegion));
    expect(conditionOf(above, 100)).toContain(`public.t${depth - 1}`);
    expect(conditionOf(above, 10_019)).toContain(`public.t${depth - 1}`);
  });
});
