/** One command of the checks: run it, keep its output, show the output only when it fails. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** A named command; the program is looked up in the packages' programs first. */
export interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Shown while it runs instead of being kept. */
  readonly isShown?: boolean;
}

/** How a step went. */
export interface StepResult {
  readonly name: string;
  readonly isPassed: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** Runs one step to its end. It never throws: a command that cannot start has failed. */
export async function runStep(step: Step): Promise<StepResult> {
  const [program, ...args] = step.command;
  const started = performance.now();
  const chunks: Buffer[] = [];
  const code = await new Promise<number | null>((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: {
        ...process.env,
        PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH']}`,
      },
      stdio: [
        'ignore',
        step.isShown === true ? 'inherit' : 'pipe',
        step.isShown === true ? 'inherit' : 'pipe',
      ],
    });
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (error) => {
      chunks.push(Buffer.from(error.message));
      resolve(null);
    });
    child.once('close', resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  return { name: step.name, isPassed: code === 0, seconds, output: Buffer.concat(chunks).toString() };
}

/** Runs steps side by side, as many as there are cores, and prints each as it ends. */
export async function runSteps(steps: readonly Step[]): Promise<StepResult[]> {
  const waiting = [...steps];
  const results: StepResult[] = [];
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runStep(step);
      results.push(result);
      printResult(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
  return results;
}

/** One line for what passed; the whole output before it for what failed. */
export function printResult({ name, isPassed, seconds, output }: StepResult): void {
  if (!isPassed) process.stdout.write(`\n${output.trimEnd()}\n`);
  process.stdout.write(`${isPassed ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)\n`);
}
