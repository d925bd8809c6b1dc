import type { CatalogColumn } from '../catalog.ts';
import { as, list, stringsOf, type TaggedNode, text, unwrap } from '../ast/node.ts';
import { anyIn } from '../ast/tree.ts';
import { familyOf, isLeakproof } from '../functions/leakproof.ts';
import { bareReference, rowFilterCondition } from '../row-filter.ts';
import { quoteIdentifier } from '../quote.ts';
import type { Context } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { type ConditionRules, isLeakproofCondition, unknownFamily } from './leakproof-condition.ts';
import { conjunctsOf, renderOperand } from './match.ts';
import { refuse } from './refusal.ts';
import { type FromItem, resolveUnqualified, type Scope } from './scope.ts';

/**
 * Reads of a relation with a row filter (adr/0004). The subquery that stands for it has the filter in its WHERE.
 * Where something else in the statement could tell of hidden rows, it is fenced: `OFFSET 0` keeps conditions out
 * of it, and the columns that conditions mention go through COALESCE, so that the planner cannot feed the
 * statistics of hidden rows to their operators. Conditions that are safe are repeated inside, for the indexes.
 */
export interface VisibleRows {
  readonly condition: string;
  /** What comes after the condition: nothing, or the fence. */
  readonly fence: string;
  /** Whether the column must go through an expression. */
  readonly isWatched: (column: string) => boolean;
}

/** What the subquery needs; null for a relation without a filter. `quiet`: no condition can reach it (COPY). */
export function visibleRows(
  context: Context,
  granted: GrantedRelation,
  { quiet }: { readonly quiet: boolean },
): VisibleRows | null {
  const filter = granted.access.rowFilter;
  if (filter === null) return null;
  const condition = rowFilterCondition(filter, bareReference);
  const leaks = context.leaks();
  if (quiet || leaks.none) return { condition, fence: '', isWatched: () => false };
  if (leaks.locks) refuseLock(context, granted);
  const { everything, names } = leaks.watched;
  return { condition, fence: ' OFFSET 0', isWatched: (column) => everything || names.has(column) };
}

/** Locks are taken inside the fence, on every visible row, so conditions must be able to go through it. */
function refuseLock(context: Context, { relation }: GrantedRelation): never {
  const { schema, name } = relation;
  refuse({
    rule: 'row-filter-lock',
    message: `rows of ${name} cannot be locked by a statement with these conditions`,
    detail: `Rule "row filter": the rows of ${schema}.${name} are filtered, and only leakproof comparisons may choose rows to lock.`,
    hint: 'Compare columns with constants or parameters by =, <, >, IN, BETWEEN or IS NULL, without functions.',
    table: { schema, name },
  });
}

/** A condition that is repeated inside the subquery of an item, or beside the guard of a target. */
export interface PushedCondition {
  readonly item: FromItem;
  readonly condition: string;
}

/** One relation that conditions are looked for. */
interface Place {
  readonly item: FromItem;
  readonly granted: GrantedRelation;
  readonly scope: Scope;
  /** How the relation's own columns are written where the condition goes. */
  readonly reference: (column: string) => string;
}

/**
 * The parts of a WHERE clause that are leakproof and speak of one filtered relation alone, written for inside its
 * fence. Empty where nothing is fenced.
 */
export function pushedConditions(
  context: Context,
  query: {
    readonly where: unknown;
    readonly reads: readonly { readonly item: FromItem; readonly granted: GrantedRelation }[];
    readonly scope: Scope;
    readonly reference?: (column: string) => string;
  },
): readonly PushedCondition[] {
  const filtered = query.reads.filter(
    ({ item, granted }) =>
      granted.access.rowFilter !== null && !item.nullable && granted.relation.kind !== 'v',
  );
  if (filtered.length === 0 || context.leaks().none) return [];
  const { scope, reference = bareReference } = query;
  return filtered.flatMap(({ item, granted }) =>
    conjunctsOf(query.where).flatMap((conjunct) => {
      const condition = pushable(context, conjunct, { item, granted, scope, reference });
      return condition === null ? [] : [{ item, condition }];
    }),
  );
}

function pushable(context: Context, conjunct: unknown, place: Place): string | null {
  const isForeign = (node: TaggedNode): boolean => {
    if (node.tag === 'SubLink') return true;
    // a parameter that is written elsewhere too could get another type from here
    if (node.tag === 'ParamRef') return context.leaks().parameters.get(Number(node.body['number'])) !== 1;
    return node.tag === 'ColumnRef' && columnOf(node.wrapper, place) === null;
  };
  if (anyIn(conjunct, isForeign)) return null;
  const rules: ConditionRules = {
    major: context.input.catalog.major,
    families: familiesOf(place),
    isQuietSublink: () => false,
    onLiteral: () => {
      context.found.readLiteral = true;
    },
  };
  return isLeakproofCondition(rules, conjunct) ? render(context, conjunct, place) : null;
}

function familiesOf({ item, granted }: Place): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    granted.relation.columns.map((column, index) => {
      const isPlain = column.generatedFrom === null && !granted.access.masks.has(column.attnum);
      const family = isPlain ? familyOf(column.baseTypeName, column.typeCategory) : null;
      return [item.columns?.[index] ?? column.name, new Set([family ?? unknownFamily])];
    }),
  );
}

/** The relation's column that a reference surely means, null for anything else. */
function columnOf(reference: unknown, { item, granted, scope }: Place): CatalogColumn | null {
  const body = as(reference, 'ColumnRef');
  const path = body === null ? null : stringsOf(list(body, 'fields'));
  if (path === null || path.length > 2) return null;
  const name = path.at(-1) ?? '';
  if (path.length === 2) {
    if (scope.items.find((candidate) => candidate.alias === path[0]) !== item) return null;
  } else {
    const meaning = resolveUnqualified({ ...scope, parent: null }, name);
    if (meaning.kind !== 'column' || meaning.item !== item) return null;
  }
  const index = item.columns?.indexOf(name) ?? -1;
  return granted.relation.columns[index] ?? null;
}

function render(context: Context, value: unknown, place: Place): string | null {
  const node = unwrap(value);
  if (node === null) return null;
  switch (node.tag) {
    case 'ColumnRef': {
      const column = columnOf(value, place);
      return column === null ? null : place.reference(column.name);
    }
    case 'BoolExpr':
      return renderBool(context, node, place);
    case 'NullTest': {
      const tested = render(context, node.body['arg'], place);
      const isNot = text(node.body, 'nulltesttype') === 'IS_NOT_NULL';
      return tested === null ? null : `(${tested} IS ${isNot ? 'NOT ' : ''}NULL)`;
    }
    case 'A_Expr':
      return renderComparison(context, node, place);
    default:
      return renderOperand(context, value)?.sql ?? null;
  }
}

function renderAll(context: Context, values: readonly unknown[], place: Place): readonly string[] | null {
  const all: string[] = [];
  for (const value of values) {
    const rendered = render(context, value, place);
    if (rendered === null) return null;
    all.push(rendered);
  }
  return all;
}

function renderBool(context: Context, { body }: TaggedNode, place: Place): string | null {
  const args = renderAll(context, list(body, 'args'), place);
  if (args === null) return null;
  const kind = text(body, 'boolop');
  if (kind === 'NOT_EXPR') return `(NOT ${args[0] ?? 'NULL'})`;
  return `(${args.join(kind === 'OR_EXPR' ? ' OR ' : ' AND ')})`;
}

function renderComparison(context: Context, { body }: TaggedNode, place: Place): string | null {
  const operator = `OPERATOR(pg_catalog.${stringsOf(list(body, 'name'))?.at(-1) ?? ''})`;
  const kind = text(body, 'kind') ?? '';
  const { lexpr, rexpr } = body;
  const left = render(context, lexpr, place);
  if (left === null) return null;
  const array = as(rexpr, 'A_ArrayExpr');
  const items = as(rexpr, 'List') === null ? null : list(as(rexpr, 'List') ?? {}, 'items');
  const right = renderAll(context, items ?? (array === null ? [rexpr] : list(array, 'elements')), place);
  if (right === null || right.length === 0) return null;
  switch (kind) {
    case 'AEXPR_OP':
      return `(${left} ${operator} ${right[0] ?? 'NULL'})`;
    case 'AEXPR_IN':
      return `(${left} ${operator} ${operator.includes('<>') ? 'ALL' : 'ANY'} (ARRAY[${right.join(', ')}]))`;
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL': {
      const word = kind === 'AEXPR_OP_ANY' ? 'ANY' : 'ALL';
      return `(${left} ${operator} ${word} (${array === null ? right.join() : `ARRAY[${right.join(', ')}]`}))`;
    }
    case 'AEXPR_BETWEEN':
      return `(${left} OPERATOR(pg_catalog.>=) ${right[0] ?? 'NULL'} AND ${left} OPERATOR(pg_catalog.<=) ${right[1] ?? 'NULL'})`;
    default:
      return null;
  }
}

/** Families whose columns are never cast to compare with something else, in a way that can fail. */
const castless: ReadonlySet<string> = new Set(['text', 'bpchar', 'name', 'uuid']);

/** A match compares a real value: on rows that may be hidden, only by a leakproof operator. */
export function refuseLeakyMatch(
  context: Context,
  match: { readonly item: FromItem; readonly mask: { readonly attnum: number; readonly column: string } },
): void {
  const granted = match.item.masked ?? match.item.target;
  if (granted === null || granted.access.rowFilter === null) return;
  const column = granted.relation.columns.find(({ attnum }) => attnum === match.mask.attnum);
  const family = column === undefined ? null : familyOf(column.baseTypeName, column.typeCategory);
  const { major } = context.input.catalog;
  if (family !== null && castless.has(family) && isLeakproof(major, family, '=')) return;
  const { schema, name } = granted.relation;
  refuse({
    rule: 'row-filter-match',
    message: `${name}.${match.mask.column} cannot be compared with real values`,
    detail: `Rule "row filter": the rows of ${schema}.${name} are filtered, and comparing this type could tell of hidden ones.`,
    table: { schema, name },
  });
}

/** `"alias"."column"`. */
export function qualifiedReference(alias: string): (column: string) => string {
  return (column) => `${quoteIdentifier(alias)}.${quoteIdentifier(column)}`;
}
