/** `go vet` and `go test` of the sidecar as one step of the tests; skipped with the reason where Go is missing. */
import { goFolder, goMissing, hasRaceDetector } from './go-tool.ts';
import { printResult, runStep } from './step.ts';
import type { Counts } from './vitest-run.ts';

/** Runs both and counts the tests. */
export async function runGoTests(): Promise<Counts> {
  const missing = goMissing();
  if (missing !== null) {
    process.stdout.write(`skipped: the tests of the sidecar: ${missing}\n`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const vet = await runStep({ name: 'go vet', command: ['go', 'vet', '-C', goFolder, './...'] });
  printResult(vet);
  const test = await runStep({
    name: 'go test',
    command: ['go', 'test', '-C', goFolder, '-json', ...(hasRaceDetector() ? ['-race'] : []), './...'],
  });
  const counts = countGoTests(test.output, test.isPassed);
  printResult({ ...test, output: failedOutput(test.output) });
  return { ...counts, failed: counts.failed + (vet.isPassed ? 0 : 1) };
}

interface GoEvent {
  readonly Action: string;
  readonly Test?: string;
  readonly Output?: string;
}

/** What `go test -json` prints, as counts of tests; a package that does not build has failed once. */
export function countGoTests(output: string, isPassed: boolean): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const event of events(output)) {
    if (event.Test === undefined) continue;
    if (event.Action === 'pass') counts.passed += 1;
    if (event.Action === 'fail') counts.failed += 1;
    if (event.Action === 'skip') counts.skipped += 1;
  }
  if (!isPassed && counts.failed === 0) counts.failed = 1;
  return counts;
}

function failedOutput(output: string): string {
  const lines = output.split('\n').filter((line) => !line.startsWith('{'));
  return [...events(output).map(({ Output }) => Output ?? ''), ...lines].join('');
}

function events(output: string): GoEvent[] {
  return output.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as GoEvent];
    } catch {
      return [];
    }
  });
}
