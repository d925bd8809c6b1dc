/** Faults planted in the gate and the rewriter: each must make a test of the gate fail, or say here why none can. */
import { type ExplainedSurvivor, explainedSurvivors } from './mutation/explained.ts';
import type { Mutant } from './mutation/mutants.ts';
import { runMutations } from './mutation/run.ts';
import type { Finding, Part } from './part.ts';

const name = 'mutations of gate and rewriter';
const limitMs = { quick: 60_000, full: 25 * 60_000 };
/** A quick run tries every so many faults. */
const steps = { quick: 60, full: 1 };

export const mutation: Part = {
  name: 'mutation',
  about: 'checks of gate and rewriter removed or turned round one by one: the unit tests must notice',
  runs: 'once',
  run: async ({ folder, isQuick, files, log }) => {
    const size = isQuick ? 'quick' : 'full';
    const result = await runMutations({
      folder,
      // who names files waits for all of them
      limitMs: files === undefined ? limitMs[size] : Number.POSITIVE_INFINITY,
      step: steps[size],
      files: files ?? null,
      workers: 2,
      log,
    });
    if (result.failing.length > 0) log(`fail without a fault: ${result.failing.slice(0, 5).join(' | ')}`);
    const unexplained = result.survivors.filter((mutant) => !isExplained(mutant));
    return {
      counts: [
        {
          name,
          cases: result.tried,
          failed: unexplained.length,
          note:
            `${result.killed} noticed, ${result.survivors.length - unexplained.length} explained; ` +
            `${result.planted} planted, ${result.unreached.length} in code that no unit test reaches`,
        },
      ],
      findings: [...unexplained.map(findingOf), ...needless(result.survivors, files ?? [])],
    };
  },
};

function isExplained(mutant: Mutant): boolean {
  return explainedSurvivors.some((each) => explains(each, mutant));
}

function explains({ file, code, kind }: ExplainedSurvivor, mutant: Mutant): boolean {
  return mutant.file.endsWith(file) && mutant.code.includes(code) && (kind ?? mutant.kind) === mutant.kind;
}

/** Explanations of faults that a test notices after all; only files of which every fault was tried tell. */
function needless(survivors: readonly Mutant[], files: readonly string[]): readonly Finding[] {
  return explainedSurvivors
    .filter(({ file }) => files.some((end) => end.endsWith(file) || file.endsWith(end)))
    .filter((each) => !survivors.some((mutant) => explains(each, mutant)))
    .map(({ file, code }) => ({
      kind: 'broken',
      name,
      what: `${file}: ${code}`,
      seen: 'explained for nothing',
    }));
}

function findingOf({ file, line, kind, code }: Mutant): Finding {
  return {
    kind: 'broken',
    name,
    what: `shared/${file}:${line} ${kind}: ${code}`,
    seen: 'no unit test fails',
  };
}
