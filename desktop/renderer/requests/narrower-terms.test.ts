import { findExcess, parseTemporaryAccess } from '@daam/shared/policy/temporary-access';
import { describe, expect, it } from 'vitest';
import { approvalOf, type Narrowed, partsOf } from './narrower-terms.ts';

const access = parseTemporaryAccess({
  tables: [{ table: 'sales.orders' }, { table: 'sales.refunds', operations: ['select', 'update'] }],
  unmask: [{ column: 'sales.customers.email' }],
});
const granted = { policy: null, access: { ...access }, minutes: 240, startAt: null };
const all: Narrowed = { without: new Set(), levels: new Map(), minutes: 240 };

describe('what an approver leaves of a request', () => {
  it('is made of its parts', () => {
    expect(partsOf(access).map(({ key, isLevel }) => [key, isLevel])).toEqual([
      ['tables 0', false],
      ['tables 1', false],
      ['unmask 0', true],
    ]);
    expect(partsOf(null)).toEqual([]);
  });

  it('says nothing where all of it stays, and nothing is left where all of it goes', () => {
    expect(approvalOf(granted, all)).toEqual({});
    expect(approvalOf(granted, { ...all, minutes: 15 })).toEqual({ minutes: 15 });
    expect(
      approvalOf(granted, { ...all, without: new Set(['tables 0', 'tables 1', 'unmask 0']) }),
    ).toBeNull();
    expect(approvalOf({ ...granted, access: null }, { ...all, without: new Set(['tables 0']) })).toEqual({});
  });

  it('is never more than what was asked for, in the eyes of the control plane', () => {
    for (const narrowed of [
      { ...all, without: new Set(['tables 1']) },
      { ...all, levels: new Map([['unmask 0', 'email']]) },
      { ...all, without: new Set(['tables 0', 'tables 1']), levels: new Map([['unmask 0', 'redact']]) },
    ]) {
      const less = parseTemporaryAccess(approvalOf(granted, narrowed)?.access);
      expect(findExcess(less, access)).toBeNull();
      expect(less).not.toEqual(access);
    }
  });
});
