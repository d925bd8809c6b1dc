/**
 * What the grammar tells of a statement before it is sent: writes that name no rows, comparisons that are never true,
 * tables that nothing joins, and the table to name a result by. Hints, where a mistake costs nothing: the agent judges.
 */
import {
  as,
  type AstNode,
  bodiesOf,
  constantOf,
  field,
  list,
  number,
  stringsOf,
  type TaggedNode,
  text,
  unwrap,
} from '@daam/shared/sql/ast/node';
import { forEachChild } from '@daam/shared/sql/ast/tree';
import type { SqlParser } from '@daam/shared/sql/parser';

export interface StatementHints {
  /** Writes for which every row is meant, with their tables. */
  readonly wholeTables: readonly { readonly verb: 'UPDATE' | 'DELETE'; readonly table: string }[];
  /** Places of `= NULL` and `<> NULL`, in UTF-16 units of the statement. */
  readonly nullComparisons: readonly number[];
  /** Names of tables that no condition connects with the others of their list. */
  readonly unjoined: readonly string[];
  /** The table that a result is named by; null: there is none. */
  readonly table: string | null;
}

/** Longer ones are not looked at: hints are not worth the time. Characters. */
const longest = 64 * 1024;
const maxDepth = 400;

/** Null: it cannot be read, and words have to do. */
export function readHints(parser: SqlParser, sql: string): StatementHints | null {
  if (sql.length > longest) return null;
  const parsed = parser.parse(sql);
  const [statement] = parsed.kind === 'parsed' ? parsed.statements : [];
  if (parsed.kind !== 'parsed' || statement === undefined || parsed.statements.length > 1) return null;
  const found: Found = { wholeTables: [], nullComparisons: [], unjoined: [], ctes: new Set() };
  walk(statement.node, found, 0);
  const characters = (byte: number): number => parsed.bytes.toString('utf8', 0, byte).length;
  return {
    wholeTables: found.wholeTables,
    nullComparisons: found.nullComparisons.map(characters),
    unjoined: found.unjoined.filter((name) => !found.ctes.has(name)),
    table: mainTable(statement.node, found.ctes),
  };
}

interface Found {
  readonly wholeTables: { verb: 'UPDATE' | 'DELETE'; table: string }[];
  /** In bytes. */
  readonly nullComparisons: number[];
  readonly unjoined: string[];
  readonly ctes: Set<string>;
}

function walk(node: TaggedNode, found: Found, depth: number): void {
  if (depth > maxDepth) return;
  const { tag, body } = node;
  if (tag === 'CommonTableExpr') found.ctes.add(text(body, 'ctename') ?? '');
  if (tag === 'UpdateStmt' || tag === 'DeleteStmt') readWrite(tag, body, found);
  if (tag === 'SelectStmt') found.unjoined.push(...unjoinedOf(list(body, 'fromClause'), body));
  if (tag === 'A_Expr' && isNullComparison(body)) found.nullComparisons.push(number(body, 'location'));
  forEachChild(node, (child) => walk(child, found, depth + 1));
}

function readWrite(tag: 'UpdateStmt' | 'DeleteStmt', body: AstNode, found: Found): void {
  const relation = field(body, 'relation');
  const where = body['whereClause'];
  const condition = constantOf(where);
  const isAlways = condition?.kind === 'boolean' && condition.value;
  const verb = tag === 'UpdateStmt' ? 'UPDATE' : 'DELETE';
  if (where === undefined || isAlways) found.wholeTables.push({ verb, table: nameOf(relation) });
  else if (relation !== null) {
    const others = list(body, tag === 'UpdateStmt' ? 'fromClause' : 'usingClause');
    found.unjoined.push(...unjoinedOf([{ RangeVar: relation }, ...others], body));
  }
}

function isNullComparison(body: AstNode): boolean {
  if (text(body, 'kind') !== 'AEXPR_OP') return false;
  const [operator] = stringsOf(list(body, 'name')) ?? [];
  if (operator !== '=' && operator !== '<>') return false;
  return [body['lexpr'], body['rexpr']].some((side) => constantOf(side)?.kind === 'null');
}

/**
 * Tables of a FROM list that no condition names together with another one. Only what is sure counts: plain tables, and
 * conditions that say of each column whose it is.
 */
function unjoinedOf(items: readonly unknown[], body: AstNode): string[] {
  const tables = bodiesOf(items, 'RangeVar').map(
    (table) => text(field(table, 'alias') ?? {}, 'aliasname') ?? text(table, 'relname') ?? '',
  );
  if (items.length < 2 || tables.length !== items.length) return [];
  const together = new Map(tables.map((name) => [name, name]));
  for (const condition of conjuncts(unwrap(body['whereClause']))) {
    const named = qualifiers(condition);
    if (named === null) return [];
    const [first, ...others] = [...named].filter((name) => together.has(name));
    if (first === undefined) continue;
    const kept = together.get(first) ?? first;
    const gone = new Set(others.map((name) => together.get(name)));
    for (const [name, group] of together) if (gone.has(group)) together.set(name, kept);
  }
  const [main] = tables;
  return tables.filter((name) => together.get(name) !== together.get(main ?? ''));
}

function conjuncts(node: TaggedNode | null): TaggedNode[] {
  if (node === null) return [];
  if (node.tag !== 'BoolExpr' || text(node.body, 'boolop') !== 'AND_EXPR') return [node];
  return list(node.body, 'args').flatMap((each) => conjuncts(unwrap(each)));
}

/** Names before the dots of a condition's columns; null when a column stands alone, and may be anybody's. */
function qualifiers(root: TaggedNode): Set<string> | null {
  const found = new Set<string>();
  let isSure = true;
  const visit = (node: TaggedNode, depth: number): void => {
    if (node.tag === 'SubLink' || depth > maxDepth) isSure = false;
    if (node.tag === 'ColumnRef') {
      const names = stringsOf(list(node.body, 'fields'));
      const table = names?.at(-2);
      if (table === undefined) isSure = false;
      else found.add(table);
    }
    forEachChild(node, (child) => visit(child, depth + 1));
  };
  visit(root, 0);
  return isSure ? found : null;
}

/** The first table that a statement reads or writes by itself, not in one that it computes first. */
function mainTable({ tag, body }: TaggedNode, ctes: ReadonlySet<string>): string | null {
  if (tag === 'SelectStmt') {
    const left = field(body, 'larg');
    if (left !== null) return mainTable({ tag, body: left, wrapper: null }, ctes);
    return firstOf(list(body, 'fromClause'), ctes);
  }
  const relation = field(body, 'relation');
  return relation === null ? null : nameOf(relation);
}

function firstOf(items: readonly unknown[], ctes: ReadonlySet<string>): string | null {
  for (const item of items) {
    const table = as(item, 'RangeVar');
    if (table !== null) {
      const isCte = text(table, 'schemaname') === null && ctes.has(text(table, 'relname') ?? '');
      if (!isCte) return nameOf(table);
    }
    const join = as(item, 'JoinExpr');
    const joined = join === null ? null : firstOf([join['larg'], join['rarg']], ctes);
    if (joined !== null) return joined;
    const inner = unwrap(as(item, 'RangeSubselect')?.['subquery']);
    const below = inner === null ? null : mainTable(inner, ctes);
    if (below !== null) return below;
  }
  return null;
}

function nameOf(relation: AstNode | null): string {
  if (relation === null) return '';
  return [text(relation, 'schemaname'), text(relation, 'relname')].filter((part) => part !== null).join('.');
}
