import { expect, test } from 'vitest';
import { markdownTable, type Measurement, median } from './statistics.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, Number.NaN]);
});

test('a table has a row for each scenario, medians of the rounds and ratios to the first two targets', () => {
  const of = (target: string, ...values: number[]): Measurement[] =>
    values.map((value) => ({ scenario: 'simple, 1 client', unit: 'tps', target, value }));
  const all = [...of('direct', 1000, 1200, 1100), ...of('pgbouncer', 1000), ...of('agent', 550)];
  expect(markdownTable(all, ['direct', 'pgbouncer', 'agent', 'absent']).split('\n').at(-1)).toBe(
    '| simple, 1 client | tps | 1100 | 1000 | 550 | – | 0.50 | 0.55 | – | – |',
  );
});
