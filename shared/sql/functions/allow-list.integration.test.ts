import { describe, expect, it } from 'vitest';
import { readLeakproof } from '../../testing/leakproof-rows.ts';
import { readFunctionRows } from '../../testing/function-rows.ts';
import list13 from './13.json' with { type: 'json' };
import list18 from './18.json' with { type: 'json' };
import leakproof from './leakproof.json' with { type: 'json' };
import { classifyFunctions } from './rules.ts';

describe('the committed function lists', () => {
  it.each([
    [13, list13],
    [18, list18],
  ] as const)('are what the rules give for a PostgreSQL %i server', async (major, committed) => {
    expect(classifyFunctions(major, await readFunctionRows(major))).toEqual(committed);
  });
});

describe('the committed list of leakproof comparisons', () => {
  it.each([13, 18] as const)('is what a PostgreSQL %i server says', async (major) => {
    expect(await readLeakproof(major)).toEqual(leakproof[major]);
  });
});
