import { type AstNode, bodiesOf, flag, list, type TaggedNode } from '../ast/node.ts';
import { quoteLiteral, quoteQualified } from '../quote.ts';
import { parseStatement } from '../rewrite/fragment.ts';
import { type Context, planEdit } from './context.ts';
import type { StatementJudge } from './judgement.ts';
import { isProtected } from '../row-filter.ts';
import { judgeReadCode, pinSchema, requireAccess, resolveRelation } from './relations.ts';

/** AccessShareLock, as the grammar numbers it: what every read takes anyway. */
const accessShare = 1;

/**
 * LOCK TABLE: of what any policy grants. The server asks for a privilege on the whole table, which nobody has where
 * columns are masked or granted one by one. The weakest lock, ACCESS SHARE (pg_dump takes it before it reads), is then had by reading
 * nothing: `DO 'BEGIN PERFORM 1 FROM t WHERE false; … END'`, which answers without rows, as LOCK does.
 */
export const judgeLock: StatementJudge = (context, node, statement) => {
  const locked: Locked[] = [];
  for (const body of bodiesOf(list(node.body, 'relations'), 'RangeVar')) {
    const meaning = resolveRelation(context, body);
    if (meaning.kind !== 'relation') continue;
    const { relation } = meaning;
    const operation = context.input.access.relations.get(relation.oid)?.operations.values().next().value;
    const { access } = requireAccess(context, relation, { operation: operation ?? 'select', body });
    const { schema, name } = relation;
    locked.push({
      body,
      meaning,
      schema,
      name,
      isHidden: isProtected(access) || access.columnwise === true,
    });
    if (isProtected(access)) judgeReadCode(context, relation);
  }
  const isWeakest = node.body['mode'] === accessShare && !flag(node.body, 'nowait');
  const isWhole = locked.length === list(node.body, 'relations').length;
  if (isWeakest && isWhole && locked.some(({ isHidden }) => isHidden)) {
    lockByReading(context, { node, start: statement.start, end: statement.end, locked });
  } else {
    for (const { body, meaning } of locked) pinSchema(context, body, meaning);
  }
  return 'LOCK TABLE';
};

interface Locked {
  readonly body: AstNode;
  readonly meaning: Parameters<typeof pinSchema>[2];
  readonly schema: string;
  readonly name: string;
  readonly isHidden: boolean;
}

function lockByReading(
  context: Context,
  at: {
    readonly node: TaggedNode;
    readonly start: number;
    readonly end: number;
    readonly locked: readonly Locked[];
  },
): void {
  const reads = at.locked.map(({ body, schema, name }) => {
    // the grammar leaves `inh` out for ONLY
    const only = flag(body, 'inh') ? '' : 'ONLY ';
    return `PERFORM 1 FROM ${only}${quoteQualified(schema, name)} WHERE false;`;
  });
  const text = `DO ${quoteLiteral(`BEGIN ${reads.join(' ')} END`)}`;
  const tree = parseStatement(context.parts.parser, text);
  const node = at.node.wrapper ?? at.node.body;
  planEdit(context, { text: [{ start: at.start, end: at.end, text }], node, apply: () => tree });
}
