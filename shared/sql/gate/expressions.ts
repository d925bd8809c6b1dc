import { as, list, locationOf, stringsOf, type TaggedNode, text } from '../ast/node.ts';
import { forEachChild } from '../ast/tree.ts';
import { type Context, markOpaque, planEdit } from './context.ts';
import { judgeFunctionCall } from './functions.ts';
import { judgeBare, judgeOperator, judgeType } from './names-in-expressions.ts';
import { findItemBySchema, type Scope } from './scope.ts';
import { replaceTargetReference } from './target-references.ts';

/** Node types in expressions whose names mean something to the gate; everything else is only walked through. */
type Visitor = (context: Context, node: TaggedNode, scope: Scope) => void;

/** Visits everything below a node that means nothing in itself. */
export function visitChildren(context: Context, node: TaggedNode, scope: Scope): void {
  forEachChild(node, (child) => context.visit(child, scope));
}

const visitColumnRef: Visitor = (context, node, scope) => {
  if (replaceTargetReference(context, node, scope)) return;
  dropSchema(context, node, scope);
};

/** `schema.table.column` cannot reach a subquery: the alias alone does. */
function dropSchema(context: Context, node: TaggedNode, scope: Scope): void {
  const fields = list(node.body, 'fields');
  const starred = as(fields.at(-1), 'A_Star') !== null;
  const path = stringsOf(starred ? fields.slice(0, -1) : fields) ?? [];
  const qualifiers = starred ? path : path.slice(0, -1);
  if (qualifiers.length === 3 && qualifiers[0] !== context.input.catalog.database) return;
  const item = findItemBySchema(scope, qualifiers.at(-2) ?? '', qualifiers.at(-1) ?? '');
  // the target of a write keeps its schema; only subqueries lose theirs
  if (item === null || item.masked === null) return;
  const start = locationOf(node.body);
  const keep = qualifiers.length - 1;
  const last = context.source.lastOfName(start, keep) ?? -1;
  const end = context.source.token(last + 2)?.start ?? start;
  planEdit(context, {
    text: [{ start, end, text: '' }],
    node: node.body,
    apply: (copy) => ({
      ...(copy as object),
      fields: list(copy as Record<string, unknown>, 'fields').slice(keep),
    }),
  });
}

const visitFuncCall: Visitor = (context, node, scope) => {
  judgeFunctionCall(context, node);
  visitChildren(context, node, scope);
};

const visitOperator: Visitor = (context, node, scope) => {
  judgeOperator(context, list(node.body, 'name'));
  visitChildren(context, node, scope);
};

const visitSubLink: Visitor = (context, node, scope) => {
  const written = list(node.body, 'operName');
  if (written.length > 0) judgeOperator(context, written);
  else if (text(node.body, 'subLinkType') === 'ANY_SUBLINK') judgeBare(context, '=');
  visitChildren(context, node, scope);
};

const visitSortBy: Visitor = (context, node, scope) => {
  const written = list(node.body, 'useOp');
  if (written.length > 0) judgeOperator(context, written);
  visitChildren(context, node, scope);
};

const visitCase: Visitor = (context, node, scope) => {
  if (node.body['arg'] !== undefined) judgeBare(context, '=');
  visitChildren(context, node, scope);
};

/** An operator class picks the functions that an index calls. */
const visitIndexElem: Visitor = (context, node, scope) => {
  if (list(node.body, 'opclass').length > 0) markOpaque(context, 'session', 'it names an operator class');
  visitChildren(context, node, scope);
};

const visitTypeName: Visitor = (context, node, scope) => {
  judgeType(context, node);
  visitChildren(context, node, scope);
};

/** By tag; a tag that is not here has its children visited. */
export const expressionVisitors: ReadonlyMap<string, Visitor> = new Map<string, Visitor>([
  ['ColumnRef', visitColumnRef],
  ['FuncCall', visitFuncCall],
  ['A_Expr', visitOperator],
  ['SubLink', visitSubLink],
  ['SortBy', visitSortBy],
  ['CaseExpr', visitCase],
  ['TypeName', visitTypeName],
  ['IndexElem', visitIndexElem],
]);
