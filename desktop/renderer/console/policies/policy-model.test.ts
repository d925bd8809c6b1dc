import type { PolicyEntry } from '@daam/shared/policy/document';
import { describe, expect, it } from 'vitest';
import {
  columnRows,
  removeOperations,
  setMask,
  setOperations,
  setOperationsOfMany,
  withPolicy,
} from './policy-model.ts';
import { patternProblem } from './table-patterns.ts';
import { type ModelTable, tableRows } from './table-rows.ts';

const customers: ModelTable = {
  schema: 'public',
  name: 'customers',
  columns: [
    { name: 'id', type: 'bigint' },
    { name: 'email', type: 'text' },
    { name: 'ssn', type: 'text' },
  ],
};
const orders: ModelTable = { schema: 'sales', name: 'orders', columns: [{ name: 'id', type: 'bigint' }] };
const odd: ModelTable = { schema: 'public', name: 'odd.name', columns: [{ name: 'a*b', type: 'text' }] };
const tables = [orders, customers, odd];

const policy: PolicyEntry = {
  name: 'analyst',
  grants: [
    { table: 'sales.*', operations: ['select'] },
    { table: '"public".customers', operations: ['select', 'update'] },
    { table: 'public.gone', operations: ['select'] },
  ],
  masks: [
    { column: 'public.*.email', preset: 'email' },
    { column: 'public.customers.email', preset: 'redact' },
    { column: 'public.customers.ssn', preset: 'null' },
  ],
  rowFilters: [],
  limits: {},
  assign: { users: [], groups: [] },
};

describe('the rows of tables', () => {
  it('are patterns with what they match, tables with where each right comes from, and names that are gone', () => {
    const rows = tableRows(policy, tables).map(({ pattern, kind, matches, operations, masked, hidden }) => ({
      pattern,
      kind,
      matches,
      select: operations.select.state,
      by: operations.select.by,
      masked,
      hidden,
    }));
    expect(rows).toEqual([
      { pattern: 'sales.*', kind: 'pattern', matches: 1, select: 'own', by: 'sales.*', masked: 0, hidden: 0 },
      {
        pattern: 'public."odd.name"',
        kind: 'table',
        matches: 1,
        select: 'none',
        by: null,
        masked: 0,
        hidden: 0,
      },
      {
        pattern: 'public.customers',
        kind: 'table',
        matches: 1,
        select: 'own',
        by: 'public.customers',
        masked: 1,
        hidden: 1,
      },
      {
        pattern: 'sales.orders',
        kind: 'table',
        matches: 1,
        select: 'pattern',
        by: 'sales.*',
        masked: 0,
        hidden: 0,
      },
      {
        pattern: 'public.gone',
        kind: 'gone',
        matches: 1,
        select: 'own',
        by: 'public.gone',
        masked: 0,
        hidden: 0,
      },
    ]);
  });
});

describe('a change of operations', () => {
  it('adds to the line that is there, however it is written, and leaves the others', () => {
    const changed = setOperationsOfMany(policy, ['public.customers'], (before) => [...before, 'delete']);
    expect(changed.grants[1]).toEqual({
      table: '"public".customers',
      operations: ['select', 'update', 'delete'],
    });
    expect([changed.grants[0], changed.grants[2]]).toEqual([policy.grants[0], policy.grants[2]]);
  });

  it('removes the line with its last operation, and makes one for a table that has none', () => {
    expect(setOperations(policy, 'public.gone', []).grants.map(({ table }) => table)).toEqual([
      'sales.*',
      '"public".customers',
    ]);
    expect(setOperations(policy, 'sales.orders', ['update', 'insert']).grants.at(-1)).toEqual({
      table: 'sales.orders',
      operations: ['insert', 'update'],
    });
  });

  it('joins two lines of one table', () => {
    const twice = {
      ...policy,
      grants: [...policy.grants, { table: 'public.customers', operations: ['insert' as const] }],
    };
    const { grants } = setOperationsOfMany(twice, ['public.customers'], (before) =>
      before.filter((one) => one !== 'select'),
    );
    expect(grants.filter(({ table }) => table.includes('customers'))).toEqual([
      { table: '"public".customers', operations: ['insert', 'update'] },
    ]);
  });
});

describe('the columns of a table', () => {
  it('show the strongest mask, and which line is their own', () => {
    expect(
      columnRows(policy, customers).map(({ name, own, held }) => [name, own?.preset, held?.preset]),
    ).toEqual([
      ['id', undefined, undefined],
      ['email', 'redact', 'redact'],
      ['ssn', 'null', 'null'],
    ]);
    const lifted = setMask(policy, 'public.customers.email', null);
    expect(columnRows(lifted, customers)[1]?.held?.preset).toBe('email');
  });

  it('with a star in their name are not editable here: the line would match more than them', () => {
    expect(columnRows(policy, odd)[0]?.isEditable).toBe(false);
  });

  it('keep their place when their mask changes', () => {
    const changed = setMask(policy, 'public.customers.email', {
      preset: 'partial',
      prefix: 2,
      match: 'none',
    });
    expect(changed.masks[1]).toEqual({
      column: 'public.customers.email',
      preset: 'partial',
      prefix: 2,
      match: 'none',
    });
    expect(changed.masks).toHaveLength(3);
  });
});

describe('a document', () => {
  it('has a policy replaced, added or removed', () => {
    const document = { database: 'shop', policies: [policy] };
    const other = { ...policy, name: 'other' };
    expect(withPolicy(document, 'other', other).policies.map(({ name }) => name)).toEqual([
      'analyst',
      'other',
    ]);
    expect(withPolicy(document, 'analyst', null).policies).toEqual([]);
    expect(withPolicy(document, 'analyst', { ...policy, name: 'renamed' }).policies[0]?.name).toBe('renamed');
  });

  it('takes only patterns of tables that can be read', () => {
    expect([patternProblem('sales.*'), patternProblem('sales') === null]).toEqual([null, false]);
  });
});

describe('changes of many tables at once', () => {
  const many: ModelTable[] = Array.from({ length: 2_000 }, (_, at) => ({
    schema: 'wide',
    name: `t${String(at).padStart(4, '0')}`,
    columns: [
      { name: 'id', type: 'bigint' },
      { name: 'email', type: 'text' },
    ],
  }));
  const names = many.map(({ schema, name }) => `${schema}.${name}`);

  it('reach each of two thousand tables, and leave every other line', () => {
    const changed = setOperationsOfMany(policy, names, () => ['select']);
    expect(changed.grants.slice(0, 3)).toEqual(policy.grants);
    const rows = tableRows(changed, many).filter(({ kind }) => kind === 'table');
    expect(rows.length).toBe(2_000);
    expect(rows.every(({ operations }) => operations.select.state === 'own')).toBe(true);
    expect(setOperationsOfMany(changed, names, () => []).grants).toEqual(policy.grants);
  });

  it('write a line that is there already in its place, once, as it was written', () => {
    const twice = {
      ...policy,
      grants: [...policy.grants, { table: 'public.customers', operations: ['delete' as const] }],
    };
    const changed = setOperationsOfMany(twice, ['public.customers'], () => ['select']);
    expect(changed.grants.map(({ table }) => table)).toEqual([
      'sales.*',
      '"public".customers',
      'public.gone',
    ]);
  });

  it('take what was not used from its line, and the line with the last of it', () => {
    const less = removeOperations(policy, '"public".customers', ['update']);
    expect(less.grants[1]).toEqual({ table: '"public".customers', operations: ['select'] });
    expect(removeOperations(less, '"public".customers', ['select']).grants).toHaveLength(2);
  });
});
