import type { ColumnMask } from '../access.ts';
import {
  type AstNode,
  as,
  field,
  flag,
  list,
  locationOf,
  stringsOf,
  text,
  type TaggedNode,
} from '../ast/node.ts';
import { anyIn } from '../ast/tree.ts';
import type { CatalogColumn } from '../catalog.ts';
import { type Context, planEdit } from '../gate/context.ts';
import type { GrantedRelation } from '../gate/granted-relation.ts';
import { mayUseKey, pseudonymKey } from '../gate/own-parameters.ts';
import { refuse } from '../gate/refusal.ts';
import { type VisibleRows, visibleRows } from '../gate/row-filter-read.ts';
import { quoteIdentifier, quoteQualified } from '../quote.ts';
import { parseSelect } from './fragment.ts';
import type { TextEdit } from './splice.ts';

/** One read of a masked relation: the RangeVar, and the TABLESAMPLE around it. */
export interface MaskedRead {
  readonly granted: GrantedRelation;
  readonly rangeVar: TaggedNode;
  readonly sample: TaggedNode | null;
  /** SQL conditions on raw columns that move inside (allowed matches). */
  readonly conditions: readonly string[];
  /** System columns to show besides. */
  readonly system: readonly string[];
}

/** A column as this statement may show it: raw, or its mask as SQL over `reference`. */
export function shownColumn(
  context: Context,
  granted: GrantedRelation,
  at: {
    readonly column: CatalogColumn;
    readonly reference: string;
  },
): string {
  const mask = granted.access.masks.get(at.column.attnum);
  if (mask === undefined) return at.reference;
  const shown = effectiveMask(context, mask);
  const key = shown.preset === 'pseudonym' && shown.needsValue ? pseudonymKey(context) : null;
  return context.parts.maskExpression(shown, at.column, at.reference, key);
}

/** Whether the statement may look at this column of the relation that it calls `alias`. */
type IsLookedAt = (column: CatalogColumn) => boolean;

const always: IsLookedAt = () => true;

/** A column list after the alias renames columns, so that their own names say nothing. */
function lookedAt(context: Context, rangeVar: AstNode): IsLookedAt {
  const alias = field(rangeVar, 'alias');
  const { everything, names } = context.mentions();
  const name = (alias === null ? null : text(alias, 'aliasname')) ?? text(rangeVar, 'relname') ?? '';
  if (everything || names.has(name) || (alias !== null && list(alias, 'colnames').length > 0)) return always;
  return (column) => names.has(column.name);
}

/** The mask, or its constant stand-in where the value may not be read; notes what that means for the statement. */
function effectiveMask(context: Context, mask: ColumnMask): ColumnMask {
  if (!mask.needsValue) return mask;
  const isKeyless = mask.preset === 'pseudonym' && !mayUseKey(context);
  if (context.elevate && !isKeyless) {
    context.found.needsElevated = true;
    return mask;
  }
  context.found.degraded = true;
  return context.parts.degradeMask(mask);
}

/** The select list that shows every column of a masked relation, masked ones under their own names. */
function maskedColumnList(
  context: Context,
  granted: GrantedRelation,
  { isLookedAt, rows }: { readonly isLookedAt: IsLookedAt; readonly rows: VisibleRows | null },
): string {
  const columns = granted.relation.columns.map((column) => {
    const name = quoteIdentifier(column.name);
    const mask = granted.access.masks.get(column.attnum);
    // the same value, and an expression, which has no statistics
    if (mask === undefined && rows?.isWatched(column.name)) return `COALESCE(${name}, ${name}) AS ${name}`;
    const shown =
      mask !== undefined && !isLookedAt(column)
        ? context.parts.maskExpression(context.parts.degradeMask(mask), column, name, null)
        : shownColumn(context, granted, { column, reference: name });
    return shown === name ? name : `${shown} AS ${name}`;
  });
  return columns.join(', ');
}

/** The subquery (without brackets) that stands for a masked relation, every mask in it. */
export function maskedSelect(context: Context, granted: GrantedRelation, only: boolean): string {
  const rows = visibleRows(context, granted, { quiet: true });
  const select = selectText(granted, maskedColumnList(context, granted, { isLookedAt: always, rows }), only);
  return rows === null ? select : `${select} WHERE ${rows.condition}`;
}

function selectText(granted: GrantedRelation, columns: string, only: boolean): string {
  const { schema, name } = granted.relation;
  return `SELECT ${columns} FROM ${only ? 'ONLY ' : ''}${quoteQualified(schema, name)}`;
}

/** Replaces the read by a subquery in text and tree. */
export function planMaskedRead(context: Context, read: MaskedRead): void {
  const { body } = read.rangeVar;
  const rows = visibleRows(context, read.granted, { quiet: false });
  const shown = maskedColumnList(context, read.granted, { isLookedAt: lookedAt(context, body), rows });
  const columns = [shown, ...read.system].join(', ');
  const select = selectText(read.granted, columns, !flag(body, 'inh'));
  const conditions = [...(rows === null ? [] : [rows.condition]), ...read.conditions];
  const where = `${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`}${rows?.fence ?? ''}`;
  const tree = parseSelect(context.parts.parser, `${select}${where}`);
  const span = spanOf(context, body);
  if (read.sample === null) planPlain(context, read, { select: `${select}${where}`, tree, span });
  else planSampled(context, { ...read, sample: read.sample }, { select, where, tree, span });
}

interface Planned {
  readonly select: string;
  readonly tree: unknown;
  readonly span: Span;
}

function planPlain(context: Context, read: MaskedRead, planned: Planned): void {
  const { body, wrapper } = read.rangeVar;
  const alias = field(body, 'alias');
  const suffix = alias === null ? ` AS ${quoteIdentifier(text(body, 'relname') ?? '')}` : '';
  const { start, end, prefix } = planned.span;
  planEdit(context, {
    text: [{ start, end, text: `${prefix}(${planned.select})${suffix}` }],
    node: wrapper ?? body,
    apply: (copy) => ({
      RangeSubselect: { subquery: planned.tree, alias: aliasTree(as(copy, 'RangeVar') ?? {}) },
    }),
  });
}

function aliasTree(rangeVar: AstNode): unknown {
  return field(rangeVar, 'alias') ?? { aliasname: text(rangeVar, 'relname') ?? '' };
}

/** `t AS a TABLESAMPLE m (1)` becomes `(SELECT … FROM t TABLESAMPLE m (1) WHERE …) AS a`. */
function planSampled(
  context: Context,
  read: MaskedRead & { readonly sample: TaggedNode },
  planned: Planned & { readonly where: string },
): void {
  const { sample, rangeVar } = read;
  const { source } = context;
  if (!hasConstantArguments(sample.body)) {
    return refuse({
      rule: 'unsupported-on-masked',
      sqlstate: '0A000',
      message: `TABLESAMPLE of this form is not supported on ${text(rangeVar.body, 'relname') ?? ''}, which has masked columns`,
      offset: locationOf(rangeVar.body),
    });
  }
  const keyword = source.next(planned.span.lastToken, 'tablesample');
  const { start, prefix } = planned.span;
  const end = source.token(keyword)?.start ?? start;
  const close = endOfSample(context, { keyword, repeatable: sample.body['repeatable'] !== undefined });
  const after = source.token(close)?.end ?? start;
  const edits: TextEdit[] = [
    { start, end, text: `${prefix}(${planned.select} ` },
    { start: after, end: after, text: `${planned.where}) AS ${aliasText(rangeVar.body)}` },
  ];
  const node = sample.wrapper ?? sample.body;
  planEdit(context, { text: edits, node, apply: (copy) => sampledTree(copy, planned.tree) });
}

function sampledTree(copy: unknown, tree: unknown): unknown {
  const sample = as(copy, 'RangeTableSample') ?? {};
  const rangeVar = as(sample['relation'], 'RangeVar') ?? {};
  const select = as(tree, 'SelectStmt') ?? {};
  const inner = { RangeTableSample: { ...sample, relation: list(select, 'fromClause')[0] } };
  const subquery = { SelectStmt: { ...select, fromClause: [inner] } };
  return { RangeSubselect: { subquery, alias: aliasTree(rangeVar) } };
}

function aliasText(rangeVar: AstNode): string {
  const alias = field(rangeVar, 'alias');
  if (alias === null) return quoteIdentifier(text(rangeVar, 'relname') ?? '');
  const columns = stringsOf(list(alias, 'colnames')) ?? [];
  const name = quoteIdentifier(text(alias, 'aliasname') ?? '');
  return columns.length === 0 ? name : `${name}(${columns.map(quoteIdentifier).join(', ')})`;
}

function endOfSample(
  context: Context,
  at: { readonly keyword: number; readonly repeatable: boolean },
): number {
  const { source } = context;
  const close = source.closing(source.next(at.keyword, '(')) ?? -1;
  return at.repeatable ? (source.closing(close + 2) ?? -1) : close;
}

/** A reference to what stands before it in FROM (LATERAL) would mean something else inside the subquery. */
function hasConstantArguments(sample: AstNode): boolean {
  return !anyIn([sample['args'], sample['repeatable']], ({ tag }) => tag === 'ColumnRef');
}

interface Span {
  readonly start: number;
  readonly end: number;
  /** What must stand before the subquery: `TABLE t` turns into `SELECT * FROM …`. */
  readonly prefix: string;
  readonly lastToken: number;
}

/** The bytes of `[TABLE] [ONLY] [(] a.b [)] [*]`. */
function spanOf(context: Context, body: AstNode): Span {
  const { source } = context;
  const parts = ['catalogname', 'schemaname', 'relname'].filter((part) => text(body, part) !== null);
  let first = source.indexAt(locationOf(body)) ?? -1;
  let last = source.lastOfName(locationOf(body), parts.length) ?? -1;
  if (!flag(body, 'inh')) {
    const isBracketed = !source.is(first - 1, 'only');
    first -= isBracketed ? 2 : 1;
    if (isBracketed) last += 1;
  } else if (source.is(last + 1, '*')) last += 1;
  const isTable = source.is(first - 1, 'table');
  if (isTable) first -= 1;
  const start = source.token(first)?.start ?? -1;
  const end = source.token(last)?.end ?? -1;
  return { start, end, prefix: isTable ? 'SELECT * FROM ' : '', lastToken: last };
}
