import { type AstNode, as, list, unwrap } from '../ast/node.ts';
import type { SqlParser } from '../parser.ts';

/** Parsing pieces of SQL apart from the statement that they are spliced into. */

/** The tree of one expression, to be read only; null when the text is not exactly one expression. */
export function parseExpression(parser: SqlParser, text: string): unknown {
  return remembered(parser, text, () => expressionOf(parser, text));
}

function expressionOf(parser: SqlParser, text: string): unknown {
  const select = selectOf(parser, `SELECT ${text}`) ?? {};
  const targets = list(select, 'targetList');
  const target = targets.length === 1 ? unwrap(targets[0]) : null;
  if (target === null || Object.keys(select).some((key) => !bare.has(key))) return null;
  if (Object.keys(target.body).some((key) => key !== 'val' && key !== 'location')) return null;
  return target.body['val'] ?? null;
}

const bare: ReadonlySet<string> = new Set(['targetList', 'limitOption', 'op']);

/** The trees of a select list, `ResTarget` nodes to be read only; null when the text is not only that. */
export function parseTargets(parser: SqlParser, text: string): readonly unknown[] | null {
  return remembered(parser, `, ${text}`, () => targetsOf(parser, text));
}

function targetsOf(parser: SqlParser, text: string): readonly unknown[] | null {
  const select = selectOf(parser, `SELECT ${text}`);
  if (select === null || Object.keys(select).some((key) => !bare.has(key))) return null;
  return list(select, 'targetList');
}

const fragments = new WeakMap<SqlParser, Map<string, unknown>>();
const maxFragments = 256;
/** Long texts are masks, which come again and again; short ones hold literals, and are soon parsed. */
const worthKeeping = 256;

function remembered<Tree>(parser: SqlParser, text: string, parse: () => Tree): Tree {
  if (text.length < worthKeeping) return parse();
  const known = fragments.get(parser) ?? new Map<string, unknown>();
  fragments.set(parser, known);
  if (known.has(text)) return known.get(text) as Tree;
  const tree = parse();
  if (known.size >= maxFragments) known.clear();
  known.set(text, tree);
  return tree;
}

/** Trees of the subqueries that stand for masked relations: few texts, asked for again and again. */
const selects = new WeakMap<SqlParser, Map<string, unknown>>();
const maxSelects = 64;

/** The tree of a whole SELECT, to be read only; null when the text is anything else. */
export function parseSelect(parser: SqlParser, text: string): unknown {
  const known = selects.get(parser) ?? new Map<string, unknown>();
  selects.set(parser, known);
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const select = selectOf(parser, text);
  const tree = select === null ? null : { SelectStmt: select };
  if (known.size >= maxSelects) known.clear();
  known.set(text, tree);
  return tree;
}

function selectOf(parser: SqlParser, text: string): AstNode | null {
  return as(parseStatement(parser, text), 'SelectStmt');
}

/** The tree of one statement of whatever kind; null when the text is anything else. */
export function parseStatement(parser: SqlParser, text: string): AstNode | null {
  const outcome = parser.parse(text);
  if (outcome.kind !== 'parsed' || outcome.statements.length !== 1) return null;
  return outcome.statements[0]?.node.wrapper ?? null;
}
