import { expect, it } from 'vitest';
import { hourBars, hours } from './hour-bars.ts';

const now = Date.parse('2026-05-02T12:00:00.000Z');

it('counts by hours, the last hour at the end, and leaves out what is older or later', () => {
  const bars = hourBars(
    [
      '2026-05-02T11:59:00.000Z',
      '2026-05-02T11:01:00.000Z',
      '2026-05-02T10:30:00.000Z',
      '2026-05-01T12:01:00.000Z',
      '2026-05-01T11:59:00.000Z',
      '2026-05-02T12:30:00.000Z',
    ],
    now,
  );
  expect([bars.length, bars[hours - 1], bars[hours - 2], bars[0]]).toEqual([24, 2, 1, 1]);
  expect(bars.reduce((sum, one) => sum + one, 0)).toBe(4);
});
