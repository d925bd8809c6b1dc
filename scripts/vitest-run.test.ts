import { expect, test } from 'vitest';
import { addCounts, closingLine, countTests } from './vitest-run.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((status) => ({ status })),
});

test('tests are counted by outcome', () => {
  const report = { success: false, testResults: [file('failed', 'passed', 'failed', 'skipped', 'todo')] };
  expect(countTests(report, false)).toEqual({ passed: 1, failed: 1, skipped: 2 });
});

test('a test file that cannot be loaded counts as one failure', () => {
  const report = { success: false, testResults: [file('failed'), file('passed', 'passed')] };
  expect(countTests(report, false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test('a run without a report, or one that ends badly after its tests, counts as one failure', () => {
  expect(countTests(null, false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  const report = { success: true, testResults: [file('passed', 'passed')] };
  expect(countTests(report, false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test('the closing line names skipped tests only when there are some', () => {
  expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  const sum = addCounts([
    { passed: 1, failed: 0, skipped: 2 },
    { passed: 2, failed: 1, skipped: 0 },
  ]);
  expect(closingLine(sum)).toBe('3 passed, 1 failed, 2 skipped');
});
