/** Faults that no test can notice, because nothing changes, or because another check stands behind: each with its reason. */

export interface ExplainedSurvivor {
  /** How the file's name ends. */
  readonly file: string;
  /** A piece of the code that the fault is in. */
  readonly code: string;
  /** Default: whatever is done to it. */
  readonly kind?: string;
  readonly reason: string;
}

const words = 'It chooses the words of a message only.';
const unseen = 'It stands for a verdict that is still to be made, and never leaves the file.';
const cache = 'It remembers what is computed again otherwise.';

export const explainedSurvivors: readonly ExplainedSurvivor[] = [
  {
    file: 'gate/copy.ts',
    code: `flag(body, 'is_program')`,
    kind: '|| without',
    reason: 'COPY with a program has a file name too (it is the command), and that refuses.',
  },
  { file: 'gate/decide.ts', code: `kind: 'deny'`, kind: 'entry is missing', reason: unseen },
  { file: 'gate/decide.ts', code: `denial: denialOf({ rule: 'undecided'`, reason: unseen },
  { file: 'gate/decide.ts', code: 'command: null', kind: 'entry is missing', reason: unseen },
  { file: 'gate/decide.ts', code: `rule: 'undecided'`, kind: 'entry is missing', reason: unseen },
  { file: 'gate/decide.ts', code: `message: 'undecided'`, kind: 'entry is missing', reason: unseen },
  {
    file: 'gate/decide.ts',
    code: 'rewritten',
    kind: 'condition is true',
    reason: 'Without edits the text comes out as it went in.',
  },
  {
    file: 'gate/filtered-rows.ts',
    code: 'elevationBlocker === null',
    kind: 'condition is false',
    reason: words,
  },
  {
    file: 'gate/filtered-rows.ts',
    code: `schema !== 'pg_catalog'`,
    kind: '|| without',
    reason: 'Only relations of the server come here, and its other schemas hold none of these names.',
  },
  {
    file: 'gate/masked-source.ts',
    code: 'at.with === null',
    kind: 'condition is false',
    reason: 'There is nothing below nothing.',
  },
  {
    file: 'gate/masked-source.ts',
    code: `node.tag === 'RangeVar'`,
    kind: 'condition is true',
    reason: 'No other node has the name of a relation.',
  },
  {
    file: 'gate/mentions.ts',
    code: `node.tag === 'A_Star'`,
    kind: '|| without',
    reason: 'Whoever takes a row apart has named the row, and with it all of its columns.',
  },
  {
    file: 'gate/output-names.ts',
    code: 'select === null',
    kind: 'condition is false',
    reason: 'Nothing but a SELECT stands between the brackets of FROM.',
  },
  {
    file: 'gate/own-parameters.ts',
    code: `root.tag === 'ParamRef'`,
    kind: 'condition is true',
    reason: 'No other node has a field of that name.',
  },
  { file: 'gate/relations.ts', code: 'counts === undefined', kind: 'condition is true', reason: cache },
  { file: 'gate/relations.ts', code: 'countsOf.set(catalog, counts)', reason: cache },
  { file: 'gate/relations.ts', code: 'isReached', kind: 'condition is true', reason: words },
  { file: 'gate/relations.ts', code: 'isReached', kind: 'condition is false', reason: words },
  { file: 'rewrite/source-text.ts', code: '#byStart === null', kind: 'condition is true', reason: cache },
  {
    file: 'gate/search-path.ts',
    code: `constant.kind === 'null'`,
    kind: '|| without',
    reason: 'The grammar takes no NULL in SET, and whatever stood for one would be no parameter’s value.',
  },
  {
    file: 'gate/sequences.ts',
    code: `sequence.kind !== 'S'`,
    kind: 'condition is false',
    reason: 'The catalogue lists nothing but sequences as owned; the check saves the search.',
  },
];
