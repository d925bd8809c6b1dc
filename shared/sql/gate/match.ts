import type { ColumnMask } from '../access.ts';
import {
  as,
  constantOf,
  field,
  isNode,
  list,
  locationOf,
  number,
  stringsOf,
  type TaggedNode,
  text,
  unwrap,
} from '../ast/node.ts';
import type { CatalogColumn } from '../catalog.ts';
import { forEachChild, sameTree } from '../ast/tree.ts';
import { arrayElements } from '../array-literal.ts';
import { quoteIdentifier, quoteLiteral } from '../quote.ts';
import { parseExpression } from '../rewrite/fragment.ts';
import type { MatchOperand } from '../verdict.ts';
import type { Context } from './context.ts';
import { refuse } from './refusal.ts';
import { type FromItem, resolveUnqualified, type Scope } from './scope.ts';

/** Values that one statement may compare with real ones, unless a policy says otherwise. */
export const matchesPerStatement = 16;

/** `column = operand`, `column IN (…)`, `column = ANY (…)` or `column IS [NOT] NULL` on a masked column that allows it. */
export interface MatchPredicate {
  readonly item: FromItem;
  readonly mask: ColumnMask;
  /** The condition on the raw column, for inside the subquery. */
  readonly condition: string;
  readonly literals: number;
  readonly operands: readonly MatchOperand[];
}

/** The top-level AND parts of a WHERE clause, wrapped nodes. */
export function conjunctsOf(where: unknown): readonly unknown[] {
  const bool = as(where, 'BoolExpr');
  if (bool === null || text(bool, 'boolop') !== 'AND_EXPR') return where === undefined ? [] : [where];
  return list(bool, 'args').flatMap(conjunctsOf);
}

/** Reads a conjunct as a match on a masked column in FROM; null when it is anything else. */
export function readMatch(context: Context, conjunct: unknown, scope: Scope): MatchPredicate | null {
  const node = unwrap(conjunct);
  if (node === null) return null;
  if (node.tag === 'NullTest') return readNullTest(context, node, scope);
  if (node.tag !== 'A_Expr' || stringsOf(list(node.body, 'name'))?.join('.') !== '=') return null;
  // an `=` made by users might be the one that the server picks
  if (context.input.catalog.userOperators.has('=')) return null;
  const reader = readers[text(node.body, 'kind') ?? ''];
  return reader === undefined ? null : reader(context, node, scope);
}

type Reader = (context: Context, node: TaggedNode, scope: Scope) => MatchPredicate | null;

/** By A_Expr kind. */
const readers: Readonly<Record<string, Reader>> = {
  AEXPR_OP: (context, node, scope) => readEquality(context, node, scope),
  AEXPR_IN: (context, node, scope) => readIn(context, node, scope),
  AEXPR_OP_ANY: (context, node, scope) => readAny(context, node, scope),
};

/** A masked column that allows matching, and the item in FROM that it belongs to. */
export interface MaskedColumn {
  readonly item: FromItem;
  readonly mask: ColumnMask;
  /** The operator that compares real values. */
  readonly equals: string;
}

/** The masked column with `match: equality` that this reference means at this level, null for anything else. */
function matchedColumn(context: Context, reference: unknown, scope: Scope): MaskedColumn | null {
  const column = matchedColumnOf(context, reference, scope);
  return column?.item.nullable === false ? column : null;
}

/** The same, also on the side of an outer join that may be filled with NULLs. */
export function matchedColumnOf(context: Context, reference: unknown, scope: Scope): MaskedColumn | null {
  const body = as(reference, 'ColumnRef');
  const path = body === null ? null : stringsOf(list(body, 'fields'));
  if (path === null) return null;
  const item = itemOf(path, scope);
  const granted = item?.masked ?? item?.target ?? null;
  if (item === null || granted === null) return null;
  const index = item.columns?.indexOf(path.at(-1) ?? '') ?? -1;
  const column = granted.relation.columns[index];
  const mask = column === undefined ? undefined : granted.access.masks.get(column.attnum);
  if (column === undefined) return null;
  const equals = equalityOf(context, column);
  return mask?.matchEquality && equals !== null ? { item, mask, equals } : null;
}

/**
 * The `=` that compares the column as the client's own would. A text type of a well-known extension (citext) has one
 * of its own, by another rule than pg_catalog's, which is found by its bare name: `readMatch` has made sure that no
 * other bears it. Null: there is none that is surely harmless.
 */
function equalityOf({ input }: Context, { baseTypeName, typeCategory }: CatalogColumn): string | null {
  if (baseTypeName.startsWith('pg_catalog.') || typeCategory === 'E') return 'OPERATOR(pg_catalog.=)';
  const { harmlessOperators, userOperators } = input.catalog;
  const isKnown = harmlessOperators?.has('=') === true && !userOperators.has('=');
  return isKnown && typeCategory === 'S' ? '=' : null;
}

function itemOf(path: readonly string[], scope: Scope): FromItem | null {
  const here: Scope = { ...scope, parent: null };
  if (path.length === 2) return scope.items.find((item) => item.alias === path[0]) ?? null;
  if (path.length !== 1) return null;
  const meaning = resolveUnqualified(here, path[0] ?? '');
  return meaning.kind === 'column' ? meaning.item : null;
}

function readNullTest(context: Context, node: TaggedNode, scope: Scope): MatchPredicate | null {
  const column = matchedColumn(context, node.body['arg'], scope);
  if (column === null) return null;
  const name = quoteIdentifier(column.mask.column);
  // An index would give the rows that are not NULL in the order of their values.
  const condition =
    text(node.body, 'nulltesttype') === 'IS_NOT_NULL'
      ? `pg_catalog.num_nulls(${name}) OPERATOR(pg_catalog.=) 0`
      : `${name} IS NULL`;
  return {
    ...column,
    condition,
    literals: 0,
    operands: [],
  };
}

function readEquality(context: Context, node: TaggedNode, scope: Scope): MatchPredicate | null {
  const { lexpr, rexpr } = node.body;
  const left = matchedColumn(context, lexpr, scope);
  const column = left ?? matchedColumn(context, rexpr, scope);
  if (column === null) return null;
  const operand = renderOperand(context, left === null ? lexpr : rexpr);
  if (operand === null) return null;
  const condition = `${quoteIdentifier(column.mask.column)} ${column.equals} ${operand.sql}`;
  return { ...column, condition, literals: 1, operands: operandsOf([operand], 'value') };
}

function readIn(context: Context, node: TaggedNode, scope: Scope): MatchPredicate | null {
  const column = matchedColumn(context, node.body['lexpr'], scope);
  const items = as(node.body['rexpr'], 'List');
  const operands = column === null || items === null ? null : renderAll(context, list(items, 'items'));
  if (column === null || operands === null) return null;
  const condition = `${quoteIdentifier(column.mask.column)} IN (${operands.map(({ sql }) => sql).join(', ')})`;
  return { ...column, condition, literals: operands.length, operands: operandsOf(operands, 'value') };
}

function readAny(context: Context, node: TaggedNode, scope: Scope): MatchPredicate | null {
  const column = matchedColumn(context, node.body['lexpr'], scope);
  if (column === null) return null;
  const name = quoteIdentifier(column.mask.column);
  const array = as(node.body['rexpr'], 'A_ArrayExpr');
  if (array === null) return readAnyOf(context, column, node.body['rexpr']);
  const elements = renderAll(context, list(array, 'elements'));
  // an array in an array would hold more values than can be counted here
  if (elements === null || elements.length === 0 || elements.some(({ isArray }) => isArray)) return null;
  const condition = `${name} ${column.equals} ANY (ARRAY[${elements.map(({ sql }) => sql).join(', ')}])`;
  return { ...column, condition, literals: elements.length, operands: operandsOf(elements, 'element') };
}

/** `= ANY ($1)` and `= ANY ('{a,b}')`: the elements of a parameter are counted when it is bound. */
function readAnyOf(context: Context, column: MaskedColumn, array: unknown): MatchPredicate | null {
  const rendered = renderOperand(context, array);
  if (rendered === null) return null;
  const condition = `${quoteIdentifier(column.mask.column)} ${column.equals} ANY (${rendered.sql})`;
  if (rendered.operand?.kind !== 'literal')
    return { ...column, condition, literals: 1, operands: operandsOf([rendered], 'array') };
  context.found.readLiteral = true;
  const elements = arrayElements(rendered.operand.text);
  if (elements === null) return null;
  const operands = elements.flatMap((text) => (text === null ? [] : [{ kind: 'literal', text } as const]));
  return { ...column, condition, literals: elements.length, operands };
}

/** An operand as SQL that parses to its tree. */
export interface RenderedOperand {
  readonly sql: string;
  /** Null for the constant NULL. */
  readonly operand: MatchOperand | null;
  /** Cast to an array type. */
  readonly isArray: boolean;
}

function operandsOf(
  rendered: readonly RenderedOperand[],
  holds: 'value' | 'element' | 'array',
): readonly MatchOperand[] {
  return rendered.flatMap(({ operand }) =>
    operand === null ? [] : [operand.kind === 'parameter' ? { ...operand, holds } : operand],
  );
}

function renderAll(context: Context, values: readonly unknown[]): readonly RenderedOperand[] | null {
  const rendered: RenderedOperand[] = [];
  for (const value of values) {
    const operand = renderOperand(context, value);
    if (operand === null) return null;
    rendered.push(operand);
  }
  return rendered;
}

/** A constant, a parameter or a cast of one to a built-in type, as SQL that parses to the same tree; else null. */
export function renderOperand(context: Context, operand: unknown): RenderedOperand | null {
  const rendered = render(operand);
  if (rendered === null) return null;
  const parsed = parseExpression(context.parts.parser, rendered.sql);
  return sameTree(parsed, operand) ? rendered : null;
}

function render(operand: unknown): RenderedOperand | null {
  const node = unwrap(operand);
  if (node === null) return null;
  if (node.tag === 'ParamRef') return renderParameter(number(node.body, 'number'));
  if (node.tag === 'A_Const') return renderConstant(operand);
  if (node.tag !== 'TypeCast') return null;
  const type = field(node.body, 'typeName');
  const inner = render(node.body['arg']);
  const typeText = type === null ? null : renderType(type);
  if (inner === null || typeText === null) return null;
  return { ...inner, sql: `${inner.sql}::${typeText}`, isArray: inner.isArray || typeText.endsWith('[]') };
}

function renderParameter(position: number): RenderedOperand | null {
  if (position <= 0) return null;
  const operand: MatchOperand = { kind: 'parameter', number: position, holds: 'value' };
  return { sql: `$${position}`, operand, isArray: false };
}

function renderConstant(operand: unknown): RenderedOperand | null {
  const constant = constantOf(operand);
  if (constant === null || constant.kind === 'bits') return null;
  if (constant.kind === 'null') return { sql: 'NULL', operand: null, isArray: false };
  const text = String(constant.value);
  const literal: MatchOperand = { kind: 'literal', text };
  if (constant.kind === 'string') return { sql: quoteLiteral(text), operand: literal, isArray: false };
  const sql = constant.kind === 'boolean' ? text.toUpperCase() : text;
  return { sql, operand: literal, isArray: false };
}

/** Types that are looked up in pg_catalog only, and a few plain names that every client writes bare. */
const bareTypes: ReadonlySet<string> = new Set(['text', 'uuid', 'date', 'name', 'json', 'jsonb']);

function renderType(type: Readonly<Record<string, unknown>>): string | null {
  const path = stringsOf(list(type, 'names')) ?? [];
  const name = path.at(-1) ?? '';
  const builtin = path.length === 2 ? path[0] === 'pg_catalog' : path.length === 1 && bareTypes.has(name);
  const bounds = list(type, 'arrayBounds');
  if (!builtin || list(type, 'typmods').length > 0 || bounds.length > 1) return null;
  const full = path.map(quoteIdentifier).join('.');
  return bounds.length === 1 ? `${full}[]` : full;
}

/** Counts and records a match; refuses when the statement may not read real values or asks too much. */
export function noteMatch(context: Context, match: MatchPredicate, conjunct: unknown): void {
  const granted = match.item.masked ?? match.item.target;
  if (granted === null) return;
  const { oid, schema, name } = granted.relation;
  const offset = firstLocation(conjunct);
  const table = { schema, name };
  if (!context.elevate) {
    refuse({
      rule: 'match-needs-elevation',
      message: `${name}.${match.mask.column} is masked and cannot be compared with real values in this session or statement`,
      detail:
        'Rule "equality": comparing real values is off here, or user code may run in the same statement or did before in this session.',
      hint: 'Connect again, and compare in a statement of its own without functions, triggers or types made by users.',
      table,
      offset,
    });
  }
  const before = context.found.matches.reduce((sum, use) => sum + use.literals, 0);
  const most = context.input.access.limits.matchesPerStatement ?? matchesPerStatement;
  if (before + match.literals > most) {
    refuse({
      rule: 'match-budget',
      sqlstate: '53400',
      message: `a statement may compare masked columns with at most ${most} values`,
      detail: `Rule "equality": ${name}.${match.mask.column} is masked.`,
      hint: context.input.hint(table, 'select'),
      table,
      offset,
    });
  }
  const { literals, operands } = match;
  context.found.matches.push({ oid, column: match.mask.column, literals, operands });
  context.found.needsElevated = true;
}

/** Records a join between real values of masked columns; refuses it where they may not be read. */
export function noteJoin(context: Context, sides: readonly JoinSide[], conjunct: unknown): void {
  for (const { read, mask } of sides) {
    const { item } = read;
    noteMatch(context, { item, mask, condition: '', literals: 0, operands: [] }, conjunct);
  }
}

interface JoinSide {
  readonly read: { readonly item: FromItem };
  readonly mask: ColumnMask;
}

function firstLocation(conjunct: unknown): number {
  const node = unwrap(conjunct);
  return node === null ? -1 : Math.min(...locations(node));
}

function locations(node: TaggedNode): readonly number[] {
  const found: number[] = [];
  if (isNode(node.body) && locationOf(node.body) > 0) found.push(locationOf(node.body));
  forEachChild(node, (child) => found.push(...locations(child)));
  return found.length === 0 ? [] : found;
}

/**
 * The bytes of a conjunct: the first run of tokens whose parse is exactly its tree. Null when there is none
 * within reach; the condition is then left where it is.
 */
export function spanOfConjunct(
  context: Context,
  conjunct: unknown,
): { readonly start: number; readonly end: number } | null {
  const node = unwrap(conjunct);
  const all = node === null ? [] : locations(node);
  if (all.length === 0) return null;
  const { source } = context;
  const first = source.indexAt(Math.min(...all));
  const last = source.indexAt(Math.max(...all));
  if (first === null || last === null) return null;
  for (let end = last; end < Math.min(last + reach, source.tokens.length); end += 1) {
    const start = source.token(first)?.start ?? 0;
    const stop = source.token(end)?.end ?? 0;
    if (sameTree(parseExpression(context.parts.parser, source.slice(start, stop)), conjunct))
      return { start, end: stop };
  }
  return null;
}

const reach = 16;
