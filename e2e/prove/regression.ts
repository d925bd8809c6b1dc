/**
 * Part 4 of the proof: PostgreSQL's own regression statements (where `--regress` names a folder of them) and generated
 * ones through gate and rewriter: no crash, every rewriting verified, equal results where nothing is masked.
 */
import type { Part } from './part.ts';
import { equalResults } from './regression/equal-results.ts';
import { roundTrip } from './regression/gate-round-trip.ts';
import { generatedStatements, regressionStatements } from './regression/statements.ts';

export const regression: Part = {
  name: 'regression',
  about: 'a large corpus through gate and rewriter; equal results where nothing is masked',
  runs: 'major',
  run: async (context) => {
    const scripts = await regressionStatements(context.regressFolder, context.isQuick);
    const generated = await generatedStatements(context, await context.worlds());
    context.log(`${scripts.length} statements of scripts, ${generated.length} generated`);
    const results = [
      await roundTrip(context.major, [...scripts, ...generated]),
      await equalResults({ context, scripts, generated }),
    ];
    return {
      counts: results.flatMap(({ counts }) => counts),
      findings: results.flatMap(({ findings }) => findings),
    };
  },
};
