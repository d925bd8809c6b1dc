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
const cache = 'It remembers what is computed again otherwise.';

export const explainedSurvivors: readonly ExplainedSurvivor[] = [
  {
    file: 'gate/copy.ts',
    code: `flag(body, 'is_program')`,
    kind: '|| without',
    reason: 'COPY with a program has a file name too (it is the command), and that refuses.',
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
  { file: 'gate/relations.ts', code: 'counts === undefined', kind: 'condition is true', reason: cache },
  { file: 'gate/relations.ts', code: 'countsOf.set(catalog, counts)', reason: cache },
  { file: 'gate/relations.ts', code: 'isReached', kind: 'condition is true', reason: words },
  { file: 'gate/relations.ts', code: 'isReached', kind: 'condition is false', reason: words },
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
