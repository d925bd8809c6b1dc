import { field, type TaggedNode, text } from '../ast/node.ts';
import type { Context } from './context.ts';
import { visitQuery, type StatementJudge } from './judgement.ts';
import { refuse } from './refusal.ts';
import { judgeTemporaryName } from './temporary-name.ts';

/** SELECT, also SELECT … INTO TEMP. */
export const judgeSelect: StatementJudge = (context, node) => {
  const into = field(node.body, 'intoClause');
  if (into === null) {
    visitQuery(context, node);
    return 'SELECT';
  }
  judgeInto(context, into);
  const { intoClause: _, ...query } = node.body;
  visitQuery(context, { tag: 'SelectStmt', body: query, wrapper: node.wrapper });
  return 'SELECT INTO';
};

/** The temporary table that SELECT INTO or CREATE TABLE AS makes. */
export function judgeInto(context: Context, into: TaggedNode['body']): void {
  const name = judgeTemporaryName(context, field(into, 'rel') ?? {});
  if (text(into, 'tableSpaceName') !== null || text(into, 'accessMethod') !== null) {
    refuse({ rule: 'ddl', message: 'a temporary table takes no TABLESPACE or USING here' });
  }
  context.names.tempRelations.add(name);
  context.found.effects.push({ kind: 'temp-relation-created', name });
}

/** INSERT, UPDATE, DELETE, MERGE. */
export function judgeWrite(command: string): StatementJudge {
  return (context, node) => {
    visitQuery(context, node);
    return command;
  };
}
