/**
 * Runs the gate's tests with one fault switched on: `worker.ts <suite> <test files…>`. Takes `{id, tests, isAtLoad}`
 * messages, answers with the first test that failed. `baseline` tells which tests reach which fault, and how long each takes.
 */
import { registerHooks } from 'node:module';
import type { CollectedTest, collectedTests as CollectedTests } from './suite.ts';

interface Job {
  readonly id: number;
  /** The fault shows when its file is loaded: gate, rewriter and tests are loaded anew with it. */
  readonly isAtLoad: boolean;
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

const [suitePath = '', ...files] = process.argv.slice(2);
let current = 0;
let hits: Set<number> | null = null;
Object.assign(globalThis, {
  __mutant: (id: number): boolean => {
    hits?.add(id);
    return id === current;
  },
});

const answer = (message: WorkerAnswer): void => void process.send?.(message);

/** What is loaded anew; grammars and all else stay as they are. */
const reloaded = /\/shared\/(?:sql\/(?:gate|rewrite)|testing)\//;
let generation = 0;
registerHooks({
  resolve: (specifier, context, next) => {
    const resolved = next(specifier, context);
    if (generation === 0 || !reloaded.test(resolved.url)) return resolved;
    return { ...resolved, url: `${resolved.url}?${generation}` };
  },
});

const { collectedTests, forgetTests } = (await import(suitePath)) as {
  collectedTests: typeof CollectedTests;
  forgetTests: () => void;
};
let tests = await load();

async function load(): Promise<readonly CollectedTest[]> {
  forgetTests();
  for (const file of files) await import(generation === 0 ? file : `${file}?${generation}`);
  // The same tests for each major: the oldest and the newest are enough here.
  return collectedTests().filter(({ name }) => !/\$major #[2-5](?: |$)/.test(name));
}

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

async function run(job: Job): Promise<void> {
  current = job.id;
  answer({ kind: 'done', id: job.id, killedBy: job.isAtLoad ? await runReloaded(job) : await failing(job) });
}

async function runReloaded(job: Job): Promise<string | null> {
  const before = tests;
  generation += 1;
  try {
    tests = await load();
    return await failing(job);
  } catch {
    return 'the tests cannot be loaded';
  } finally {
    tests = before;
  }
}

async function failing(job: Job): Promise<string | null> {
  for (const index of job.tests ?? tests.keys()) {
    const test = tests[index];
    if (test !== undefined && !(await passes(test.run))) return test.name;
  }
  return null;
}

async function passes(body: () => unknown): Promise<boolean> {
  try {
    await body();
    return true;
  } catch {
    return false;
  }
}
