import { as, type AstNode, list, locationOf, stringsOf, type TaggedNode } from '../ast/node.ts';
import { quoteIdentifier } from '../quote.ts';
import { parseExpression } from '../rewrite/fragment.ts';
import { shownColumn } from '../rewrite/masked-relation.ts';
import { type Context, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { refuse } from './refusal.ts';
import {
  type ColumnMeaning,
  couldMean,
  findItem,
  findItemBySchema,
  type FromItem,
  resolveUnqualified,
  type Scope,
} from './scope.ts';

/**
 * The target of UPDATE, DELETE and INSERT is not in FROM, so no subquery can stand for it: each reference
 * to one of its masked columns is replaced by the mask itself.
 */

/** Replaces the reference if it means a masked column of the target; true when nothing is left to do. */
export function replaceTargetReference(context: Context, node: TaggedNode, scope: Scope): boolean {
  if (!hasMaskedTarget(scope)) return false;
  const meaning = meaningOf(node, scope);
  if (meaning.kind === 'unknown') return false;
  const granted = meaning.item.target;
  if (granted === null || granted.access.masks.size === 0) return false;
  if (meaning.kind === 'row') refuseWholeRow(granted, locationOf(node.body));
  const column = granted.relation.columns.find((candidate) => candidate.name === meaning.column);
  if (column === undefined || !granted.access.masks.has(column.attnum)) return false;
  // written with its alias, the reference would reach an inner relation of that name
  const shadowed = findItem(scope, meaning.item.alias ?? '') !== meaning.item;
  if (shadowed) return refuseUnclear(granted, locationOf(node.body));
  const reference = `${quoteIdentifier(meaning.item.alias ?? '')}.${quoteIdentifier(column.name)}`;
  const shown = `(${shownColumn(context, granted, { column, reference })})`;
  const tree = parseExpression(context.parts.parser, shown);
  const start = locationOf(node.body);
  const last = context.source.lastOfName(start, list(node.body, 'fields').length);
  const end = last === null ? undefined : context.source.token(last)?.end;
  if (tree === null || end === undefined || node.wrapper === null) return refuseUnclear(granted, start);
  planEdit(context, { text: [{ start, end, text: shown }], node: node.wrapper, apply: () => tree });
  return true;
}

function hasMaskedTarget(scope: Scope): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    if (at.items.some((item) => (item.target?.access.masks.size ?? 0) > 0)) return true;
  }
  return false;
}

function isMaskedTarget(item: FromItem): boolean {
  return (item.target?.access.masks.size ?? 0) > 0;
}

function meaningOf(node: TaggedNode, scope: Scope): ColumnMeaning {
  const fields = list(node.body, 'fields');
  const starred = as(fields.at(-1), 'A_Star') !== null;
  const path = stringsOf(starred ? fields.slice(0, -1) : fields) ?? [];
  if (starred) return starMeaning(path, scope);
  const column = path.at(-1) ?? '';
  if (path.length === 1) return unqualifiedMeaning(column, { body: node.body, scope });
  const item = itemOf(path.slice(0, -1), scope);
  return item !== null && isMaskedTarget(item) ? { kind: 'column', item, column } : { kind: 'unknown' };
}

/** The item that `table`, `schema.table` or `database.schema.table` before a column means. */
function itemOf(qualifiers: readonly string[], scope: Scope): FromItem | null {
  const table = qualifiers.at(-1);
  const schema = qualifiers.at(-2);
  if (table === undefined) return null;
  return schema === undefined ? findItem(scope, table) : findItemBySchema(scope, schema, table);
}

/** `t.*` inside an expression is the whole row; `*` alone is handled where lists are. */
function starMeaning(path: readonly string[], scope: Scope): ColumnMeaning {
  const item = itemOf(path, scope);
  return item !== null && isMaskedTarget(item) ? { kind: 'row', item } : { kind: 'unknown' };
}

function unqualifiedMeaning(
  column: string,
  at: { readonly body: AstNode; readonly scope: Scope },
): ColumnMeaning {
  const meaning = resolveUnqualified(at.scope, column);
  if (meaning.kind !== 'unknown') return meaning;
  // it may be the target's, and which one it is cannot be told here
  if (couldMean(at.scope, column, (item) => isMaskedTarget(item) && mattersTo(item, column))) {
    refuse({
      rule: 'ambiguous-column',
      sqlstate: '42702',
      message: `column reference "${column}" is ambiguous`,
      detail: 'It could mean a masked column of the table that is written.',
      hint: 'Write the table name or its alias before the column.',
      offset: locationOf(at.body),
    });
  }
  return meaning;
}

function mattersTo(item: FromItem, column: string): boolean {
  const granted = item.target;
  if (granted === null) return false;
  if (item.alias === column) return true;
  const found = granted.relation.columns.find((candidate) => candidate.name === column);
  return found !== undefined && granted.access.masks.has(found.attnum);
}

function refuseWholeRow(granted: GrantedRelation, offset: number): never {
  const { schema, name } = granted.relation;
  refuse({
    rule: 'whole-row-target',
    message: `the whole row of ${name} cannot be used here, because it has masked columns`,
    hint: 'Name the columns that you need.',
    table: { schema, name },
    offset,
  });
}

function refuseUnclear(granted: GrantedRelation, offset: number): never {
  const { schema, name } = granted.relation;
  refuse({
    rule: 'unsupported-on-masked',
    sqlstate: '0A000',
    message: `this reference to a masked column of ${name} is not supported`,
    table: { schema, name },
    offset,
  });
}
