/** What deserves a second look before it is sent. Hints for a person who is about to slip: the agent decides what may run. */
import type { Caution } from '../../ipc/schema.ts';
import type { SplitStatement } from './split-statements.ts';

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
}

export function cautionsOf(statements: readonly SplitStatement[], options: CautionOptions): Caution[] {
  return statements.flatMap((statement) => [
    ...(options.isCareful ? riskyWrite(statement) : []),
    ...maskLiterals(statement, options.isMask),
  ]);
}

function riskyWrite({ words, from, to }: SplitStatement): Caution[] {
  const [first = ''] = words;
  const verb = first === 'with' ? words.find((word) => writes.has(word)) : first;
  if ((verb === 'update' || verb === 'delete') && !words.includes('where')) {
    const message = `This ${verb.toUpperCase()} has no WHERE: every row of the table is meant.`;
    return [{ kind: 'no-where', from, to, message }];
  }
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
