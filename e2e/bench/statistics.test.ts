import { expect, test } from 'vitest';
import { asJson, markdownTable, type Measurement, median, quantile } from './statistics.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, Number.NaN]);
});

test('a quantile is a value that this share of the values lies below', () => {
  const values = Array.from({ length: 200 }, (_, index) => index);
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile([7], 0.99), quantile([], 0.5)]).toEqual([
    100,
    198,
    7,
    Number.NaN,
  ]);
});

test('the medians are there as data, null where nothing was measured', () => {
  const all: Measurement[] = [1, 3, 2].map((value) => ({
    scenario: 's',
    unit: 'ms',
    target: 'direct',
    value,
  }));
  expect(asJson(all, ['direct', 'agent'])).toEqual({
    targets: ['direct', 'agent'],
    scenarios: [{ scenario: 's', unit: 'ms', medians: { direct: 2, agent: null } }],
  });
});

test('a table has a row for each scenario, medians of the rounds and ratios to the first two targets', () => {
  const of = (target: string, ...values: number[]): Measurement[] =>
    values.map((value) => ({ scenario: 'simple, 1 client', unit: 'tps', target, value }));
  const all = [...of('direct', 1000, 1200, 1100), ...of('pgbouncer', 1000), ...of('agent', 550)];
  expect(markdownTable(all, ['direct', 'pgbouncer', 'agent', 'absent']).split('\n').at(-1)).toBe(
    '| simple, 1 client | tps | 1100 | 1000 | 550 | – | 0.50 | 0.55 | – | – |',
  );
});
