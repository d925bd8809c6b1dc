/** Vitest projects as steps, and what their JSON reports count. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printResult, runStep, type Step } from './step.ts';

/** Tests by outcome; `todo` counts as skipped. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What is read of Vitest's JSON report. */
export interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export type Project = 'unit' | 'integration' | 'e2e';

/** Runs one project and counts its tests. A run that ends badly without a failed test counts as one. */
export async function runProject(project: Project, isShown: boolean): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'daam-report-'));
  const file = join(folder, 'report.json');
  try {
    const result = await runStep({ ...projectStep(project, file), isShown });
    printResult(result);
    const report = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as VitestReport,
      () => null,
    );
    return countTests(report, result.isPassed);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function projectStep(project: Project, file: string): Step {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  return {
    name: `${project} tests`,
    command: ['vitest', 'run', '--project', project, '--passWithNoTests', ...reporters],
  };
}

/** Counts a report; a file that could not be loaded has failed once, and so has a run that left no report. */
export function countTests(report: VitestReport | null, isPassed: boolean): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    const hasFailedTest = file.assertionResults.some(({ status }) => status === 'failed');
    if (file.status === 'failed' && !hasFailedTest) counts.failed += 1;
  }
  if (!isPassed && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** The closing line: `N passed, N failed`, and `, N skipped` when some were. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/** Sums counts. */
export function addCounts(all: readonly Counts[]): Counts {
  const sum = (key: keyof Counts): number => all.reduce((total, counts) => total + counts[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}
