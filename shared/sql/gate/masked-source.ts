import { type AstNode, as, field, list, locationOf, stringsOf, type TaggedNode, text } from '../ast/node.ts';
import { anyNode, forEachChild } from '../ast/tree.ts';
import { relationKey } from '../catalog.ts';
import type { Context } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { refuse } from './refusal.ts';
import { findItem, type Scope } from './scope.ts';

/**
 * Values that come from a masked column must not be stored: real ones would be laundered, masked ones would
 * destroy data. The test is by name and errs on the side of refusing: within the source, any
 * reference that bears the name of a masked column of a relation that the statement touches, any star and
 * any whole row while such a relation is touched in there. Conditions (WHERE, ON) move no values.
 */
export function refuseMaskedSource(
  context: Context,
  source: TaggedNode,
  at: { readonly scope: Scope; readonly with: AstNode | null },
): void {
  const readable = [...maskedInScope(at.scope), ...maskedBelow(context, source)];
  const withNode: TaggedNode | null =
    at.with === null ? null : { tag: 'WithClause', body: at.with, wrapper: null };
  if (withNode !== null) {
    const below = maskedBelow(context, withNode);
    refuseFlow(context, withNode, { masked: below, mayExclude: false });
    readable.push(...below);
  }
  refuseFlow(context, source, {
    masked: readable,
    mayExclude: isOwnRow(at.scope) && !bearsName(source, 'excluded'),
  });
}

/** Whether `excluded` is what the client itself sends (ON CONFLICT), and no relation. */
function isOwnRow(scope: Scope): boolean {
  const item = findItem(scope, 'excluded');
  return item !== null && item.masked === null && item.target === null;
}

/** Whether anything in a FROM below bears this name. */
function bearsName(source: TaggedNode, name: string): boolean {
  return anyNode(source, ({ body }) => {
    const alias = field(body, 'alias');
    return [alias === null ? null : alias['aliasname'], body['relname'], body['ctename']].includes(name);
  });
}

interface MaskedName {
  readonly granted: GrantedRelation;
  /** Names that mean the whole row. */
  readonly rows: ReadonlySet<string>;
  /** Names of its masked columns, as an alias list may have renamed them. */
  readonly columns: ReadonlySet<string>;
}

function maskedInScope(scope: Scope): MaskedName[] {
  const found: MaskedName[] = [];
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    for (const item of at.items) {
      const granted = item.masked ?? item.target;
      if (granted === null || granted.access.masks.size === 0) continue;
      const columns = granted.relation.columns.flatMap((column, index) =>
        granted.access.masks.has(column.attnum) ? [column.name, item.columns?.[index] ?? column.name] : [],
      );
      found.push({ granted, rows: new Set([item.alias ?? '']), columns: new Set(columns) });
    }
  }
  return found;
}

/** Masked relations named anywhere below, by bare name: what they are exactly, the walk itself decides. */
function maskedBelow(context: Context, source: TaggedNode): MaskedName[] {
  const found: MaskedName[] = [];
  anyNode(source, (node) => {
    const granted = node.tag === 'RangeVar' ? maskedOfName(context, node.body) : null;
    if (granted !== null) found.push(nameOf(granted, node.body));
    return false;
  });
  return found;
}

function nameOf(granted: GrantedRelation, body: AstNode): MaskedName {
  const alias = field(body, 'alias') ?? {};
  const renamed = stringsOf(list(alias, 'colnames')) ?? [];
  const name = text(alias, 'aliasname') ?? text(body, 'relname') ?? '';
  const columns = granted.relation.columns.flatMap((column, index) =>
    granted.access.masks.has(column.attnum) ? [column.name, renamed[index] ?? column.name] : [],
  );
  return { granted, rows: new Set([name]), columns: new Set(columns) };
}

function maskedOfName(context: Context, body: AstNode): GrantedRelation | null {
  const { catalog, access } = context.input;
  const name = text(body, 'relname') ?? '';
  const schema = text(body, 'schemaname');
  for (const candidate of schema === null ? context.names.searchPath : [schema]) {
    const relation = catalog.byName.get(relationKey(candidate, name));
    if (relation === undefined) continue;
    const rights = access.relations.get(relation.oid);
    if (rights !== undefined && rights.masks.size > 0) return { relation, access: rights };
  }
  return null;
}

/** Parts of a query that decide which rows there are, and move no value. */
const conditions: readonly string[] = ['whereClause', 'quals'];

interface Flow {
  readonly masked: readonly MaskedName[];
  /** References to `excluded` move nothing. */
  readonly mayExclude: boolean;
}

function refuseFlow(context: Context, source: TaggedNode, { masked, mayExclude }: Flow): void {
  const name = masked.find((candidate) => flows(source, { masked: candidate, mayExclude }));
  if (name === undefined) return;
  const { schema, name: relation } = name.granted.relation;
  refuse({
    rule: 'masked-source',
    message: `values of masked columns of ${relation} cannot be stored`,
    detail: `Rule "masked source": masked columns of ${schema}.${relation} are ${[...name.columns].join(', ')}.`,
    hint: context.input.hint({ schema, name: relation }, 'select'),
    table: { schema, name: relation },
    offset: offsetOf(source),
  });
}

interface OneFlow {
  readonly masked: MaskedName;
  readonly mayExclude: boolean;
}

function flows(node: TaggedNode, of: OneFlow): boolean {
  if (node.tag === 'ColumnRef') return mentions(node.body, of);
  const skipped = new Set(conditions.map((name) => node.body[name]));
  let found = false;
  forEachChild(node, (child) => {
    if (!skipped.has(child.wrapper)) found ||= flows(child, of);
  });
  return found;
}

function mentions(body: AstNode, { masked, mayExclude }: OneFlow): boolean {
  const fields = list(body, 'fields');
  const last = fields.at(-1);
  const qualifier = stringsOf(fields.slice(0, -1)) ?? [];
  if (mayExclude && qualifier.at(-1) === 'excluded') return false;
  if (as(last, 'A_Star') !== null) return true;
  const name = stringsOf([last])?.[0] ?? '';
  return masked.columns.has(name) || (fields.length === 1 && masked.rows.has(name));
}

function offsetOf(source: TaggedNode): number {
  return locationOf(source.body);
}
