import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { parsePolicyDocument } from './document.ts';
import { isDuration, parseDuration } from './duration.ts';

const sample = {
  database: 'shop',
  policies: [
    {
      name: 'analyst',
      grants: [
        { table: 'public.customers', operations: ['select', 'insert', 'update', 'delete'] },
        { table: 'sales.*', operations: ['select'] },
      ],
      masks: [
        { column: 'public.customers.email', preset: 'email', match: 'equality' },
        { column: 'public.customers.ssn', preset: 'ssn' },
        { column: 'public.customers.salary', preset: 'null' },
        { column: 'public.customers.code', preset: 'partial', prefix: 3 },
        { column: 'public.customers.note', preset: 'redact', as: 'text' },
      ],
      rowFilters: [
        {
          table: 'public.customers',
          where: [{ column: 'region', operator: 'in', value: '{{user.attributes.regions}}' }],
        },
      ],
      limits: { maxRows: 100_000, statementTimeout: '30s', idleTimeout: '30m' },
      assign: { users: ['dev@example.com'], groups: [] },
    },
  ],
};

/** The sample with one value put at a path of its first policy. */
function withChange(change: (policy: Record<string, unknown>) => void): unknown {
  const copy = structuredClone(sample);
  const policy = copy.policies[0];
  if (policy === undefined) throw new Error('the sample has a policy');
  change(policy);
  return copy;
}

function fieldOf(value: unknown): string | undefined {
  try {
    parsePolicyDocument(value);
  } catch (error) {
    if (error instanceof AppError && error.code === 'INVALID_POLICY') return error.field;
    throw error;
  }
  return 'no error';
}

describe('policy documents', () => {
  it('accepts the sample of the architecture and parses its own output to itself', () => {
    const parsed = parsePolicyDocument(sample);
    expect(parsed.policies[0]?.limits.statementTimeout).toBe('30s');
    expect(parsePolicyDocument(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  });

  it('fills in the parts that were left out', () => {
    const parsed = parsePolicyDocument({ database: 'shop', policies: [{ name: 'empty' }] });
    expect(parsed.policies[0]).toEqual({
      name: 'empty',
      grants: [],
      masks: [],
      rowFilters: [],
      limits: {},
      assign: { users: [], groups: [] },
    });
  });

  it.each<[string, (policy: Record<string, unknown>) => void]>([
    ['policies[0].extra', (policy) => (policy.extra = 1)],
    ['policies[0].grants[0].tabel', (policy) => (policy.grants = [{ tabel: 'a.b', operations: ['select'] }])],
    [
      'policies[0].grants[0].table',
      (policy) => (policy.grants = [{ table: 'customers', operations: ['select'] }]),
    ],
    [
      'policies[0].grants[0].operations[0]',
      (policy) => (policy.grants = [{ table: 'a.b', operations: ['drop'] }]),
    ],
    ['policies[0].grants[0].operations', (policy) => (policy.grants = [{ table: 'a.b', operations: [] }])],
    ['policies[0].masks[0].column', (policy) => (policy.masks = [{ column: 'a.b', preset: 'email' }])],
    ['policies[0].masks[0].preset', (policy) => (policy.masks = [{ column: 'a.b.c', preset: 'emial' }])],
    ['policies[0].masks[0].preset', (policy) => (policy.masks = [{ column: 'a.b.c', preset: null }])],
    ['policies[0].masks[0].preset', (policy) => (policy.masks = [{ column: 'a.b.c', preset: 'partial' }])],
    [
      'policies[0].masks[0].suffix',
      (policy) => (policy.masks = [{ column: 'a.b.c', preset: 'ssn', suffix: 4 }]),
    ],
    [
      'policies[0].masks[0].prefix',
      (policy) => (policy.masks = [{ column: 'a.b.c', preset: 'partial', prefix: -1 }]),
    ],
    [
      'policies[0].masks[0].as',
      (policy) => (policy.masks = [{ column: 'a.b.c', preset: 'email', as: 'text' }]),
    ],
    [
      'policies[0].masks[0].match',
      (policy) => (policy.masks = [{ column: 'a.b.c', preset: 'email', match: 'like' }]),
    ],
    ['policies[0].limits.statementTimeout', (policy) => (policy.limits = { statementTimeout: '30 seconds' })],
    ['policies[0].limits.maxRows', (policy) => (policy.limits = { maxRows: 0 })],
    ['policies[0].limits.matchesPerHour', (policy) => (policy.limits = { matchesPerHour: -1 })],
    ['policies[0].limits.matchesPerStatement', (policy) => (policy.limits = { matchesPerStatement: 1_001 })],
    ['policies[0].limits.maxrows', (policy) => (policy.limits = { maxrows: 5 })],
    ['policies[0].assign.users[0]', (policy) => (policy.assign = { users: ['not an address'] })],
    ['policies[0].name', (policy) => (policy.name = '')],
  ])('names the path %s of what is wrong', (field, change) => {
    expect(fieldOf(withChange(change))).toBe(field);
  });

  it.each([
    [{ column: 'region', operator: 'in', value: 'EU' }],
    [{ column: 'region', operator: 'eq' }],
    [{ column: 'region', operator: 'eq', value: ['a'] }],
    [{ column: 'region', operator: 'is_null', value: 'x' }],
    [{ column: 'region', operator: 'eq', value: 'x-{{user.attributes.region}}' }],
    [{ column: 'region', operator: 'eq', value: '{{user.email}}' }],
  ])('refuses the condition %j at its value', (condition) => {
    const document = withChange((policy) => (policy.rowFilters = [{ table: 'a.b', where: [condition] }]));
    expect(fieldOf(document)).toBe('policies[0].rowFilters[0].where[0].value');
  });

  it('refuses two policies of one name, and what is no document at all', () => {
    const twice = { database: 'shop', policies: [{ name: 'a' }, { name: 'a' }] };
    expect(fieldOf(twice)).toBe('policies[1].name');
    expect(fieldOf({ ...sample, unknown: true })).toBe('unknown');
    for (const value of [null, undefined, 'text', [], 5]) expect(fieldOf(value)).toBe('');
    expect(fieldOf({ policies: [] })).toBe('database');
  });

  it('reads durations in milliseconds and refuses all else', () => {
    expect([parseDuration('250ms'), parseDuration('30s'), parseDuration('30m'), parseDuration('8h')]).toEqual(
      [250, 30_000, 1_800_000, 28_800_000],
    );
    for (const text of ['0s', '30', 's', '-1s', '1.5h', '01s', '30S', '30s ', '25d', '999999999h']) {
      expect([text, isDuration(text)]).toEqual([text, false]);
    }
  });
});
