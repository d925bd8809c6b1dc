/** A mutation run: a copy of `shared` with faults planted in the gate and the rewriter, its unit tests over and over. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Mutant, plantMutants } from './mutants.ts';
import type { WorkerAnswer } from './worker.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const mutatedFolders = ['sql/gate', 'sql/rewrite'];
/** A fault that makes a test go round for ever is found too: it takes so much longer than the tests do without it. */
const hangMs = 20_000;
const hangTimes = 10;
/** What was loaded before stays in memory. */
const maxReloads = 200;
/** Long random runs would take hours over all faults; what only they notice deserves a test of its own. */
const slowTestMs = 300;

export interface MutationOptions {
  /** An empty folder. */
  readonly folder: string;
  /** No new fault is tried after so long. */
  readonly limitMs: number;
  readonly workers: number;
  /** Every so many faults only; 1: all. */
  readonly step: number;
  /** Faults of these files alone, by how their paths end; null: of all. */
  readonly files: readonly string[] | null;
  readonly log: (line: string) => void;
}

export interface MutationResult {
  readonly planted: number;
  readonly tried: number;
  readonly killed: number;
  readonly survivors: readonly Mutant[];
  /** No test reaches these at all. */
  readonly unreached: readonly Mutant[];
  /** Tests that fail without any fault; they count for nothing. */
  readonly failing: readonly string[];
}

/** Plants, runs, counts. */
export async function runMutations(options: MutationOptions): Promise<MutationResult> {
  const { mutants, testFiles, suite } = prepare(options.folder);
  const first = await startWorker(options.folder, { suite, testFiles });
  const baseline = await ask(first, 'baseline', 300_000);
  first.kill('SIGKILL');
  if (baseline?.kind !== 'baseline') throw new TypeError('the tests did not run');
  const failing = new Set(baseline.failed);
  const reaching = testsByMutant(baseline);
  options.log(`${baseline.ms.filter((ms) => ms > slowTestMs).length} slow tests are left out`);
  const deadline = Date.now() + options.limitMs;
  const wanted = mutants.filter(({ file }) => options.files?.some((end) => file.endsWith(end)) ?? true);
  const tryable = wanted.filter(
    ({ id, isAtLoad }) => id % options.step === 0 && (isAtLoad || reaching.has(id)),
  );
  // who names files goes on with the next one, where an earlier run ended
  const queue = options.files === null ? inTurns(tryable) : tryable;
  const unreached = wanted.filter((each) => !each.isAtLoad && !reaching.has(each.id));
  options.log(
    `${wanted.length} faults planted, ${queue.length} to try, ${unreached.length} that no test reaches`,
  );
  const progress = progressOf(queue, options.log);
  const survivors: Mutant[] = [];
  let tried = 0;
  const all = baseline.ms
    .map((ms, at) => ({ ms, at }))
    .sort((a, b) => a.ms - b.ms)
    .map(({ at }) => at);
  const passing = all.filter(
    (at) => (baseline.ms[at] ?? 0) <= slowTestMs && !failing.has(first.tests[at] ?? ''),
  );
  const ofFile = testsOfFile(mutants, reaching, passing);
  const work = async (): Promise<void> => {
    let worker: StartedWorker | null = null;
    let reloads = 0;
    for (let mutant = queue.shift(); mutant !== undefined && Date.now() < deadline; mutant = queue.shift()) {
      const { id, isAtLoad } = mutant;
      const tests = isAtLoad ? ofFile(mutant.file) : (reaching.get(id) ?? []);
      tried += 1;
      reloads += Number(isAtLoad);
      worker ??= await startWorker(options.folder, { suite, testFiles });
      const usualMs = tests.reduce((sum, test) => sum + (baseline.ms[test] ?? 0), 0);
      const done = await ask(worker, { id, isAtLoad, tests }, hangMs + hangTimes * usualMs);
      const isUnnoticed = done?.kind === 'done' && done.killedBy === null;
      if (isUnnoticed) survivors.push(mutant);
      progress(mutant, isUnnoticed);
      if (done !== null && reloads < maxReloads) continue;
      worker.kill('SIGKILL');
      worker = null;
      reloads = 0;
    }
    worker?.kill('SIGKILL');
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  survivors.sort((a, b) => a.id - b.id);
  return {
    planted: wanted.length,
    tried,
    killed: tried - survivors.length,
    survivors,
    unreached,
    failing: [...failing],
  };
}

function prepare(folder: string): { mutants: Mutant[]; testFiles: string[]; suite: string } {
  const shared = join(folder, 'shared');
  cpSync(join(root, 'shared'), shared, { recursive: true, filter: (from) => !from.includes('node_modules') });
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@daam'), { recursive: true });
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry !== '@daam') symlinkSync(join(root, 'node_modules', entry), join(modules, entry));
  }
  symlinkSync(shared, join(modules, '@daam', 'shared'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const suite = join(folder, 'suite.ts');
  for (const name of ['suite.ts', 'worker.ts']) cpSync(join(import.meta.dirname, name), join(folder, name));
  const mutants: Mutant[] = [];
  let id = 0;
  for (const path of filesIn(shared)) {
    if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
    const planted = plantMutants(relative(shared, path), readFileSync(path, 'utf8'), () => (id += 1));
    mutants.push(...planted.mutants);
    writeFileSync(path, planted.text);
  }
  const testFiles = filesIn(shared).filter(
    (name) => name.endsWith('.test.ts') && !name.includes('.integration.'),
  );
  for (const path of testFiles) {
    writeFileSync(path, readFileSync(path, 'utf8').replace(/from 'vitest'/, `from ${JSON.stringify(suite)}`));
  }
  return { mutants, testFiles, suite };
}

function filesIn(shared: string): readonly string[] {
  return mutatedFolders.flatMap((at) => readdirSync(join(shared, at)).map((name) => join(shared, at, name)));
}

/**
 * One fault of each file, then the next of each, so that a run that ends early has seen all files. Those in tables
 * need the files loaded anew, each: they come last in their file.
 */
function inTurns(mutants: readonly Mutant[]): Mutant[] {
  const turns = new Map<string, number>();
  return mutants
    .toSorted((a, b) => Number(a.isAtLoad) - Number(b.isAtLoad) || a.id - b.id)
    .map((mutant) => {
      const turn = turns.get(mutant.file) ?? 0;
      turns.set(mutant.file, turn + 1);
      return { mutant, turn };
    })
    .sort((a, b) => a.turn - b.turn || a.mutant.id - b.mutant.id)
    .map(({ mutant }) => mutant);
}

/** Says what nobody noticed, and what became of a file when its last fault was tried. */
function progressOf(
  queue: readonly Mutant[],
  log: (line: string) => void,
): (mutant: Mutant, isUnnoticed: boolean) => void {
  const left = new Map<string, number>();
  for (const { file } of queue) left.set(file, (left.get(file) ?? 0) + 1);
  const all = new Map(left);
  const unnoticed = new Map<string, number>();
  return ({ file, line, kind, code }, isUnnoticed) => {
    if (isUnnoticed) {
      unnoticed.set(file, (unnoticed.get(file) ?? 0) + 1);
      log(`unnoticed: ${file}:${line} ${kind}: ${code}`);
    }
    const rest = (left.get(file) ?? 0) - 1;
    left.set(file, rest);
    if (rest === 0) log(`${file}: ${all.get(file)} tried, ${unnoticed.get(file) ?? 0} unnoticed`);
  };
}

/** The tests that reach anything in a file: those that could notice a fault in its tables. All, where none does. */
function testsOfFile(
  mutants: readonly Mutant[],
  reaching: ReadonlyMap<number, readonly number[]>,
  passing: readonly number[],
): (file: string) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (file) => {
    let tests = known.get(file);
    if (tests === undefined) {
      const reached = new Set(
        mutants.filter((each) => each.file === file).flatMap(({ id }) => reaching.get(id) ?? []),
      );
      tests = reached.size === 0 ? passing : passing.filter((test) => reached.has(test));
      known.set(file, tests);
    }
    return tests;
  };
}

/** Which tests reach a fault, the quickest first. */
function testsByMutant({
  hits,
  ms,
}: Extract<WorkerAnswer, { kind: 'baseline' }>): ReadonlyMap<number, readonly number[]> {
  const reaching = new Map<number, number[]>();
  const quickFirst = hits
    .map((ids, at) => ({ ids, at, ms: ms[at] ?? 0 }))
    .filter((test) => test.ms <= slowTestMs)
    .sort((a, b) => a.ms - b.ms);
  for (const { ids, at } of quickFirst) {
    for (const id of ids) {
      const tests = reaching.get(id) ?? [];
      tests.push(at);
      reaching.set(id, tests);
    }
  }
  return reaching;
}

type StartedWorker = ChildProcess & { readonly tests: readonly string[] };

async function startWorker(
  folder: string,
  options: { readonly suite: string; readonly testFiles: readonly string[] },
): Promise<StartedWorker> {
  const args = [options.suite, ...options.testFiles];
  const child = fork(join(folder, 'worker.ts'), args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = `${errors}${chunk.toString()}`.slice(-2_000);
  });
  const ready = await nextAnswer(child, 60_000);
  if (ready?.kind !== 'ready') {
    child.kill('SIGKILL');
    throw new TypeError(`the tests could not be loaded: ${errors}`);
  }
  return Object.assign(child, { tests: ready.tests });
}

async function ask(
  worker: ChildProcess,
  job: object | 'baseline',
  timeoutMs: number,
): Promise<WorkerAnswer | null> {
  const answered = nextAnswer(worker, timeoutMs);
  worker.send(job);
  return await answered;
}

/** Null when the worker ended or said nothing in time. */
async function nextAnswer(worker: ChildProcess, timeoutMs: number): Promise<WorkerAnswer | null> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const timer = setTimeout(() => waiting.abort(), timeoutMs);
  try {
    const [message] = (await Promise.race([
      once(worker, 'message', { signal }),
      once(worker, 'exit', { signal }).then(() => [null]),
    ])) as [WorkerAnswer | null];
    return message;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    waiting.abort();
  }
}
