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

const parses = 'The text is the gate’s own and always parses; the check is there for the types, and refuses.';
const found =
  'The grammar has read a name at this place, so that the tokens are there; the check is there for the types.';
const type = 'The grammar never leaves it out here; the check is there for the types.';
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
    file: 'gate/copy.ts',
    code: `'MergeStmt'].includes(query.tag)`,
    kind: 'condition is false',
    reason: 'The grammar takes no other query there, and the walk judges whatever comes.',
  },
  { file: 'gate/copy.ts', code: 'relation === null', kind: 'condition is false', reason: type },
  { file: 'gate/copy.ts', code: 'tree === null', reason: parses },
  { file: 'gate/copy.ts', code: 'end === null', reason: found },
  { file: 'gate/copy.ts', code: 'first === null', kind: 'condition is false', reason: found },
  { file: 'gate/copy.ts', code: 'first === null', kind: '|| without', reason: found },
  { file: 'gate/copy.ts', code: 'binary === null', kind: '|| without', reason: found },
  { file: 'gate/copy.ts', code: 'at === undefined', kind: '|| without', reason: found },
  { file: 'gate/copy.ts', code: 'closing === null', kind: 'condition is false', reason: found },
  { file: 'gate/copy.ts', code: 'last === null', kind: '|| without', reason: found },
  {
    file: 'gate/expressions.ts',
    code: 'table === undefined',
    reason: 'No item in FROM has an undefined name, so that nothing is found for one either.',
  },
  {
    file: 'gate/expressions.ts',
    code: 'schema === undefined',
    kind: '|| without',
    reason: 'No item in FROM has an undefined schema, so that nothing is found for one either.',
  },
  { file: 'gate/expressions.ts', code: 'last === null', kind: 'condition is false', reason: found },
  { file: 'gate/expressions.ts', code: 'end === undefined', kind: 'condition is false', reason: found },
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
  { file: 'gate/lock.ts', code: 'body === null', reason: type },
  { file: 'gate/lock.ts', code: `outcome.kind === 'parsed'`, kind: 'condition is true', reason: parses },
  { file: 'gate/lock.ts', code: 'tree === undefined', reason: parses },
  { file: 'gate/lock.ts', code: 'tree === null', reason: parses },
  { file: 'gate/lock.ts', code: 'at.node === null', kind: '|| without', reason: type },
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
  { file: 'gate/masked-source.ts', code: 'typeof ', kind: 'condition is true', reason: type },
  {
    file: 'gate/masked-source.ts',
    code: 'relation !== undefined',
    kind: '&& without',
    reason: 'It would have no rights.',
  },
  {
    file: 'gate/masked-source.ts',
    code: 'value !== undefined',
    reason: 'No child of a node is undefined, so that skipping it skips nothing.',
  },
  { file: 'gate/relations.ts', code: 'counts === undefined', kind: 'condition is true', reason: cache },
  { file: 'gate/relations.ts', code: 'countsOf.set(catalog, counts)', reason: cache },
  { file: 'gate/relations.ts', code: 'isReached', kind: 'condition is true', reason: words },
  { file: 'gate/relations.ts', code: 'isReached', kind: 'condition is false', reason: words },
];
