/** `npm run check`: format, lint, types, boundaries and unit tests; under a minute. */
import { runSteps } from './step.ts';
import { staticSteps } from './static-steps.ts';
import { closingLine, runProject } from './vitest-run.ts';

const steps = await runSteps(staticSteps());
const unit = await runProject('unit', false);
const failedSteps = steps.filter(({ isPassed }) => !isPassed);
for (const { name } of failedSteps) process.stdout.write(`failed: ${name}\n`);
process.stdout.write(`${closingLine({ ...unit, failed: unit.failed + failedSteps.length })}\n`);
process.exitCode = unit.failed + failedSteps.length === 0 ? 0 : 1;
