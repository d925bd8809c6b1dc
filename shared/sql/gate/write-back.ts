import type { ColumnMask } from '../access.ts';
import {
  type AstNode,
  as,
  constantOf,
  list,
  number,
  stringsOf,
  text,
  type TaggedNode,
  unwrap,
} from '../ast/node.ts';
import type { CatalogColumn } from '../catalog.ts';
import { hasMaskShape, showsNull } from '../mask-shape.ts';
import { quoteIdentifier } from '../quote.ts';
import { maskOutputType } from '../presets.ts';
import { parseExpression } from '../rewrite/fragment.ts';
import { shownColumn } from '../rewrite/masked-relation.ts';
import { type Context, planEdit } from './context.ts';
import type { GrantedRelation } from './granted-relation.ts';
import { mayUseKey } from './own-parameters.ts';
import { renderOperand, spanOfConjunct } from './match.ts';
import { dropAssignments } from './dropped-assignments.ts';
import { refuse } from './refusal.ts';
import type { Scope } from './scope.ts';

/**
 * The write-back guard: a grid or an ORM that read a row writes all of it back, masks included, and the real
 * value must survive that.
 *
 * A literal or parameter that has not the shape of the column's mask is written as it is. One that has is
 * compared with the mask of the row, `CASE WHEN $1 = mask(email) THEN email ELSE $1 END`, where the statement
 * may read the value; where it may not (constant masks, base tier) the assignment is left out. What a parameter
 * brings is known at Bind: the agent then asks again with `SessionNames.writeBack`.
 *
 * It tells nothing: what the comparison decides is shown by the mask itself, before and after.
 */
export function guardAssignments(
  context: Context,
  assignments: readonly unknown[],
  at: { readonly granted: GrantedRelation | null; readonly scope: Scope },
): void {
  const { granted } = at;
  if (granted === null || granted.access.masks.size === 0) return;
  const alias = at.scope.items.find((item) => item.target === granted)?.alias ?? granted.relation.name;
  const dropped = new Set<number>();
  for (const write of writesOf(assignments, granted)) {
    if (guardOne(context, write, { granted, alias })) dropped.add(write.index);
  }
  if (dropped.size > 0) dropAssignments(context, { assignments, dropped, target: { granted, alias } });
}

interface MaskedWrite {
  /** Where in the SET list. */
  readonly index: number;
  readonly column: CatalogColumn;
  readonly mask: ColumnMask;
  readonly value: unknown;
  /** One of several columns that a row is assigned to: it cannot be left out alone. */
  readonly inRow: boolean;
}

interface Target {
  readonly granted: GrantedRelation;
  readonly alias: string;
}

function writesOf(assignments: readonly unknown[], granted: GrantedRelation): readonly MaskedWrite[] {
  const bodies = assignments.map((value) => as(value, 'ResTarget') ?? {});
  return bodies.flatMap((body, index) => {
    const multi = as(body['val'], 'MultiAssignRef');
    if (multi === null) return maskedWrite(granted, { body, index, value: body['val'], inRow: false });
    const row = as(multi['source'], 'RowExpr');
    if (row === null) return [];
    // every column of the group has its own copy of the whole row in the tree
    const first = index - number(multi, 'colno') + 1;
    return list(row, 'args').flatMap((value, offset) =>
      maskedWrite(granted, { body: bodies[first + offset] ?? {}, index, value, inRow: true }),
    );
  });
}

function maskedWrite(
  granted: GrantedRelation,
  at: { readonly body: AstNode; readonly index: number; readonly value: unknown; readonly inRow: boolean },
): readonly MaskedWrite[] {
  const name = text(at.body, 'name');
  const column = granted.relation.columns.find((candidate) => candidate.name === name);
  const mask = column === undefined ? undefined : granted.access.masks.get(column.attnum);
  if (column === undefined || mask === undefined || list(at.body, 'indirection').length > 0) return [];
  const { index, value, inRow } = at;
  return [{ index, column, mask, value, inRow }];
}

/** True when the assignment must be left out. */
function guardOne(context: Context, write: MaskedWrite, target: Target): boolean {
  const { column, mask, value } = write;
  const canRead = mayRead(context, mask, target);
  const shown = canRead ? mask : context.parts.degradeMask(mask);
  const parameter = parameterOf(value);
  if (parameter !== null) {
    noteGuard(context, { parameter, column, mask, shown }, target);
    if (context.input.names.writeBack?.has(parameter) !== true) return false;
  } else if (as(value, 'ColumnRef') !== null) {
    return guardReference(context, write, { ...target, canRead });
  } else {
    const constant = constantUnder(value);
    if (constant === undefined) return false;
    context.found.readLiteral = true;
    const comesBack =
      constant === null ? showsNull(shown, column) : isAlways(mask, column) || hasMaskShape(mask, constant);
    if (!comesBack) return false;
  }
  if (canRead && canCompare(mask, column)) {
    compareWithMask(context, write, target);
    return false;
  }
  // its NULL or its token: which of them came back cannot be told
  if (write.inRow || isAlways(mask, column)) refuseWriteBack(context, write, target);
  return true;
}

/** Whether the statement may compare with the value's mask. */
function mayRead(context: Context, mask: ColumnMask, { granted }: Target): boolean {
  const hasKey = mask.preset !== 'pseudonym' || mayUseKey(context);
  return mask.needsValue && hasKey && context.elevate && granted.access.operations.has('select');
}

/** The text of a mask is no value of a number or a date: what has its shape can only be the mask. */
function canCompare(mask: ColumnMask, column: CatalogColumn): boolean {
  const isBuiltin = column.baseTypeName.startsWith('pg_catalog.');
  return isBuiltin && (column.typeCategory === 'S' || isAlways(mask, column));
}

/**
 * `excluded.email`, or a column of another relation. Reading `excluded` needs the column's SELECT privilege, so
 * that without it the statement could only fail.
 */
function guardReference(
  context: Context,
  write: MaskedWrite,
  target: Target & { readonly canRead: boolean },
): boolean {
  const path = stringsOf(list(as(write.value, 'ColumnRef') ?? {}, 'fields'));
  if (path === null || path.length > 2) return false;
  const isExcluded = path[0] === 'excluded' && path.length === 2;
  const isBuiltin = write.column.baseTypeName.startsWith('pg_catalog.');
  // a type of users is written by no cast of ours; `excluded` has the column's own
  if (target.canRead && (isBuiltin || isExcluded)) compareWithMask(context, write, target);
  else if (isExcluded) refuseWriteBack(context, write, target);
  return false;
}

function parameterOf(value: unknown): number | null {
  const node = unwrap(value);
  if (node?.tag === 'TypeCast') return parameterOf(node.body['arg']);
  return node?.tag === 'ParamRef' ? number(node.body, 'number') : null;
}

/** The text of a literal under casts, null for NULL, undefined for anything else. */
function constantUnder(value: unknown): string | null | undefined {
  const node = unwrap(value);
  if (node?.tag === 'TypeCast') return constantUnder(node.body['arg']);
  const constant = constantOf(value);
  if (constant === null) return undefined;
  return constant.kind === 'null' ? null : String(constant.value);
}

/** Pseudonyms of types that are not text cannot be told from values. */
function isAlways(mask: ColumnMask, column: CatalogColumn): boolean {
  return (
    mask.preset === 'pseudonym' &&
    maskOutputType(mask, column) !== 'pg_catalog.text' &&
    column.typeCategory !== 'S'
  );
}

function noteGuard(
  context: Context,
  at: {
    readonly parameter: number;
    readonly column: CatalogColumn;
    readonly mask: ColumnMask;
    readonly shown: ColumnMask;
  },
  target: Target,
): void {
  const { parameter, column, mask, shown } = at;
  const { guards } = context.found;
  if (guards.some((guard) => guard.parameter === parameter && guard.column === column.name)) return;
  const { schema, name: table } = target.granted.relation;
  const { preset, prefix, suffix } = mask;
  guards.push({
    parameter,
    schema,
    table,
    column: column.name,
    // a mask of another type than the column's comes as text
    typeOid: canCompare(mask, column) || !mask.needsValue ? column.typeOid : textOid,
    shape: { preset, prefix, suffix },
    always: isAlways(mask, column),
    showsNull: showsNull(shown, column),
  });
}

const textOid = 25;

/** The value stays when what is written is its mask, or the stars that stand for it in the base tier. */
function compareWithMask(context: Context, write: MaskedWrite, target: Target): void {
  const { column, value } = write;
  const node = unwrap(value);
  const span = spanOfConjunct(context, value);
  const rendered =
    node?.tag === 'ColumnRef' ? renderReference(node) : (renderOperand(context, value)?.sql ?? null);
  const wrapper = node?.wrapper ?? null;
  if (wrapper === null || span === null || rendered === null) return refuseWriteBack(context, write, target);
  const reference = `${quoteIdentifier(target.alias)}.${quoteIdentifier(column.name)}`;
  const mask = shownColumn(context, target.granted, { column, reference });
  const isBuiltin = column.baseTypeName.startsWith('pg_catalog.');
  const written = isBuiltin ? `(${rendered})::${column.baseTypeName}` : rendered;
  const comparable = `(${written})::pg_catalog.text COLLATE pg_catalog."default"`;
  const guarded =
    `CASE WHEN ${comparable} OPERATOR(pg_catalog.=) (${mask})::pg_catalog.text` +
    ` OR ${comparable} OPERATOR(pg_catalog.=) '***' THEN ${reference} ELSE ${written} END`;
  const tree = parseExpression(context.parts.parser, guarded);
  if (tree === null) return refuseWriteBack(context, write, target);
  planEdit(context, { text: [{ ...span, text: guarded }], node: wrapper, apply: () => tree });
}

function renderReference(node: TaggedNode): string | null {
  return stringsOf(list(node.body, 'fields'))?.map(quoteIdentifier).join('.') ?? null;
}

function refuseWriteBack(context: Context, write: MaskedWrite, { granted }: Target): never {
  const { schema, name } = granted.relation;
  refuse({
    rule: 'write-back',
    message: `what is written to ${name}.${write.column.name} could be its mask, and the real value cannot be kept here`,
    detail: `Rule "write back": ${schema}.${name}.${write.column.name} is masked, and this statement may not read it.`,
    hint: 'Leave the column out of the statement.',
    table: { schema, name },
  });
}
