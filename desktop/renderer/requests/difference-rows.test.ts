import { describe, expect, it } from 'vitest';
import { differenceRows } from './difference-rows.ts';

const base = { schema: 'sales', table: 'orders', gained: [], lost: [], columns: [], isFilterChanged: false };
const clear = { state: 'clear', preset: null } as const;
const none = { state: 'none', preset: null } as const;
const masked = { state: 'masked', preset: 'email' } as const;

describe('the difference that a request makes', () => {
  it('is one line for a new table, with its masked columns beside it', () => {
    const columns = [
      { columns: ['id', 'total'], before: none, after: clear, effect: 'gain' as const },
      { columns: ['email'], before: none, after: masked, effect: 'gain' as const },
    ];
    expect(differenceRows({ tables: [{ ...base, gained: ['select'], columns }] })).toEqual([
      { on: 'sales.orders', before: 'no select', after: 'select' },
      { on: 'sales.orders (email)', before: 'not granted', after: 'masked: email' },
    ]);
  });

  it('tells what is lost, and which rows and columns change', () => {
    const columns = [{ columns: ['email'], before: masked, after: clear, effect: 'gain' as const }];
    const rows = differenceRows({ tables: [{ ...base, lost: ['update'], isFilterChanged: true, columns }] });
    expect(rows.map(({ before, after }) => `${before} → ${after}`)).toEqual([
      'update → no update',
      'some → others',
      'masked: email → clear',
    ]);
  });

  it('counts columns beyond some', () => {
    const columns = [
      {
        columns: Array.from({ length: 30 }, (_, n) => `c${n}`),
        before: masked,
        after: clear,
        effect: 'gain' as const,
      },
    ];
    expect(differenceRows({ tables: [{ ...base, columns }] })[0]?.on).toMatch(/c7 and 22 more\)$/);
  });
});
