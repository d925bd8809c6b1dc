import { describe, expect, it } from 'vitest';
import { countGoTests } from './go-tests.ts';
import { isNewEnough } from './go-tool.ts';

describe('the counts of go test -json', () => {
  const line = (Action: string, Test?: string): string => JSON.stringify({ Action, Test });

  it('are of tests, not of packages', () => {
    const output = [line('run', 'A'), line('pass', 'A'), line('skip', 'B'), line('pass'), 'noise'].join('\n');
    expect(countGoTests(output, true)).toEqual({ passed: 1, failed: 0, skipped: 1 });
  });

  it('hold a failure when nothing could be built', () => {
    expect(countGoTests('build failed', false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('the version of Go', () => {
  it.each(['go1.24', 'go1.26.8', 'go2.0', 'devel go1.27-abc'])('%s is new enough', (version) => {
    expect(isNewEnough(version)).toBe(true);
  });
  it.each(['go1.19.8', 'go1.23', ''])('%s is not', (version) => {
    expect(isNewEnough(version)).toBe(false);
  });
});
