/**
 * Writes shared/sql/functions/<major>.json and leakproof.json from running servers of every supported major version:
 * `node scripts/generate-function-lists.ts`. Review the diff before committing it.
 */
import { writeFile } from 'node:fs/promises';
import { supportedMajors } from '@daam/shared/domain/postgres-version';
import { classifyFunctions } from '@daam/shared/sql/functions/rules';
import { readFunctionRows } from '@daam/shared/testing/function-rows';
import { readLeakproof } from '@daam/shared/testing/leakproof-rows';

for (const major of supportedMajors) {
  const list = classifyFunctions(major, await readFunctionRows(major));
  const path = new URL(`../shared/sql/functions/${major}.json`, import.meta.url);
  await writeFile(path, `${JSON.stringify(list, null, 2)}\n`);
  const denied = Object.values(list.denied).flat().length;
  process.stdout.write(`${major}: ${list.allowed.length} allowed, ${denied} denied\n`);
}

const leakproof: Record<string, unknown> = {};
for (const major of supportedMajors) leakproof[major] = await readLeakproof(major);
const path = new URL('../shared/sql/functions/leakproof.json', import.meta.url);
await writeFile(path, `${JSON.stringify(leakproof, null, 2)}\n`);
