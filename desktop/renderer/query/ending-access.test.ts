import { describe, expect, it } from 'vitest';
import { endingAccess } from './ending-access.ts';

const now = Date.parse('2026-01-01T10:00:00Z');

function request(id: string, endsAt: string, changes: { state?: 'active' | 'expired'; name?: string } = {}) {
  return {
    id,
    state: changes.state ?? ('active' as const),
    database: { id: 'd', name: changes.name ?? 'orders' },
    window: { startsAt: '2026-01-01T09:00:00Z', endsAt },
  };
}

describe('access that ends', () => {
  it('is the open window of this database that ends first', () => {
    const all = [
      request('late', '2026-01-01T12:00:00Z'),
      request('first', '2026-01-01T10:42:00Z'),
      request('other', '2026-01-01T10:01:00Z', { name: 'ledger' }),
      request('over', '2026-01-01T10:02:00Z', { state: 'expired' }),
      request('past', '2026-01-01T09:59:00Z'),
    ];
    expect(endingAccess(all, 'orders', now)).toEqual({ request: 'first', endsAt: now + 42 * 60_000 });
  });

  it('is none without a window', () => {
    expect(endingAccess([{ ...request('a', ''), window: null }], 'orders', now)).toBeNull();
    expect(endingAccess([], 'orders', now)).toBeNull();
  });
});
