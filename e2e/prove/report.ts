/** What the proof found, as text: lines for findings, the table, and the table's place in docs/proof.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import type { ClassCount, Finding, PartResult } from './part.ts';

/** A part's result on one major. */
export interface Outcome {
  readonly major: PostgresMajor;
  readonly part: string;
  readonly result: PartResult;
}

const documentPath = join(import.meta.dirname, '..', '..', 'docs', 'proof.md');
const marks = { begin: '<!-- results: begin -->', end: '<!-- results: end -->' };

/** One finding on one line, cut where it is long. */
export function findingText(major: PostgresMajor, { kind, name, what, seen }: Finding): string {
  const cut = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 2_000);
  return `  ${kind.toUpperCase()} on ${major} in ${name}: ${cut(what)} → ${cut(seen)}`;
}

/** A Markdown table: a line for each part and class, a column for each major, and the findings by kind below it. */
export function resultTable(outcomes: readonly Outcome[]): string {
  const majors = [...new Set(outcomes.map(({ major }) => major))];
  const lines = [
    `| part | class | ${majors.join(' | ')} | note |`,
    `|---|---|${majors.map(() => '---:|').join('')}---|`,
  ];
  for (const [part, ofPart] of Map.groupBy(outcomes, (outcome) => outcome.part)) {
    const classes = new Set(ofPart.flatMap(({ result }) => result.counts.map(({ name }) => name)));
    for (const name of classes) {
      const cells = majors.map((major) => {
        const count = countOf(ofPart, major, name);
        return count === undefined ? '–' : cellText(count);
      });
      const note =
        ofPart
          .map(({ result }) => result.counts.find((count) => count.name === name)?.note)
          .findLast((each) => each !== undefined) ?? '';
      lines.push(`| ${part} | ${name} | ${cells.join(' | ')} | ${note} |`);
    }
  }
  return `${lines.join('\n')}\n\n${summaryOf(outcomes)}`;
}

function countOf(outcomes: readonly Outcome[], major: number, name: string): ClassCount | undefined {
  const outcome = outcomes.find((each) => each.major === major);
  return outcome?.result.counts.find((count) => count.name === name);
}

function cellText({ cases, failed }: ClassCount): string {
  return failed === 0 ? String(cases) : `${cases}, **${failed} failed**`;
}

function summaryOf(outcomes: readonly Outcome[]): string {
  const findings = outcomes.flatMap(({ result }) => result.findings);
  const count = (kind: Finding['kind']): number => findings.filter((finding) => finding.kind === kind).length;
  return (
    `${count('leak')} leaks, ${count('refusal')} unexplained refusals, ${count('orphan')} orphans, ` +
    `${count('broken')} broken checks.`
  );
}

/** Puts the table between its marks in docs/proof.md. */
export async function writeDocument(
  outcomes: readonly Outcome[],
  { isQuick, seed }: { readonly isQuick: boolean; readonly seed: number },
): Promise<void> {
  const text = await readFile(documentPath, 'utf8');
  const [before, rest] = text.split(marks.begin);
  const after = rest?.split(marks.end)[1];
  if (before === undefined || after === undefined) throw new Error('docs/proof.md has no place for results');
  const date = new Date().toISOString().slice(0, 10);
  const heading = `${date}, seed ${seed}${isQuick ? ', quick' : ''}:`;
  const body = `${marks.begin}\n${heading}\n\n${resultTable(outcomes)}\n${marks.end}`;
  await writeFile(documentPath, `${before}${body}${after}`);
}
