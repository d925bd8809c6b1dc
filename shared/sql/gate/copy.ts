import {
  type AstNode,
  field,
  flag,
  list,
  locationOf,
  stringsOf,
  type TaggedNode,
  text,
} from '../ast/node.ts';
import { forEachIn } from '../ast/tree.ts';
import { quoteIdentifier } from '../quote.ts';
import { parseSelect } from '../rewrite/fragment.ts';
import { maskedSelect } from '../rewrite/masked-relation.ts';
import type { TextEdit } from '../rewrite/splice.ts';
import { isProtected } from '../row-filter.ts';
import { type Context, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { preparable, requireQuery, type StatementJudge, visitQuery } from './judgement.ts';
import { refuse } from './refusal.ts';
import { judgeReadCode, judgeSystemRead, pinSchema, requireAccess, resolveRelation } from './relations.ts';
import { innerScope } from './scope.ts';
import { judgeTarget } from './writes.ts';

/** COPY between the client and a table or query; files and programs of the server are out of reach. */
export const judgeCopy: StatementJudge = (context, node) => {
  const { body } = node;
  context.found.keyless = true;
  if (flag(body, 'is_program') || text(body, 'filename') !== null) {
    refuse({
      rule: 'copy-file',
      message: 'permission denied to COPY to or from a file or program of the server',
      hint: 'Use COPY … TO STDOUT or FROM STDIN (\\copy in psql).',
    });
  }
  const relation = field(body, 'relation');
  if (relation === null) visitQuery(context, requireQuery(node, preparable));
  else if (flag(body, 'is_from')) judgeCopyFrom(context, node, relation);
  else judgeCopyTo(context, node, relation);
  return 'COPY';
};

function judgeCopyFrom(context: Context, node: TaggedNode, relation: AstNode): void {
  judgeTarget(context, relation, ['insert']);
  // the condition sees what the client sends, not what the table holds
  forEachIn(node, 'whereClause', (child) => context.visit(child, innerScope(null)));
}

function judgeCopyTo(context: Context, node: TaggedNode, body: AstNode): void {
  const meaning = resolveRelation(context, body);
  if (meaning.kind !== 'relation') return;
  const { relation } = meaning;
  if (relation.system) return judgeSystemRead(context, relation, body);
  const granted = requireAccess(context, relation, { operation: 'select', body });
  judgeReadCode(context, relation);
  if (!isProtected(granted.access)) return pinSchema(context, body, meaning);
  rewriteCopy(context, node, { granted, relation: body });
}

/** `COPY t (a, b) TO STDOUT` becomes `COPY (SELECT a, b FROM (masked) AS t) TO STDOUT`; the options stay. */
function rewriteCopy(
  context: Context,
  node: TaggedNode,
  at: { readonly granted: GrantedRelation; readonly relation: AstNode },
): void {
  const columns = stringsOf(list(node.body, 'attlist')) ?? [];
  // COPY of a table reads that table only, not what inherits from it; a partitioned table it refuses
  const only = at.granted.relation.kind === 'r';
  // generated columns are not part of a plain COPY
  const generated = new Set(
    at.granted.relation.columns.filter((c) => c.generatedFrom !== null).map((c) => c.name),
  );
  const shown =
    columns.length > 0
      ? columns
      : at.granted.relation.columns.map((c) => c.name).filter((name) => !generated.has(name));
  const alias = quoteIdentifier(at.granted.relation.name);
  const select = `SELECT ${shown.map(quoteIdentifier).join(', ')} FROM (${maskedSelect(context, at.granted, only)}) AS ${alias}`;
  const tree = parseSelect(context.parts.parser, select);
  const table = tokensOfTable(context, at.relation, columns.length > 0);
  const start = locationOf(at.relation);
  const end = context.source.token(table.last)?.end ?? start;
  planEdit(context, {
    text: [{ start, end, text: `(${select})` }, ...moveBinary(context, node, table)],
    node: node.body,
    apply: (copy) => {
      const { relation: _relation, attlist: _attlist, ...rest } = copy as Record<string, unknown>;
      return { ...rest, query: tree };
    },
  });
}

/** `COPY BINARY t TO STDOUT`, as before 9.0, has no form with a query: the word moves behind STDOUT. */
function moveBinary(context: Context, node: TaggedNode, table: TokensOfTable): readonly TextEdit[] {
  const { source } = context;
  const binary = source.tokens.find((_, index) => index === table.first - 1 && source.is(index, 'binary'));
  if (binary === undefined) return [];
  const stdout = source.tokens.find((_, index) => index > table.last && source.is(index, 'stdout'));
  if (list(node.body, 'options').length !== 1 || stdout === undefined) {
    refuse({ rule: 'unknown-node', sqlstate: '0A000', message: 'this form of COPY is not understood' });
  }
  return [
    { start: binary.start, end: binary.end, text: '' },
    { start: stdout.end, end: stdout.end, text: ' BINARY' },
  ];
}

/** Indices of tokens; where the table is not found, the edits fit no text and are refused as every misfit is. */
interface TokensOfTable {
  readonly first: number;
  readonly last: number;
}

function tokensOfTable(context: Context, relation: AstNode, hasColumns: boolean): TokensOfTable {
  const parts = ['catalogname', 'schemaname', 'relname'].filter((part) => text(relation, part) !== null);
  const start = locationOf(relation);
  const name = context.source.lastOfName(start, parts.length) ?? -1;
  const last = hasColumns ? (context.source.closing(name + 1) ?? -1) : name;
  return { first: context.source.indexAt(start) ?? -1, last };
}
