import type { SqlParser } from '../parser.ts';
import type { OwnParameter, StatementPiece } from '../verdict.ts';
import { refuse } from './refusal.ts';

/**
 * The statements of a text one by one, where one of them needs parameters of the agent's own: the simple
 * protocol has none, so the agent runs the text in the extended one. Null: no statement does.
 */
export function piecesOf(
  parser: SqlParser,
  sql: string,
  parameters: readonly (readonly OwnParameter[])[],
): readonly StatementPiece[] | null {
  if (parameters.every((own) => own.length === 0)) return null;
  if (parameters.length === 1) return [{ sql, parameters: parameters[0] ?? [] }];
  const outcome = parser.parse(sql);
  if (outcome.kind !== 'parsed' || outcome.statements.length !== parameters.length) {
    refuse({ rule: 'rewrite-verification', message: 'the text could not be taken apart safely' });
  }
  const { bytes, statements } = outcome;
  if (statements.some(({ node }) => node.tag === 'CopyStmt')) {
    refuse({
      rule: 'pseudonym-copy',
      sqlstate: '0A000',
      message: 'COPY and statements that show pseudonyms cannot be sent in one text',
      hint: 'Send them one by one.',
    });
  }
  return statements.map(({ start, end }, index) => ({
    sql: bytes.toString('utf8', start, end),
    parameters: parameters[index] ?? [],
  }));
}
