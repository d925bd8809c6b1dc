/** What deserves a second look before it is sent. Hints for a person who is about to slip: the agent decides what may run. */
import type { Caution } from '../../ipc/schema.ts';
import type { SplitStatement } from './split-statements.ts';
import type { StatementHints } from './statement-hints.ts';

const ddl = new Set([
  'create',
  'alter',
  'drop',
  'truncate',
  'comment',
  'reindex',
  'cluster',
  'grant',
  'revoke',
]);
const writes = new Set(['insert', 'update', 'delete', 'merge']);
const reads = new Set(['select', 'values', 'table', 'show', 'explain', 'with', 'fetch']);

/** Whether running it twice, or not knowing whether it ran, does no harm. */
export function isReadOnly({ words }: SplitStatement): boolean {
  const [first = ''] = words;
  if (!reads.has(first)) return false;
  return !words.some((word) => writes.has(word) || word === 'into' || word === 'analyze');
}

/** Whether it may change rows or more; wrong only where that costs nothing. */
export function mayWrite({ words }: SplitStatement): boolean {
  return words.some((word) => writes.has(word) || ddl.has(word));
}

/** Whether rows are to be expected. */
export function mayReturnRows({ words }: SplitStatement): boolean {
  const [first = ''] = words;
  return reads.has(first) || first === '' || first === 'execute' || words.includes('returning');
}

export interface CautionOptions {
  /** UPDATE and DELETE without WHERE, and DDL, are asked about. */
  readonly isCareful: boolean;
  /** Whether a literal was copied from a masked cell: it is the mask, not the value. */
  readonly isMask: (literal: string) => boolean;
  /** What the grammar tells of each statement; without one, words decide. */
  readonly hints?: readonly (StatementHints | null)[];
}

export function cautionsOf(statements: readonly SplitStatement[], options: CautionOptions): Caution[] {
  return statements.flatMap((statement, index) => [
    ...(options.isCareful ? risks(statement, options.hints?.[index] ?? null) : []),
    ...maskLiterals(statement, options.isMask),
  ]);
}

function risks(statement: SplitStatement, hints: StatementHints | null): Caution[] {
  if (hints === null) return [...wordsOfWrite(statement), ...ddlOf(statement)];
  const { from, to } = statement;
  const whole = hints.wholeTables.map(({ verb, table }): Caution => {
    const message = `This ${verb} has no WHERE: every row of ${table === '' ? 'the table' : table} is meant.`;
    return { kind: 'no-where', from, to, message: message.slice(0, 500) };
  });
  const isWrite = statement.words.some((word) => writes.has(word));
  const unjoined = isWrite ? unjoinedWords(hints) : null;
  const loose: Caution[] = unjoined === null ? [] : [{ kind: 'no-join', from, to, message: unjoined }];
  return [...whole, ...loose, ...ddlOf(statement)];
}

/** What is worth a line in the messages, with its place in the statement. Nothing waits for it. */
export function remarksOf(
  hints: StatementHints | null,
): readonly { readonly message: string; readonly at: number | null }[] {
  if (hints === null) return [];
  const unjoined = unjoinedWords(hints);
  return [
    ...hints.nullComparisons.slice(0, 5).map((at) => ({
      message: 'A comparison with NULL by = or <> is never true: write IS NULL or IS NOT NULL.',
      at,
    })),
    ...(unjoined === null ? [] : [{ message: unjoined, at: null }]),
  ];
}

function unjoinedWords({ unjoined }: StatementHints): string | null {
  if (unjoined.length === 0) return null;
  const names = unjoined.slice(0, 3).join(', ');
  return `No condition joins ${names} with the other tables: every row is paired with every row.`.slice(
    0,
    500,
  );
}

function wordsOfWrite({ words, from, to }: SplitStatement): Caution[] {
  const [first = ''] = words;
  const verb = first === 'with' ? words.find((word) => writes.has(word)) : first;
  if ((verb === 'update' || verb === 'delete') && !words.includes('where')) {
    const message = `This ${verb.toUpperCase()} has no WHERE: every row of the table is meant.`;
    return [{ kind: 'no-where', from, to, message }];
  }
  return [];
}

function ddlOf({ words, from, to }: SplitStatement): Caution[] {
  const [first = ''] = words;
  if (!ddl.has(first)) return [];
  return [{ kind: 'ddl', from, to, message: `${first.toUpperCase()} changes the database itself.` }];
}

const quoted = /'((?:[^']|'')*)'/g;

function maskLiterals({ text, words, from }: SplitStatement, isMask: CautionOptions['isMask']): Caution[] {
  if (!words.some((word) => writes.has(word))) return [];
  return [...text.matchAll(quoted)]
    .filter(([, literal = '']) => literal !== '' && isMask(literal.replaceAll("''", "'")))
    .slice(0, 10)
    .map(({ index, 0: whole }) => ({
      kind: 'mask-literal',
      from: from + index,
      to: from + index + whole.length,
      message: 'This text was copied from a masked cell: it is the mask, not the value.',
    }));
}
