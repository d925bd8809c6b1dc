import {
  type AstNode,
  as,
  bodiesOf,
  field,
  flag,
  list,
  number,
  stringOf,
  type TaggedNode,
  text,
  unwrap,
} from '../ast/node.ts';
import { anyIn, anyNode, forEachChild } from '../ast/tree.ts';
import { relationKey } from '../catalog.ts';
import { familyOf } from '../functions/leakproof.ts';
import type { Context } from './context.ts';
import type { Leaks, Watched } from './leak-findings.ts';
import {
  type ColumnFamilies,
  type ConditionRules,
  isLeakproofCondition,
  isPlainValue,
  unknownFamily,
} from './leakproof-condition.ts';

/**
 * What a statement could compute on rows that a row filter hides (adr/0004). The server may evaluate a condition
 * of the client before the filter, wherever in the statement it stands: it flattens subqueries, pushes conditions
 * down, and makes conditions out of what subqueries show. Where every expression that could get there is a
 * leakproof comparison, nothing of a hidden row can show, and the server may plan as it likes.
 */

/** Reads it off the statement as the client wrote it. */
export function leaksOf(context: Context, root: TaggedNode): Leaks {
  const top = innermost(root);
  const families = familiesOf(context, top);
  return {
    none: families !== null && isQuietTop(rulesOf(context, families), top),
    watched: watchedIn(top),
    parameters: countParameters(root),
    locks: anyNode(root, (node) => node.tag === 'LockingClause'),
  };
}

/** The query that EXPLAIN, PREPARE, DECLARE, COPY and CREATE TABLE AS hold. */
function innermost(root: TaggedNode): TaggedNode {
  const inner = unwrap(root.body['query']);
  return inner === null ? root : innermost(inner);
}

function rulesOf(context: Context, families: ColumnFamilies): ConditionRules {
  const rules: ConditionRules = {
    major: context.input.catalog.major,
    families,
    isQuietSublink: (sublink) => isQuietNested(rules, sublink['subselect']),
    onLiteral: () => {
      context.found.readLiteral = true;
    },
  };
  return rules;
}

/**
 * The families of columns, by name alone, over every relation that the statement mentions. Null where a name could
 * stand for something that is computed: a renamed column, a function, a relation that is not in the catalogue.
 */
function familiesOf(context: Context, root: TaggedNode): ColumnFamilies | null {
  const families = new Map<string, Set<string>>();
  const withNames = new Set<string>();
  anyNode(root, (node) => {
    if (node.tag === 'CommonTableExpr') withNames.add(text(node.body, 'ctename') ?? '');
    return false;
  });
  const isObscure = anyNode(root, (node) => {
    if (node.tag === 'RangeFunction' || node.tag === 'RangeTableFunc' || node.tag === 'JsonTable')
      return true;
    if (node.tag === 'RangeVar') return !noteRelation(context, node.body, { families, withNames });
    return list(node.body, 'colnames').length > 0 || list(node.body, 'aliascolnames').length > 0;
  });
  return isObscure ? null : families;
}

function noteRelation(
  context: Context,
  body: AstNode,
  into: { readonly families: Map<string, Set<string>>; readonly withNames: ReadonlySet<string> },
): boolean {
  const name = text(body, 'relname') ?? '';
  const schema = text(body, 'schemaname');
  if (list(field(body, 'alias') ?? {}, 'colnames').length > 0) return false;
  const { catalog, access } = context.input;
  const schemas = schema === null ? ['pg_catalog', ...context.names.searchPath] : [schema];
  const key = schemas.map((each) => relationKey(each, name)).find((each) => catalog.byName.has(each));
  const relation = key === undefined ? undefined : catalog.byName.get(key);
  // what a WITH query shows are columns of the relations below it, or the statement is not quiet
  if (relation === undefined) return schema === null && into.withNames.has(name);
  const rights = access.relations.get(relation.oid);
  // what a view shows is computed: nothing may be compared with it before the view's own filter
  if (relation.kind === 'v' && (rights?.rowFilter ?? null) !== null) return false;
  for (const column of relation.columns) {
    const isPlain = column.generatedFrom === null && rights?.masks.has(column.attnum) !== true;
    const family = isPlain ? familyOf(column.baseTypeName, column.typeCategory) : null;
    const known = into.families.get(column.name) ?? new Set<string>();
    into.families.set(column.name, known.add(family ?? unknownFamily));
  }
  return true;
}

const topStatements: ReadonlySet<string> = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
]);

/** What the outermost level shows, sorts and writes is computed on visible rows only: conditions count there. */
function isQuietTop(rules: ConditionRules, node: TaggedNode): boolean {
  if (!topStatements.has(node.tag)) return false;
  if (!isQuietWith(rules, node.body)) return false;
  const source = unwrap(node.body['sourceRelation']);
  const from = [
    ...list(node.body, 'fromClause'),
    ...list(node.body, 'usingClause'),
    ...(source === null ? [] : [source.wrapper]),
  ];
  if (!from.every((item) => isQuietFrom(rules, item))) return false;
  const conditions = ['whereClause', 'havingClause', 'joinCondition'];
  if (!conditions.every((part) => isAbsentOrQuiet(rules, node.body[part]))) return false;
  for (const arm of ['larg', 'rarg']) {
    const query = field(node.body, arm);
    if (query !== null && !isQuietTop(rules, { tag: 'SelectStmt', body: query, wrapper: null })) return false;
  }
  const inserted = unwrap(node.body['selectStmt']);
  if (inserted !== null && !isQuietTop(rules, inserted)) return false;
  return freeParts.every((part) => !anyIn(node.body[part], (inner) => isLoudSublink(rules, inner)));
}

/** Parts of the outermost level in which anything may stand but a subquery that is not quiet itself. */
const freeParts = [
  'targetList',
  'groupClause',
  'distinctClause',
  'windowClause',
  'sortClause',
  'limitOffset',
  'limitCount',
  'valuesLists',
  'returningList',
  'returningClause',
  'onConflictClause',
  'mergeWhenClauses',
];

function isLoudSublink(rules: ConditionRules, node: TaggedNode): boolean {
  return node.tag === 'SubLink' && !isQuietNested(rules, node.body['subselect']);
}

function isQuietWith(rules: ConditionRules, body: AstNode): boolean {
  const clause = field(body, 'withClause');
  if (clause === null) return true;
  const queries = bodiesOf(list(clause, 'ctes'), 'CommonTableExpr');
  return !flag(clause, 'recursive') && queries.every((query) => isQuietNested(rules, query['ctequery']));
}

function isAbsentOrQuiet(rules: ConditionRules, condition: unknown): boolean {
  return condition === undefined || isLeakproofCondition(rules, condition);
}

function isQuietFrom(rules: ConditionRules, value: unknown): boolean {
  const node = unwrap(value);
  if (node === null) return false;
  switch (node.tag) {
    case 'RangeVar':
      return true;
    case 'RangeTableSample':
      return isQuietFrom(rules, node.body['relation']);
    case 'RangeSubselect':
      return isQuietNested(rules, node.body['subquery']);
    case 'JoinExpr': {
      const shared = list(node.body, 'usingClause').map((name) => usingCondition(name));
      return (
        !flag(node.body, 'isNatural') &&
        isQuietFrom(rules, node.body['larg']) &&
        isQuietFrom(rules, node.body['rarg']) &&
        isAbsentOrQuiet(rules, node.body['quals']) &&
        shared.every((condition) => isLeakproofCondition(rules, condition))
      );
    }
    default:
      return false;
  }
}

/** USING (a) compares a with a. */
function usingCondition(name: unknown): unknown {
  const reference = { ColumnRef: { fields: [name] } };
  const operator = { String: { sval: '=' } };
  return { A_Expr: { kind: 'AEXPR_OP', name: [operator], lexpr: reference, rexpr: reference } };
}

/** A subquery: the server may move whatever it shows into a condition, so it shows plain columns and constants only. */
function isQuietNested(rules: ConditionRules, value: unknown): boolean {
  const body = as(value, 'SelectStmt');
  if (body === null || !isQuietWith(rules, body)) return false;
  if (Object.keys(body).some((part) => !nestedParts.has(part))) return false;
  if (text(body, 'op') !== null && text(body, 'op') !== 'SETOP_NONE') return false;
  const plain = ['groupClause', 'limitCount', 'limitOffset'];
  return (
    list(body, 'targetList').every(isPlainTarget) &&
    list(body, 'fromClause').every((item) => isQuietFrom(rules, item)) &&
    isAbsentOrQuiet(rules, body['whereClause']) &&
    plain.every((part) => !anyIn(body[part], (node) => !plainTags.has(node.tag))) &&
    !anyIn(body['sortClause'], (node) => !plainTags.has(node.tag)) &&
    !anyIn(body['distinctClause'], (node) => !plainTags.has(node.tag))
  );
}

const nestedParts: ReadonlySet<string> = new Set([
  'targetList',
  'fromClause',
  'whereClause',
  'groupClause',
  'groupDistinct',
  'sortClause',
  'distinctClause',
  'limitCount',
  'limitOffset',
  'limitOption',
  'lockingClause',
  'withClause',
  'op',
]);

const plainTags: ReadonlySet<string> = new Set([
  'ColumnRef',
  'A_Const',
  'ParamRef',
  'SortBy',
  'String',
  'A_Star',
]);

function isPlainTarget(value: unknown): boolean {
  const target = as(value, 'ResTarget');
  if (target === null) return false;
  const name = text(target, 'name');
  const reference = as(target['val'], 'ColumnRef');
  if (reference === null) return name === null && isPlainValue(target['val']);
  return name === null || name === stringOf(list(reference, 'fields').at(-1));
}

/** Every name that stands anywhere but alone in the outermost select list. */
function watchedIn(top: TaggedNode): Watched {
  const names = new Set<string>();
  let everything = false;
  const shown = new Set(
    list(top.body, 'targetList')
      .map((target) => as(target, 'ResTarget')?.['val'])
      .filter((value) => as(value, 'ColumnRef') !== null),
  );
  const visit = (node: TaggedNode): void => {
    if (node.tag === 'ColumnRef' && top.tag === 'SelectStmt' && shown.has(node.wrapper)) return;
    if (node.tag === 'A_Star' || (node.tag === 'JoinExpr' && flag(node.body, 'isNatural'))) everything = true;
    if (node.tag === 'String') names.add(stringOf(node.wrapper) ?? '');
    // a name that is renamed later is not followed
    if (list(node.body, 'colnames').length > 0 || list(node.body, 'aliascolnames').length > 0)
      everything = true;
    forEachChild(node, visit);
  };
  visit(top);
  return { everything, names };
}

function countParameters(root: TaggedNode): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  anyNode(root, (node) => {
    if (node.tag !== 'ParamRef') return false;
    const at = number(node.body, 'number');
    counts.set(at, (counts.get(at) ?? 0) + 1);
    return false;
  });
  return counts;
}
