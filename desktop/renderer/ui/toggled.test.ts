import { expect, it } from 'vitest';
import { toggled } from './toggled.ts';

it('takes in what is not there, and out what is, and leaves the set as it was', () => {
  const before = new Set(['orders']);
  expect(toggled(before, 'customers')).toEqual(new Set(['orders', 'customers']));
  expect(toggled(before, 'orders')).toEqual(new Set());
  expect(before).toEqual(new Set(['orders']));
});
