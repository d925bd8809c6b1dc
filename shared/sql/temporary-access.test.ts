import { describe, expect, it } from 'vitest';
import type { EffectiveGrant, EffectivePolicy, EffectiveUnmask } from '../policy/effective-policy.ts';
import { sampleCatalog, sampleRelation } from '../testing/catalog-samples.ts';
import { sampleColumn } from '../testing/mask-samples.ts';
import { resolveAccess } from './resolve-access.ts';

const origin = { policy: 'p', version: 1 };
const request = { policy: 'request 1', version: 1 };

const people = sampleRelation(1, 'public.people', {
  columns: [
    sampleColumn({ attnum: 1, name: 'id' }),
    sampleColumn({ attnum: 2, name: 'email' }),
    sampleColumn({ attnum: 3, name: 'domain', generatedFrom: [2] }),
  ],
});
const letters = sampleRelation(2, 'public.letters', {
  columns: ['recipient'],
  foreignKeys: [{ columns: [1], references: 1, referenced: [2], onDelete: null, onUpdate: null }],
});
const catalog = sampleCatalog([people, letters]);

const everything: EffectiveGrant = { schema: '*', table: '*', operations: ['select'], origin };
const masked: EffectivePolicy = {
  database: 'shop',
  grants: [everything],
  masks: [{ schema: '*', table: '*', column: 'email', preset: 'redact', origin }],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

function masksOf(policy: EffectivePolicy, oid: number): Record<string, string> {
  const masks = resolveAccess(policy, catalog).relations.get(oid)?.masks ?? new Map<number, never>();
  return Object.fromEntries([...masks.values()].map(({ column, preset }) => [column, preset]));
}

function unmask(column: string, mask: EffectiveUnmask['mask'] = null): EffectivePolicy {
  return { ...masked, unmasks: [{ schema: 'public', table: 'people', column, mask, origin: request }] };
}

describe('a column at the level of an approved request', () => {
  it('has no mask, and neither has what shows it', () => {
    expect(masksOf(masked, 1)).toEqual({ email: 'redact', domain: 'redact' });
    expect(masksOf(masked, 2)).toEqual({ recipient: 'redact' });
    expect(masksOf(unmask('email'), 1)).toEqual({});
    expect(masksOf(unmask('email'), 2)).toEqual({});
  });

  it('has the mask that was approved and no other', () => {
    const partial = unmask('email', { preset: 'partial', prefix: 2, suffix: 0 });
    expect(masksOf(partial, 1)).toEqual({ email: 'partial', domain: 'redact' });
    const access = resolveAccess(partial, catalog).relations.get(1)?.masks.get(2);
    expect(access).toMatchObject({ prefix: 2, suffix: 0, origin: request, needsValue: true });
  });

  it('is that one column: the one it is computed from stays masked', () => {
    expect(masksOf(unmask('domain'), 1)).toEqual({ email: 'redact' });
  });

  it('never hides more than before', () => {
    const open = { ...unmask('id', { preset: 'redact' }), masks: [] };
    expect(masksOf(open, 1)).toEqual({});
    expect(masksOf(unmask('email', { preset: 'null' }), 1)).toEqual(masksOf(masked, 1));
  });

  it('of another table or schema changes nothing', () => {
    const elsewhere = {
      ...masked,
      unmasks: [{ schema: 'other', table: 'people', column: 'email', mask: null, origin: request }],
    };
    expect(masksOf(elsewhere, 1)).toEqual(masksOf(masked, 1));
  });

  it('makes another set of privileges, and the same one again when it is over', () => {
    const before = resolveAccess(masked, catalog).fingerprint;
    expect(resolveAccess(unmask('email'), catalog).fingerprint).not.toBe(before);
    expect(resolveAccess({ ...masked, unmasks: [] }, catalog).fingerprint).toBe(before);
  });
});

describe('a grant on some columns', () => {
  const some: EffectiveGrant = {
    schema: 'public',
    table: 'people',
    operations: ['select'],
    columns: ['id'],
    origin: request,
  };
  const none: EffectivePolicy = { ...masked, grants: [], masks: [] };

  it('shows these, and NULL for the others and for those that come later', () => {
    const access = resolveAccess({ ...none, grants: [some] }, catalog).relations.get(1);
    expect(masksOf({ ...none, grants: [some] }, 1)).toEqual({ email: 'null', domain: 'null' });
    expect(access?.columnwise).toBe(true);
  });

  it('shows the columns of two grants together', () => {
    const both = { ...none, grants: [some, { ...some, columns: ['domain'] }] };
    expect(masksOf(both, 1)).toEqual({ email: 'null' });
  });

  it('takes nothing away from a grant on the whole table, and nothing from other tables', () => {
    expect(masksOf({ ...none, grants: [some, everything] }, 1)).toEqual({});
    const letter = { ...everything, schema: 'public', table: 'letters' };
    expect(masksOf({ ...none, grants: [some, letter] }, 2)).toEqual({});
  });

  it('hides a column although its mask was lifted', () => {
    expect(masksOf({ ...unmask('email'), grants: [some] }, 1)).toEqual({ email: 'null', domain: 'null' });
  });

  it('beside a grant to write alone still hides the others', () => {
    const write: EffectiveGrant = { ...everything, operations: ['update'] };
    expect(masksOf({ ...none, grants: [some, write] }, 1)).toEqual({ email: 'null', domain: 'null' });
  });
});
