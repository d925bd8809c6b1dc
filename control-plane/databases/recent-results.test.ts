import { describe, expect, it } from 'vitest';
import { RecentResults } from './recent-results.ts';

describe('recent results', () => {
  it('are kept by their key, and those used longest ago go first', () => {
    const results = new RecentResults<string>({ max: 2, maxWeight: 10 });
    results.keep('a', 'A');
    results.keep('b', 'B');
    expect(results.get('a')).toBe('A');
    results.keep('c', 'C');
    expect(['a', 'b', 'c'].map((key) => results.get(key))).toEqual(['A', undefined, 'C']);
  });

  it('weigh no more together than they may, and one that is too heavy is not kept', () => {
    const results = new RecentResults<number>({ max: 10, maxWeight: 10 }, (value) => value);
    results.keep('four', 4);
    results.keep('five', 5);
    expect(results.keep('eleven', 11)).toBe(11);
    expect(['four', 'five', 'eleven'].map((key) => results.get(key))).toEqual([4, 5, undefined]);
    results.keep('five', 6);
    expect(['four', 'five'].map((key) => results.get(key))).toEqual([4, 6]);
    results.keep('three', 3);
    expect(['four', 'five', 'three'].map((key) => results.get(key))).toEqual([undefined, 6, 3]);
  });
});
