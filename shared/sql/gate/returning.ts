import {
  type AstNode,
  as,
  bodiesOf,
  field,
  flag,
  list,
  locationOf,
  stringOf,
  stringsOf,
  type TaggedNode,
  text,
  unwrap,
} from '../ast/node.ts';
import { anyIn, Spread } from '../ast/tree.ts';
import { quoteIdentifier } from '../quote.ts';
import { parseTargets } from '../rewrite/fragment.ts';
import { shownColumn } from '../rewrite/masked-relation.ts';
import { type Context, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { refuse } from './refusal.ts';
import type { FromItem, Scope } from './scope.ts';

/** RETURNING: `*` becomes the list of columns, masked columns their masks under their own names. */

interface Target {
  readonly granted: GrantedRelation | null;
  readonly scope: Scope;
}

/** The list, wherever the major keeps it. */
export function returningOf(node: TaggedNode): readonly unknown[] {
  const clause = field(node.body, 'returningClause');
  return clause === null ? list(node.body, 'returningList') : list(clause, 'exprs');
}

/** Visits the RETURNING list of a write on `granted`. */
export function visitReturning(context: Context, node: TaggedNode, target: Target): void {
  const { granted } = target;
  const targets = returningOf(node);
  const level: Scope = {
    ...target.scope,
    items: [...target.scope.items, ...versions(context, node, target)],
  };
  for (const value of targets) {
    const body = as(value, 'ResTarget');
    if (body === null) continue;
    const masked = granted !== null && granted.access.masks.size > 0 ? granted : null;
    if (masked !== null && expandStar(context, value, { body, granted: masked, scope: level, node }))
      continue;
    if (masked !== null) keepName(context, value, body);
    context.visit({ tag: 'ResTarget', body, wrapper: value as AstNode }, level);
  }
  if (targets.length > 0 && granted !== null) requireSelect(context, granted, node);
}

/** RETURNING shows rows: it needs what SELECT needs. */
function requireSelect(context: Context, granted: GrantedRelation, node: TaggedNode): void {
  const { schema, name } = granted.relation;
  if (granted.access.operations.has('select')) return;
  const relation = field(node.body, 'relation');
  refuse({
    rule: 'operation',
    message: `permission denied for table ${name}`,
    detail: `Rule "operation": RETURNING reads ${schema}.${name}, and no policy grants select on it.`,
    hint: context.input.hint({ schema, name }, 'select'),
    table: { schema, name },
    offset: relation === null ? -1 : locationOf(relation),
  });
}

/** PostgreSQL 18: `old` and `new`, or the names that RETURNING WITH (OLD AS …) gives them. */
function versions(context: Context, node: TaggedNode, target: Target): readonly FromItem[] {
  if (context.input.catalog.major < 18) return [];
  const clause = field(node.body, 'returningClause');
  const item = target.scope.items.find((candidate) => candidate.target === target.granted) ?? null;
  if (item === null) return [];
  const renamed = clause === null ? [] : bodiesOf(list(clause, 'options'), 'ReturningOption');
  const named = (option: string, standard: string): string =>
    text(renamed.find((body) => text(body, 'option') === option) ?? {}, 'value') ?? standard;
  const names = [named('RETURNING_OPTION_OLD', 'old'), named('RETURNING_OPTION_NEW', 'new')];
  // only qualified references reach them
  return names.map((alias) => ({ ...item, alias, columns: [], schema: null }));
}

/** Expands `*` and `target.*`; false when the entry is something else. */
function expandStar(
  context: Context,
  value: unknown,
  at: {
    readonly body: AstNode;
    readonly granted: GrantedRelation;
    readonly scope: Scope;
    readonly node: TaggedNode;
  },
): boolean {
  const reference = as(at.body['val'], 'ColumnRef');
  const fields = reference === null ? [] : list(reference, 'fields');
  if (reference === null || as(fields.at(-1), 'A_Star') === null) return false;
  const path = stringsOf(fields.slice(0, -1)) ?? [];
  const items = starItems(path, at.scope);
  if (!items.some((item) => item.target === at.granted)) return false;
  const start = locationOf(reference);
  if (path.length === 0 && mergesColumns(at.node)) return refuseStar(at.granted, start);
  const lists = items.map((item) => starText(context, item));
  const last = context.source.lastOfName(start, fields.length);
  const end = last === null ? undefined : context.source.token(last)?.end;
  const shown = lists.join(', ');
  const trees = parseTargets(context.parts.parser, shown);
  if (trees === null || end === undefined) return refuseStar(at.granted, start);
  planEdit(context, {
    text: [{ start, end, text: shown }],
    node: value as object,
    apply: () => new Spread(trees),
  });
  return true;
}

/** USING and NATURAL show each merged column once, and first. */
function mergesColumns(node: TaggedNode): boolean {
  return ['fromClause', 'usingClause', 'sourceRelation'].some((part) =>
    anyIn(
      node.body[part],
      ({ tag, body }) =>
        tag === 'JoinExpr' && (flag(body, 'isNatural') || list(body, 'usingClause').length > 0),
    ),
  );
}

function starItems(path: readonly string[], scope: Scope): readonly FromItem[] {
  const qualifier = path.at(-1);
  if (qualifier !== undefined) return scope.items.filter((item) => item.alias === qualifier).slice(0, 1);
  // `old` and `new` are not part of a bare star
  return scope.items.filter((item) => item.columns === null || item.columns.length > 0);
}

function starText(context: Context, item: FromItem): string {
  const alias = quoteIdentifier(item.alias ?? '');
  const { target } = item;
  if (target === null) return `${alias}.*`;
  const columns = target.relation.columns.map((column) => {
    const reference = `${alias}.${quoteIdentifier(column.name)}`;
    const shown = shownColumn(context, target, { column, reference });
    return shown === reference ? reference : `${shown} AS ${quoteIdentifier(column.name)}`;
  });
  return columns.join(', ');
}

function refuseStar(granted: GrantedRelation, offset: number): never {
  const { schema, name } = granted.relation;
  refuse({
    rule: 'unsupported-on-masked',
    sqlstate: '0A000',
    message: `this form of * is not supported on ${name}, which has masked columns`,
    hint: 'Name the columns that you need.',
    table: { schema, name },
    offset,
  });
}

/** `RETURNING email` would lose its name with its expression: `AS "email"` keeps it. */
function keepName(context: Context, value: unknown, body: AstNode): void {
  const name = text(body, 'name') === null ? impliedName(body['val']) : null;
  const end = name === null ? null : endOfTarget(context, locationOf(body));
  if (name === null || end === null) return;
  planEdit(context, {
    text: [{ start: end, end, text: ` AS ${quoteIdentifier(name)}` }],
    node: value as object,
    apply: (copy) => {
      const target = (copy as { ResTarget: object }).ResTarget;
      return { ResTarget: { ...target, name } };
    },
  });
}

/** The name that a column gets from a reference somewhere in its expression (FigureColname in parse_target.c). */
function impliedName(value: unknown): string | null {
  const node = unwrap(value);
  if (node === null) return null;
  switch (node.tag) {
    case 'ColumnRef':
      return stringOf(list(node.body, 'fields').at(-1));
    case 'TypeCast':
    case 'CollateClause':
      return impliedName(node.body['arg']);
    case 'CaseExpr':
      return impliedName(node.body['defresult']);
    case 'A_Indirection': {
      const names = list(node.body, 'indirection').flatMap((step) => stringOf(step) ?? []);
      return names.at(-1) ?? impliedName(node.body['arg']);
    }
    case 'SubLink': {
      const select = as(node.body['subselect'], 'SelectStmt');
      const target = as(select === null ? null : list(select, 'targetList')[0], 'ResTarget');
      if (target === null || text(node.body, 'subLinkType') !== 'EXPR_SUBLINK') return null;
      return text(target, 'name') ?? impliedName(target['val']);
    }
    default:
      return null;
  }
}

/** Past the last byte of an entry of RETURNING, which is always the end of its statement. */
function endOfTarget(context: Context, start: number): number | null {
  const { source } = context;
  let at = source.indexAt(start);
  while (at !== null && at < source.tokens.length) {
    if ([',', ')', ';'].some((end) => source.is(at ?? 0, end))) break;
    at = (source.closing(at) ?? at) + 1;
  }
  return at === null ? null : (source.token(at - 1)?.end ?? null);
}
