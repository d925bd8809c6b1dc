/**
 * Runs the gate's tests with one fault switched on: `worker.ts <suite> <fault at load> <test files…>`. Takes `{id, tests}`
 * messages, answers with the first test that failed. `baseline` tells which tests reach which fault, and how long each takes.
 */
import type { collectedTests as CollectedTests } from './suite.ts';

interface Job {
  readonly id: number;
  /** Indices of the tests to run, in this order; null: all. */
  readonly tests: readonly number[] | null;
}

/** What the worker answers. */
export type WorkerAnswer =
  | { readonly kind: 'ready'; readonly tests: readonly string[] }
  | {
      readonly kind: 'baseline';
      readonly hits: readonly (readonly number[])[];
      readonly ms: readonly number[];
      readonly failed: readonly string[];
    }
  | { readonly kind: 'done'; readonly id: number; readonly killedBy: string | null };

const [suitePath = '', atLoad = '0', ...files] = process.argv.slice(2);
let current = Number(atLoad);
let hits: Set<number> | null = null;
Object.assign(globalThis, {
  __mutant: (id: number): boolean => {
    hits?.add(id);
    return id === current;
  },
});

const answer = (message: WorkerAnswer): void => void process.send?.(message);
const { collectedTests } = (await import(suitePath)) as { collectedTests: typeof CollectedTests };
for (const file of files) await import(file);
// The same tests for each major: the oldest and the newest are enough here.
const tests = collectedTests().filter(({ name }) => !/\$major #[2-5](?: |$)/.test(name));

process.on('message', (job: Job | 'baseline') => {
  void (job === 'baseline' ? baseline() : run(job));
});
answer({ kind: 'ready', tests: tests.map(({ name }) => name) });

async function baseline(): Promise<void> {
  const reached: number[][] = [];
  const ms: number[] = [];
  const failed: string[] = [];
  for (const test of tests) {
    hits = new Set();
    const startedAt = performance.now();
    if (!(await passes(test.run))) failed.push(test.name);
    ms.push(performance.now() - startedAt);
    reached.push([...hits]);
  }
  hits = null;
  answer({ kind: 'baseline', hits: reached, ms, failed });
}

async function run({ id, tests: chosen }: Job): Promise<void> {
  current = id;
  let killedBy: string | null = null;
  for (const index of chosen ?? tests.keys()) {
    const test = tests[index];
    if (test === undefined || (await passes(test.run))) continue;
    killedBy = test.name;
    break;
  }
  answer({ kind: 'done', id, killedBy });
}

async function passes(body: () => unknown): Promise<boolean> {
  try {
    await body();
    return true;
  } catch {
    return false;
  }
}
