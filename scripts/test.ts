/** `npm test`: every check and every test. The last line counts them; the exit code is 0 only if nothing failed. */
import { runGoTests } from './go-tests.ts';
import { runSteps } from './step.ts';
import { staticSteps } from './static-steps.ts';
import { addCounts, closingLine, runProject } from './vitest-run.ts';

const steps = await runSteps(staticSteps());
const failedSteps = steps.filter(({ isPassed }) => !isPassed);
const counts = addCounts([
  await runProject('unit', false),
  await runGoTests(),
  await runProject('integration', true),
  await runProject('e2e', true),
  { passed: 0, failed: failedSteps.length, skipped: 0 },
]);
for (const { name } of failedSteps) process.stdout.write(`failed: ${name}\n`);
process.stdout.write(`${closingLine(counts)}\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;
