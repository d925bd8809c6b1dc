import type { ColumnMask, RelationAccess } from '@daam/shared/sql/access';
import { describe, expect, it } from 'vitest';
import type { AccessView } from '../enforce/decisions.ts';
import { narrowingOf } from './narrowing.ts';

const mask = (preset: 'email' | 'redact', version = 1): ColumnMask => ({
  attnum: 2,
  column: 'email',
  preset,
  prefix: 0,
  suffix: 0,
  as: null,
  matchEquality: false,
  needsValue: preset === 'email',
  origin: { policy: 'p', version },
});

function viewOf(over: Partial<RelationAccess> | null): AccessView {
  const relation: RelationAccess = {
    oid: 7,
    schema: 'public',
    name: 't',
    operations: new Set(['select', 'insert']),
    masks: new Map(),
    rowFilter: null,
    origins: [],
    refusal: null,
    ...over,
  };
  const relations = new Map(over === null ? [] : [[7, relation]]);
  return { access: { fingerprint: '', relations, limits: {}, policies: [] } } as unknown as AccessView;
}

const change = (before: AccessView, after: AccessView, elevation = true) =>
  narrowingOf({ view: before, elevation: true }, { view: after, elevation });

describe('what a change of access takes away', () => {
  it('is nothing when a table, an operation or an unmasked column is added', () => {
    expect(change(viewOf(null), viewOf({})).isEmpty).toBe(true);
    expect(change(viewOf({ operations: new Set(['select']) }), viewOf({})).isEmpty).toBe(true);
    expect(change(viewOf({ masks: new Map([[2, mask('email')]]) }), viewOf({})).isEmpty).toBe(true);
  });

  it('is the table, when it is gone or refused', () => {
    const refusal = { rule: 'r', message: 'm' };
    for (const after of [viewOf(null), viewOf({ refusal })]) {
      expect(change(viewOf({}), after).forbids({ oid: 7, operation: 'insert' })).toBe(true);
      expect(change(viewOf({}), after).forbids({ oid: 8, operation: 'insert' })).toBe(false);
    }
  });

  it('is one operation', () => {
    const lost = change(viewOf({}), viewOf({ operations: new Set(['select']) }));
    expect(lost.forbids({ oid: 7, operation: 'insert' })).toBe(true);
    expect(lost.forbidsReading([7])).toBe(false);
  });

  it('is reading, when a column is masked, or masked otherwise; whoever inserts goes on', () => {
    for (const before of [viewOf({}), viewOf({ masks: new Map([[2, mask('email')]]) })]) {
      const lost = change(before, viewOf({ masks: new Map([[2, mask('redact')]]) }));
      expect(lost.forbidsReading([7])).toBe(true);
      expect(lost.forbids({ oid: 7, operation: 'insert' })).toBe(false);
    }
  });

  it('is nothing when only the version of the policy that masks is another', () => {
    const before = viewOf({ masks: new Map([[2, mask('email', 1)]]) });
    expect(change(before, viewOf({ masks: new Map([[2, mask('email', 2)]]) })).isEmpty).toBe(true);
  });

  it('is what showed values, when elevation is switched off', () => {
    const valued = viewOf({ masks: new Map([[2, mask('email')]]) });
    expect(change(valued, valued, false).forbidsReading([7])).toBe(true);
    const constant = viewOf({ masks: new Map([[2, mask('redact')]]) });
    expect(change(constant, constant, false).isEmpty).toBe(true);
  });
});
