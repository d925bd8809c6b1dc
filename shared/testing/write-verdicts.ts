/**
 * Writes the verdicts of today into shared/sql/gate/verdicts/*.sql, for a person to read the difference: `node
 * shared/testing/write-verdicts.ts`. A section whose majors disagree is said; it must be written as two.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresMajor } from '../domain/postgres-version.ts';
import { isAbout, readVerdicts, verdictGate, verdictLines, writeVerdicts } from './verdict-files.ts';

const folder = join(import.meta.dirname, '..', 'sql', 'gate', 'verdicts');
const majors: readonly PostgresMajor[] = [18, 13];
const gates = await Promise.all(majors.map(async (major) => ({ major, gate: await verdictGate(major) })));

for (const name of readdirSync(folder).filter((each) => each.endsWith('.sql'))) {
  const text = readFileSync(join(folder, name), 'utf8');
  const sections = readVerdicts(text).map((section) => {
    const { settings } = section;
    const about = gates.filter(({ major }) => isAbout(section, major));
    const cases = section.cases.map(({ sql }) => {
      const all = about.map(({ gate, major }) => verdictLines(gate, major, { sql, settings }));
      const [verdict = []] = all;
      if (all.some((other) => other.join('\n') !== verdict.join('\n')))
        process.stderr.write(`${name}: majors disagree: ${sql}\n${JSON.stringify(all, null, 1)}\n`);
      return { sql, verdict };
    });
    return { ...section, cases };
  });
  const written = writeVerdicts(text.slice(0, text.search(/^--- /m)), sections);
  if (written !== text) writeFileSync(join(folder, name), written);
}
