import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PostgresMajor } from '../../domain/postgres-version.ts';
import { isAbout, readVerdicts, verdictGate, verdictLines } from '../../testing/verdict-files.ts';

const folder = join(import.meta.dirname, 'verdicts');
const majors: readonly PostgresMajor[] = [13, 18];
const gates = await Promise.all(majors.map(async (major) => ({ major, gate: await verdictGate(major) })));

describe.each(readdirSync(folder).filter((name) => name.endsWith('.sql')))('%s', (name) => {
  for (const section of readVerdicts(readFileSync(join(folder, name), 'utf8'))) {
    const { settings, sentence } = section;
    for (const { gate, major } of gates.filter((each) => isAbout(section, each.major))) {
      describe(`${sentence}, on PostgreSQL ${major}`, () => {
        test.each(section.cases)('$sql', ({ sql, verdict }) => {
          expect(verdictLines(gate, major, { sql, settings })).toEqual(verdict);
        });
      });
    }
  }
});
