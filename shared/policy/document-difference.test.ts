import { describe, expect, it } from 'vitest';
import { compareDocuments } from './document-difference.ts';
import { entryOf, partsOf } from './document-parts.ts';
import { parsePolicyDocument } from './document.ts';

function documentOf(...policies: readonly object[]) {
  return parsePolicyDocument({ database: 'shop', policies });
}

const support = {
  name: 'support',
  grants: [{ table: 'public.customers', operations: ['select', 'update'] }],
  masks: [
    { column: 'public.customers.email', preset: 'email' },
    { column: 'public.customers.card', preset: 'partial', suffix: 4 },
  ],
  rowFilters: [{ table: 'public.customers', where: [{ column: 'region', operator: 'eq', value: 'EU' }] }],
  limits: { maxRows: 100 },
  assign: { users: ['ada@example.com'], groups: ['support'] },
};

describe('difference of documents', () => {
  it('is none for the same rights in another order and another spelling', () => {
    const other = {
      ...support,
      grants: [
        { table: 'public.customers', operations: ['update'] },
        { table: 'public.customers', operations: ['select'] },
      ],
      masks: support.masks.toReversed(),
      assign: { users: ['Ada@Example.com'], groups: ['support'] },
    };
    expect(compareDocuments(documentOf(support), documentOf(other))).toEqual({ isSame: true, policies: [] });
  });

  it('tells what each part gained and lost', () => {
    const after = {
      ...support,
      grants: [
        { table: 'public.customers', operations: ['select', 'delete'] },
        { table: 'sales.*', operations: ['select'] },
      ],
      masks: [{ column: 'public.customers.email', preset: 'redact' }],
      rowFilters: [],
      limits: { maxRows: 50, idleTimeout: '30m' },
      assign: { users: [], groups: ['support', 'night'] },
    };
    const { policies } = compareDocuments(documentOf(support), documentOf(after));
    expect(policies).toEqual([
      {
        name: 'support',
        status: 'changed',
        isMoved: false,
        grants: [
          { table: 'public.customers', added: ['delete'], removed: ['update'] },
          { table: 'sales.*', added: ['select'], removed: [] },
        ],
        masks: [
          {
            column: 'public.customers.email',
            before: [{ preset: 'email' }],
            after: [{ preset: 'redact' }],
            effect: 'stricter',
          },
          {
            column: 'public.customers.card',
            before: [{ preset: 'partial', suffix: 4 }],
            after: [],
            effect: 'weaker',
          },
        ],
        rowFilters: [{ table: 'public.customers', before: ['region eq EU'], after: [] }],
        limits: [
          { limit: 'maxRows', before: 100, after: 50 },
          { limit: 'idleTimeout', before: null, after: '30m' },
        ],
        users: { added: [], removed: ['ada@example.com'] },
        groups: { added: ['night'], removed: [] },
      },
    ]);
  });

  it('names policies that came, went and moved', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name }));
    const { policies } = compareDocuments(
      documentOf(a ?? {}, b ?? {}),
      documentOf(c ?? {}, b ?? {}, a ?? {}),
    );
    expect(policies.map(({ name, status, isMoved }) => [name, status, isMoved])).toEqual([
      ['c', 'added', false],
      ['b', 'changed', true],
      ['a', 'changed', true],
    ]);
    expect(compareDocuments(documentOf(a ?? {}), documentOf()).policies[0]?.status).toBe('removed');
  });

  it('tells what is recorded besides', () => {
    const { policies } = compareDocuments(
      documentOf(support),
      documentOf({ ...support, audit: { parameters: true } }),
    );
    expect(policies[0]?.limits).toEqual([{ limit: 'audit.parameters', before: null, after: true }]);
  });

  it('takes a policy apart and puts it together again', () => {
    const [entry] = documentOf({ ...support, audit: { parameters: true } }).policies;
    if (entry === undefined) throw new RangeError('no policy');
    expect(entryOf('support', partsOf(entry))).toEqual(entry);
  });
});
