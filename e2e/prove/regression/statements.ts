/**
 * A large corpus of statements: PostgreSQL's own regression scripts from an unpacked package (`--regress DIR`), and
 * always those of the generator.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSignatures } from '../generator/functions.ts';
import { Conversations, withoutMarks } from '../generator/statements.ts';
import type { ProveContext } from '../part.ts';
import type { Worlds } from '../worlds.ts';
import { splitScript } from './split-script.ts';

const generated = { quick: 12, whole: 60 };
const quickStep = 40;

/** Every statement of the scripts in a folder, in the order of the files' names; `isQuick`: one in forty. */
export async function regressionStatements(
  folder: string | undefined,
  isQuick: boolean,
): Promise<readonly string[]> {
  if (folder === undefined) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  // The tables that the others use come first.
  const ordered = names.toSorted((x, y) => Number(y === 'test_setup.sql') - Number(x === 'test_setup.sql'));
  const statements: string[] = [];
  for (const name of ordered) statements.push(...splitScript(await readFile(join(folder, name), 'utf8')));
  return isQuick ? statements.filter((_, index) => index % quickStep === 0) : statements;
}

/** Statements of the generator over the world's tables. */
export async function generatedStatements(context: ProveContext, worlds: Worlds): Promise<readonly string[]> {
  const functions = await readSignatures(worlds.a.superuserDsn, context.major);
  const generator = new Conversations({ seed: context.seed + 900_000, functions });
  const count = context.isQuick ? generated.quick : generated.whole;
  return Array.from({ length: count }, (_, index) => generator.conversation(index, 24))
    .flat()
    .map(withoutMarks)
    .flatMap((act) => (act.kind === 'raw' ? [] : [act.sql]));
}
