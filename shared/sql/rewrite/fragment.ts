import { field, isNode, list, unwrap } from '../ast/node.ts';
import { copyTree } from '../ast/tree.ts';
import type { SqlParser } from '../parser.ts';

/** Parsing pieces of SQL apart from the statement that they are spliced into. All trees come without positions. */

/** The tree of one expression; null when the text is not exactly one expression. */
export function parseExpression(parser: SqlParser, text: string): unknown {
  const select = selectOf(parser, `SELECT ${text}`);
  const targets = select === null ? [] : list(select, 'targetList');
  const target = targets.length === 1 ? unwrap(targets[0]) : null;
  if (select === null || target === null || Object.keys(select).some((key) => !bare.has(key))) return null;
  if (Object.keys(target.body).some((key) => key !== 'val')) return null;
  return target.body['val'] ?? null;
}

const bare: ReadonlySet<string> = new Set(['targetList', 'limitOption', 'op']);

/** The trees of a select list, `ResTarget` nodes; null when the text is not only that. */
export function parseTargets(parser: SqlParser, text: string): readonly unknown[] | null {
  const select = selectOf(parser, `SELECT ${text}`);
  if (select === null || Object.keys(select).some((key) => !bare.has(key))) return null;
  return list(select, 'targetList');
}

/** The tree of one item of FROM; null when the text is not exactly one. */
export function parseFromItem(parser: SqlParser, text: string): unknown {
  const select = selectOf(parser, `SELECT FROM ${text}`);
  if (select === null || Object.keys(select).some((key) => key !== 'fromClause' && !bare.has(key)))
    return null;
  const items = list(select, 'fromClause');
  return items.length === 1 ? items[0] : null;
}

/** The tree of a whole SELECT; null when the text is anything else. */
export function parseSelect(parser: SqlParser, text: string): unknown {
  const select = selectOf(parser, text);
  return select === null ? null : { SelectStmt: select };
}

function selectOf(parser: SqlParser, text: string): Record<string, unknown> | null {
  const outcome = parser.parse(text);
  if (outcome.kind !== 'parsed' || outcome.statements.length !== 1) return null;
  const copy = copyTree(outcome.statements[0]?.node.wrapper);
  const body = isNode(copy) ? field(copy, 'SelectStmt') : null;
  return body === null ? null : { ...body };
}
