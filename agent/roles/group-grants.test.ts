import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { resolveAccess } from '@daam/shared/sql/resolve-access';
import { sampleCatalog, sampleRelation } from '@daam/shared/testing/catalog-samples';
import { describe, expect, it } from 'vitest';
import { floorFingerprint, groupGrants } from './group-grants.ts';

const origin = { policy: 'p', version: 1 };
const catalog = sampleCatalog([
  sampleRelation(1, 'public.customers', { columns: ['id', 'e"mail', 'salary'], ownedSequences: [4] }),
  sampleRelation(2, 'sales.orders'),
  sampleRelation(3, 'public.remote', { kind: 'f' }),
  sampleRelation(4, 'public.customers_id_seq', { kind: 'S' }),
  sampleRelation(5, 'public.v', { kind: 'v', columns: ['contact'], reads: [{ oid: 1, columns: [2] }] }),
]);
const grant = (
  schema: string,
  table: string,
  operations: EffectivePolicy['grants'][number]['operations'],
) => ({
  schema,
  table,
  operations,
  origin,
});
const base: EffectivePolicy = {
  database: 'shop',
  grants: [],
  masks: [],
  rowFilters: [],
  limits: {},
  policies: [],
};
const roles = { base: 'p', raw: 'x' };
const grantsFor = (over: Partial<EffectivePolicy>) =>
  groupGrants(roles, { access: resolveAccess({ ...base, ...over }, catalog), catalog });

describe('groupGrants', () => {
  it('gives operations on tables without masks at table level, and sequences to those who insert', () => {
    const { base: statements, raw } = grantsFor({
      grants: [grant('public', 'customers', ['select', 'insert', 'delete'])],
    });
    expect(statements).toEqual([
      'GRANT USAGE ON SCHEMA "public" TO "p"',
      'GRANT SELECT ON TABLE "public"."customers" TO "p"',
      'GRANT INSERT, DELETE ON TABLE "public"."customers" TO "p"',
      'GRANT USAGE, SELECT ON SEQUENCE "public"."customers_id_seq" TO "p"',
    ]);
    expect(raw).toEqual([]);
  });

  it('withholds masked columns, and gives those that need their value to the raw group alone', () => {
    const { base: statements, raw } = grantsFor({
      grants: [grant('public', 'customers', ['select'])],
      masks: [
        { schema: 'public', table: 'customers', column: 'e"mail', preset: 'email', origin },
        { schema: 'public', table: 'customers', column: 'salary', preset: 'null', origin },
      ],
    });
    expect(statements).toEqual([
      'GRANT USAGE ON SCHEMA "public" TO "p"',
      'GRANT SELECT ("id", "ctid", "xmin") ON TABLE "public"."customers" TO "p"',
      'GRANT REFERENCES ("e""mail", "salary") ON TABLE "public"."customers" TO "p"',
    ]);
    expect(raw).toEqual(['GRANT SELECT ("e""mail") ON TABLE "public"."customers" TO "x"']);
  });

  it('gives nothing on relations that are refused, not even their schema', () => {
    expect(grantsFor({ grants: [grant('public', 'remote', ['select'])] })).toEqual({ base: [], raw: [] });
  });

  it('asks of a view no ctid and no REFERENCES', () => {
    const { base: statements } = grantsFor({
      grants: [grant('public', 'v', ['select'])],
      masks: [{ schema: 'public', table: 'v', column: 'contact', preset: 'redact', origin }],
    });
    expect(statements).toEqual(['GRANT USAGE ON SCHEMA "public" TO "p"']);
  });

  const filter = (value: string, table = 'customers') => ({
    schema: 'public',
    table,
    where: [{ column: 'id', operator: 'eq' as const, value }],
    origin,
  });

  it('gives every privilege on a filtered table to the raw group alone', () => {
    const { base: statements, raw } = grantsFor({
      grants: [grant('public', 'customers', ['select', 'insert', 'update'])],
      rowFilters: [filter('5')],
    });
    expect(statements).toEqual([
      'GRANT USAGE ON SCHEMA "public" TO "p"',
      'GRANT REFERENCES ("id", "e""mail", "salary") ON TABLE "public"."customers" TO "p"',
      'GRANT USAGE, SELECT ON SEQUENCE "public"."customers_id_seq" TO "p"',
    ]);
    expect(raw).toEqual([
      'GRANT SELECT ON TABLE "public"."customers" TO "x"',
      'GRANT INSERT, UPDATE ON TABLE "public"."customers" TO "x"',
    ]);
  });

  it('withholds constant masks of a filtered table from the raw group too, but for the columns of the filter', () => {
    const masks = (['e"mail', 'salary', 'id'] as const).map((column) => ({
      schema: 'public',
      table: 'customers',
      column,
      preset: column === 'e"mail' ? ('email' as const) : ('null' as const),
      origin,
    }));
    const { raw } = grantsFor({
      grants: [grant('public', 'customers', ['select'])],
      masks,
      rowFilters: [filter('5')],
    });
    expect(raw).toEqual([
      'GRANT SELECT ("e""mail", "id", "ctid", "xmin") ON TABLE "public"."customers" TO "x"',
    ]);
    const writing = grantsFor({
      grants: [grant('public', 'customers', ['delete'])],
      rowFilters: [filter('5')],
    });
    expect(writing.raw).toEqual([
      'GRANT SELECT ("id") ON TABLE "public"."customers" TO "x"',
      'GRANT DELETE ON TABLE "public"."customers" TO "x"',
    ]);
  });
});

describe('floorFingerprint', () => {
  const floorOf = (over: Partial<EffectivePolicy>) =>
    floorFingerprint({ access: resolveAccess({ ...base, ...over }, catalog), catalog });
  const grants = [grant('public', 'customers', ['select'])];
  const rows = (value: string) => [
    {
      schema: 'public',
      table: 'customers',
      where: [{ column: 'id', operator: 'eq' as const, value }],
      origin,
    },
  ];

  it('is one for all values of a row filter, and another without the filter', () => {
    expect(floorOf({ grants, rowFilters: rows('1') })).toBe(floorOf({ grants, rowFilters: rows('2') }));
    expect(floorOf({ grants, rowFilters: rows('1') })).not.toBe(floorOf({ grants }));
    expect(floorOf({ grants })).toMatch(/^[0-9a-f]{32}$/);
  });

  it('differs when a table of that name is another one', () => {
    const moved = sampleCatalog([
      sampleRelation(99, 'public.customers', { columns: ['id', 'e"mail', 'salary'], ownedSequences: [] }),
    ]);
    const same = sampleCatalog([
      sampleRelation(98, 'public.customers', { columns: ['id', 'e"mail', 'salary'], ownedSequences: [] }),
    ]);
    const of = (at: typeof moved) =>
      floorFingerprint({ access: resolveAccess({ ...base, grants }, at), catalog: at });
    expect(of(moved)).not.toBe(of(same));
  });

  it('names the columns of a table that a mask could come to cover, and its system columns', () => {
    const { base: statements } = grantsFor({
      grants: [grant('sales', 'orders', ['select', 'update'])],
      masks: [{ schema: '*', table: '*', column: 'email', preset: 'redact', origin }],
    });
    expect(statements).toEqual([
      'GRANT USAGE ON SCHEMA "sales" TO "p"',
      'GRANT SELECT ("id", "tableoid", "ctid", "xmin", "cmin", "xmax", "cmax") ON TABLE "sales"."orders" TO "p"',
      'GRANT UPDATE ON TABLE "sales"."orders" TO "p"',
    ]);
  });
});
