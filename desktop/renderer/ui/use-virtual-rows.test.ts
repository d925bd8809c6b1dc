import { expect, it } from 'vitest';
import { targetOf } from './use-virtual-rows.ts';

const at = (key: string, current: number, singleKeys = true) =>
  targetOf(key, { current, count: 100, singleKeys });

it('walks by keys and stays within the rows', () => {
  expect([at('ArrowDown', 3), at('ArrowUp', 3), at('Home', 50), at('End', 50)]).toEqual([4, 2, 0, 99]);
  expect([at('PageDown', 95), at('PageUp', 5), at('ArrowUp', 0), at('ArrowDown', 99)]).toEqual([
    99, 0, 0, 99,
  ]);
});

it('takes letters only where they are switched on, and no other keys', () => {
  expect([at('j', 3), at('k', 3), at('j', 3, false), at('k', 3, false)]).toEqual([4, 2, null, null]);
  expect([at('Tab', 3), at('a', 3), at('constructor', 3)]).toEqual([null, null, null]);
});
