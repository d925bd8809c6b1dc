import { createHmac, randomBytes } from 'node:crypto';
import type { ColumnMask } from '../access.ts';
import { as, flag, list, locationOf, stringsOf, type TaggedNode, text, unwrap } from '../ast/node.ts';
import { anyNode, forEachChild } from '../ast/tree.ts';
import type { CatalogColumn } from '../catalog.ts';
import { pseudonymExpression } from '../pseudonym.ts';
import { quoteIdentifier } from '../quote.ts';
import { parseExpression } from '../rewrite/fragment.ts';
import { type Context, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { conjunctsOf, matchedColumnOf, noteJoin } from './match.ts';
import { mayUseKey, pseudonymKey } from './own-parameters.ts';
import { refuse } from './refusal.ts';
import type { FromItem, Scope } from './scope.ts';

/**
 * Equality joins between columns of one data domain: `a.email = b.email` in WHERE or ON, where both columns are
 * masked, allow matching, and have the same preset and type. The subqueries then show keyed tokens of the real values
 * under a name that the client cannot know, and that one condition alone uses it. Tokens, not values: a merge join
 * gives its rows in the order of what it compares, a hash join in the order of its hash, and that would tell more
 * than which values are equal. Stars of the query are written out
 * (system-columns.ts); where a whole row could show the name, the condition sees the masks instead.
 */

const hiddenPrefix = 'daam_hidden_';

/** A masked relation in FROM, with what its subquery shows besides its columns. */
export interface JoinedRead {
  readonly item: FromItem;
  readonly granted: GrantedRelation;
  readonly system: readonly string[];
}

interface Side {
  readonly read: JoinedRead;
  readonly column: CatalogColumn;
  readonly mask: ColumnMask;
  /** The reference in the condition, wrapped. */
  readonly reference: unknown;
}

/** The reads of a query with the hidden columns that its joins need. */
export function planJoins<Read extends JoinedRead>(
  context: Context,
  node: TaggedNode,
  query: { readonly reads: readonly Read[]; readonly scope: Scope },
): readonly Read[] {
  const { reads, scope } = query;
  if (reads.length < 2 || context.input.catalog.userOperators.has('=')) return reads;
  const hidden = new Map<FromItem, Set<string>>();
  for (const conjunct of conditionsOf(node)) {
    const sides = readJoin(context, conjunct, { reads, scope });
    if (sides === null || !mayHide(context, sides, scope)) continue;
    if (context.input.access.keyed !== true) continue;
    if (!mayUseKey(context)) refuseWithoutKey(context);
    noteJoin(context, sides, conjunct);
    for (const side of sides) useHidden(context, side, hidden);
  }
  if (hidden.size === 0) return reads;
  return reads.map((read) => ({ ...read, system: [...read.system, ...(hidden.get(read.item) ?? [])] }));
}

/** The parts of WHERE, and of ON wherever the joined relations keep their names. */
function conditionsOf(node: TaggedNode): readonly unknown[] {
  const conditions = [...conjunctsOf(node.body['whereClause'])];
  const visit = (value: unknown): void => {
    const join = as(value, 'JoinExpr');
    if (join === null || join['alias'] !== undefined) return;
    conditions.push(...conjunctsOf(join['quals']));
    visit(join['larg']);
    visit(join['rarg']);
  };
  for (const item of list(node.body, 'fromClause')) visit(item);
  return conditions;
}

function readJoin(
  context: Context,
  conjunct: unknown,
  query: { readonly reads: readonly JoinedRead[]; readonly scope: Scope },
): readonly [Side, Side] | null {
  const body = as(conjunct, 'A_Expr');
  if (body === null || text(body, 'kind') !== 'AEXPR_OP') return null;
  if (stringsOf(list(body, 'name'))?.join('.') !== '=') return null;
  const left = sideOf(context, body['lexpr'], query);
  const right = sideOf(context, body['rexpr'], query);
  if (left === null || right === null || left.read === right.read) return null;
  return isOneDomain(left, right) ? [left, right] : null;
}

function sideOf(
  context: Context,
  reference: unknown,
  { reads, scope }: { readonly reads: readonly JoinedRead[]; readonly scope: Scope },
): Side | null {
  const found = matchedColumnOf(context, reference, scope);
  const read = reads.find(({ item }) => item === found?.item);
  // conditions on filtered rows have rules of their own
  if (found === null || read === undefined || read.granted.access.rowFilter !== null) return null;
  const column = read.granted.relation.columns.find(({ attnum }) => attnum === found.mask.attnum);
  return column === undefined ? null : { read, column, mask: found.mask, reference };
}

/** Values of one kind: the same preset stands for it, and the types must be the same for `=` to be pg_catalog's. */
function isOneDomain(left: Side, right: Side): boolean {
  return (
    left.mask.preset === right.mask.preset &&
    left.column.baseTypeName === right.column.baseTypeName &&
    tokenTypes.has(left.column.baseTypeName)
  );
}

/** Types whose text is the same exactly when the values are equal. */
const tokenTypes: ReadonlySet<string> = new Set(
  ['text', 'varchar', 'bpchar', 'name', 'uuid', 'int2', 'int4', 'int8', 'date', 'bool'].map(
    (name) => `pg_catalog.${name}`,
  ),
);

/** COPY and PREPARE take no parameters, and so no key for the tokens. */
function refuseWithoutKey(context: Context): never {
  refuse({
    rule: 'match-join-key',
    sqlstate: '0A000',
    message: 'masked columns cannot be joined in COPY or PREPARE',
    hint: context.input.hint(null, null),
  });
}

/** Whether nothing in the statement could show a column that it does not name. */
function mayHide(context: Context, sides: readonly Side[], scope: Scope): boolean {
  const { everything, names } = context.mentions();
  if ([...names].some((name) => name.startsWith(hiddenPrefix))) {
    refuse({
      rule: 'reserved-name',
      sqlstate: '42939',
      message: `names that begin with ${hiddenPrefix} are reserved`,
    });
  }
  if (sides.some(({ read }) => read.item.alias === null || names.has(read.item.alias))) return false;
  if (!everything) return true;
  return scope.items.every(({ alias }) => alias !== null) && !showsRows(context.statement);
}

/** NATURAL and USING merge columns, a star in an expression is a row. */
function showsRows(statement: TaggedNode): boolean {
  const inLists = new Set<unknown>();
  const note = (node: TaggedNode): void => {
    if (node.tag === 'ResTarget') inLists.add(node.body['val']);
    forEachChild(node, note);
  };
  note(statement);
  return anyNode(statement, (node) => {
    if (node.tag === 'JoinExpr')
      return flag(node.body, 'isNatural') || list(node.body, 'usingClause').length > 0;
    const isStar = node.tag === 'ColumnRef' && as(list(node.body, 'fields').at(-1), 'A_Star') !== null;
    return isStar && !inLists.has(node.wrapper);
  });
}

function useHidden(context: Context, side: Side, hidden: Map<FromItem, Set<string>>): void {
  const { read, mask, reference } = side;
  const name = hiddenName(context, `${read.item.alias ?? ''}\u0000${mask.column}`);
  const shown = hidden.get(read.item) ?? new Set();
  shown.add(`${tokenOf(context, mask)} AS ${quoteIdentifier(name)}`);
  hidden.set(read.item, shown);
  const node = unwrap(reference);
  const written = `${quoteIdentifier(read.item.alias ?? '')}.${quoteIdentifier(name)}`;
  const tree = parseExpression(context.parts.parser, written);
  const start = node === null ? -1 : locationOf(node.body);
  const last = node === null ? null : context.source.lastOfName(start, list(node.body, 'fields').length);
  const end = last === null ? undefined : context.source.token(last)?.end;
  if (node?.wrapper === undefined || node.wrapper === null || tree === null || end === undefined) {
    return refuse({ rule: 'rewrite-verification', message: 'the join could not be rewritten safely' });
  }
  planEdit(context, { text: [{ start, end, text: written }], node: node.wrapper, apply: () => tree });
}

/** Another token than the pseudonym of the same value, which other people may be shown. */
function tokenOf(context: Context, { column }: ColumnMask): string {
  const value = `('join ' OPERATOR(pg_catalog.||) (${quoteIdentifier(column)})::pg_catalog.text)`;
  return pseudonymExpression(value, 'text', pseudonymKey(context));
}

/** Made when first needed; another one in each process. */
let secret: Buffer | null = null;

/**
 * A name that depends on every name in the statement: whoever has seen it (the session sees its own statements)
 * and writes it gets another one. It does not depend on literals, so that cached verdicts keep serving.
 */
function hiddenName(context: Context, column: string): string {
  secret ??= randomBytes(32);
  const names = [...context.mentions().names].toSorted().join('\u0000');
  const digest = createHmac('sha256', secret).update(`${column}\u0001${names}`).digest('hex');
  return `${hiddenPrefix}${digest.slice(0, 32)}`;
}
