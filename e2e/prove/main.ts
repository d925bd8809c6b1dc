/**
 * `npm run prove`: every part of the proof on every major, against real servers behind real agents. Prints what it
 * found and one table; exit code 0 only when nothing was found. `--write` puts the table into docs/proof.md.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isSupportedMajor, type PostgresMajor, supportedMajors } from '@daam/shared/domain/postgres-version';
import { type Part, type PartResult, type ProveContext } from './part.ts';
import { parts } from './parts.ts';
import { findingText, type Outcome, resultTable, writeDocument } from './report.ts';
import { KeptResults } from './kept-results.ts';
import { startWorlds, type Worlds } from './worlds.ts';

const usage = `Usage: npm run prove [-- --majors 13,18] [--only two-worlds,…] [--quick] [--seed N] [--files LIST] [--write]

  --majors LIST  PostgreSQL majors (default ${supportedMajors.join(',')})
  --only LIST    these parts alone
  --quick        a small share of everything
  --seed N       where random choices start from (default 1)
  --regress DIR  PostgreSQL's regression scripts (*.sql), for the part regression
  --files LIST   mutation: faults of these source files alone, all of them (sql/gate/copy.ts,…)
  --results FILE keep every part's result in this file, and count those of earlier runs that are there
  --write        put the result table into docs/proof.md

Parts
${parts.map(({ name, about }) => `  ${name.padEnd(20)} ${about}`).join('\n')}
`;

interface ProveOptions {
  readonly majors: readonly PostgresMajor[];
  readonly parts: readonly Part[];
  readonly isQuick: boolean;
  readonly seed: number;
  readonly writes: boolean;
  readonly regressFolder?: string;
  readonly files?: readonly string[];
  readonly resultsFile: string | null;
}

function readOptions(): ProveOptions | null {
  const { values } = parseArgs({
    options: {
      majors: { type: 'string', default: supportedMajors.join(',') },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      regress: { type: 'string' },
      results: { type: 'string' },
      files: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const majors = values.majors.split(',').map(Number);
  const names = values.only?.split(',') ?? parts.map(({ name }) => name);
  const chosen = parts.filter(({ name }) => names.includes(name));
  const seed = Number(values.seed);
  const isUsable = majors.every(isSupportedMajor) && chosen.length === names.length && Number.isInteger(seed);
  if (values.help || !isUsable) return null;
  return {
    majors: majors.filter(isSupportedMajor),
    parts: chosen,
    isQuick: values.quick,
    seed,
    writes: values.write,
    resultsFile: values.results ?? null,
    ...(values.regress === undefined ? {} : { regressFolder: values.regress }),
    ...(values.files === undefined ? {} : { files: values.files.split(',') }),
  };
}

const log = (line: string): void => void process.stderr.write(`${line}\n`);

async function prove(options: ProveOptions): Promise<readonly Outcome[]> {
  const kept = await KeptResults.open(options.resultsFile);
  const root = await mkdtemp(join(tmpdir(), 'daam-prove-'));
  try {
    for (const major of options.majors) {
      const isLast = major === options.majors.at(-1);
      const chosen = options.parts.filter(({ runs }) => runs === 'major' || isLast);
      await proveMajor(major, { ...options, parts: chosen }, { root, kept });
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return kept.outcomes;
}

async function proveMajor(
  major: PostgresMajor,
  options: ProveOptions,
  { root, kept }: { readonly root: string; readonly kept: KeptResults },
): Promise<void> {
  const { seed, isQuick } = options;
  let worlds: Promise<Worlds> | null = null;
  try {
    for (const part of options.parts) {
      const folder = join(root, `${major}-${part.name}`);
      await mkdir(folder);
      log(`PostgreSQL ${major}: ${part.name}`);
      const context: ProveContext = {
        major,
        seed,
        isQuick,
        ...(options.regressFolder === undefined ? {} : { regressFolder: options.regressFolder }),
        ...(options.files === undefined ? {} : { files: options.files }),
        folder,
        log: (line) => log(`  ${line}`),
        worlds: () => {
          worlds ??= startWorlds({ major, seed, folder: root });
          return worlds;
        },
      };
      const result = await runPart(part, context);
      for (const finding of result.findings) log(findingText(major, finding));
      await kept.add({ major, part: part.name, result });
    }
  } finally {
    await (await (worlds as Promise<Worlds> | null)?.catch(() => null))?.[Symbol.asyncDispose]();
  }
}

/** A part that fails has found something: that it cannot be trusted. */
async function runPart(part: Part, context: ProveContext): Promise<PartResult> {
  try {
    return await part.run(context);
  } catch (thrown) {
    const seen = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return {
      counts: [{ name: part.name, cases: 0, failed: 1 }],
      findings: [{ kind: 'broken', name: part.name, what: 'the part itself', seen }],
    };
  }
}

const options = readOptions();
if (options === null) {
  process.stderr.write(usage);
  process.exitCode = 64;
} else {
  const outcomes = await prove(options);
  process.stdout.write(`${resultTable(outcomes)}\n`);
  if (options.writes) await writeDocument(outcomes, options);
  const hasFindings = outcomes.some(({ result }) => result.findings.length > 0);
  process.exitCode = hasFindings || outcomes.length === 0 ? 1 : 0;
}
process.exit();
