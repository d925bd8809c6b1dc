import { describe, expect, it } from 'vitest';
import { parsePolicyBody } from '../policy/document.ts';
import { mergePolicies } from '../policy/merge.ts';
import { compareAccess } from './access-impact.ts';
import type { DatabaseSchema, ReportedColumn } from './database-schema.ts';
import { schemaOfNames } from './named-schema.ts';
import { describeTable, grantedTables } from './person-access.ts';
import { resolveAccess } from './resolve-access.ts';
import { catalogOfSchema } from './schema-catalog.ts';

function columns(...names: readonly string[]): ReportedColumn[] {
  return names.map((name, at) => ({ attnum: at + 1, name, type: 'pg_catalog.text', category: 'S' }));
}

const schema: DatabaseSchema = {
  database: 'shop',
  major: 18,
  scope: null,
  searchPath: ['public'],
  system: [],
  omitted: 0,
  tables: [
    {
      oid: 1,
      schema: 'public',
      name: 'customers',
      kind: 'partitioned table',
      columns: columns('id', 'email', 'phone'),
    },
    {
      oid: 2,
      schema: 'public',
      name: 'customers_2026',
      kind: 'table',
      columns: columns('id', 'email', 'phone'),
      parents: [1],
    },
    { oid: 3, schema: 'public', name: 'elsewhere', kind: 'foreign table', columns: columns('id') },
  ],
};
const catalog = catalogOfSchema(schema);

function policyOf(body: object) {
  return mergePolicies('shop', [{ name: 'p', version: 1, body: parsePolicyBody(body) }]);
}

const read = { table: 'public.customers', operations: ['select'] };
const mask = (column: string, preset: string) => ({ column: `public.customers.${column}`, preset });

function impactOf(before: object, after: object) {
  const [was, is] = [before, after].map((body) => resolveAccess(policyOf(body), catalog));
  if (was === undefined || is === undefined) throw new RangeError('two policies');
  return compareAccess(was, is, catalog);
}

describe('what changes between two accesses', () => {
  it('is nothing when they give the same', () => {
    expect(impactOf({ grants: [read] }, { grants: [read, read] })).toEqual([]);
  });

  it('is a loss where a mask comes or gets stronger, and a gain the other way', () => {
    const weak = { grants: [read], masks: [mask('email', 'email')] };
    const strong = { grants: [read], masks: [mask('email', 'null'), mask('phone', 'phone')] };
    const [change] = impactOf(weak, strong);
    expect(
      change?.columns.map(({ columns: names, before, after, effect }) => [names, before, after, effect]),
    ).toEqual([
      [['email'], 'masked', 'hidden', 'loss'],
      [['phone'], 'clear', 'masked', 'loss'],
    ]);
    expect(impactOf(strong, weak)[0]?.columns.map(({ effect }) => effect)).toEqual(['gain', 'gain']);
  });

  it('names operations and, with reading, the columns that come or go', () => {
    const [change] = impactOf({ grants: [read] }, { grants: [{ ...read, operations: ['update'] }] });
    expect(change).toMatchObject({
      gained: ['update'],
      lost: ['select'],
      columns: [{ columns: ['id', 'email', 'phone'], before: 'clear', after: 'none', effect: 'loss' }],
    });
  });

  it('follows masks to partitions', () => {
    const partition = { table: 'public.customers_2026', operations: ['select'] };
    const [change] = impactOf(
      { grants: [partition] },
      { grants: [partition], masks: [mask('email', 'email')] },
    );
    expect(change).toMatchObject({
      table: 'customers_2026',
      columns: [{ columns: ['email'], after: 'masked' }],
    });
  });

  it('counts a table that is refused as nothing', () => {
    const foreign = { table: 'public.elsewhere', operations: ['select'] };
    expect(impactOf({}, { grants: [foreign] })).toEqual([]);
  });

  it('tells that other rows exist', () => {
    const filter = (value: string) => ({
      table: 'public.customers',
      where: [{ column: 'id', operator: 'eq', value }],
    });
    const [change] = impactOf(
      { grants: [read], rowFilters: [filter('1')] },
      { grants: [read], rowFilters: [filter('2')] },
    );
    expect(change).toMatchObject({ isFilterChanged: true, columns: [] });
  });
});

describe('a table told for people', () => {
  it('has the rules of every right, and says where a mask came with the value', () => {
    const policy = policyOf({
      grants: [read, { table: 'public.customers_*', operations: ['select', 'delete'] }],
      masks: [mask('email', 'email'), mask('phone', 'null')],
    });
    const access = resolveAccess(policy, catalog);
    const [customers, partition] = grantedTables(access).map((each) => describeTable(policy, each, catalog));
    expect(
      customers?.columns.map(({ state, isInherited, rules }) => [
        state,
        isInherited,
        rules.map(({ pattern }) => pattern),
      ]),
    ).toEqual([
      ['clear', false, ['public.customers']],
      ['masked', false, ['public.customers.email']],
      ['hidden', false, ['public.customers.phone']],
    ]);
    expect(partition?.operations.map(({ operation }) => operation)).toEqual(['select', 'delete']);
    expect(partition?.columns.map(({ state, isInherited }) => [state, isInherited])).toEqual([
      ['clear', false],
      ['masked', true],
      ['hidden', true],
    ]);
  });
});

describe('a schema made of names', () => {
  it('has each pattern as a table, with the columns that rules of it name', () => {
    const policy = policyOf({
      grants: [read, { table: 'sales.*', operations: ['select'] }],
      masks: [mask('email', 'email'), { column: '*.*.salary', preset: 'null' }],
      rowFilters: [{ table: 'sales.*', where: [{ column: 'amount', operator: 'lt', value: 5 }] }],
    });
    const named = schemaOfNames([policy]);
    expect(
      named.tables.map(({ schema: at, name, columns: all }) => [at, name, all.map((each) => each.name)]),
    ).toEqual([
      ['*', '*', ['salary']],
      ['public', 'customers', ['email', 'salary']],
      ['sales', '*', ['salary', 'amount']],
    ]);
    const tables = grantedTables(resolveAccess(policy, catalogOfSchema(named)));
    expect(tables.map(({ schema: at, name, refusal }) => [at, name, refusal])).toEqual([
      ['public', 'customers', null],
      ['sales', '*', null],
    ]);
  });
});
