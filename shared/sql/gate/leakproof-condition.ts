import {
  type AstNode,
  as,
  constantOf,
  list,
  stringConstant,
  stringsOf,
  type TaggedNode,
  text,
  unwrap,
} from '../ast/node.ts';
import type { PostgresMajor } from '../../domain/postgres-version.ts';
import { isLeakproof } from '../functions/leakproof.ts';

/**
 * Conditions that are leakproof whatever the values: comparisons of plain columns with constants, parameters and
 * plain columns, by operators that PostgreSQL marks so, and AND, OR, NOT, IS NULL of them.
 */

/** Families (functions/leakproof.ts) that a column of this name may have; a name that is not in it is unknown. */
export type ColumnFamilies = ReadonlyMap<string, ReadonlySet<string>>;

/** A column whose values are computed, or of a type without leakproof operators. */
export const unknownFamily = 'unknown';

export interface ConditionRules {
  readonly major: PostgresMajor;
  readonly families: ColumnFamilies;
  /** Judges a sublink; a condition without any has none of its own. */
  readonly isQuietSublink: (sublink: AstNode) => boolean;
  /** The decision looked at a literal's value. */
  readonly onLiteral: () => void;
}

/** True if the condition may be computed on rows that must not be known. */
export function isLeakproofCondition(rules: ConditionRules, value: unknown): boolean {
  const node = unwrap(value);
  if (node === null) return false;
  switch (node.tag) {
    case 'BoolExpr':
      return list(node.body, 'args').every((part) => isLeakproofCondition(rules, part));
    case 'NullTest':
    case 'BooleanTest':
      return familyOfReference(rules, node.body['arg']) !== null || isReferenceOnly(rules, node.body['arg']);
    case 'SubLink':
      return isQuietSublink(rules, node.body);
    case 'A_Expr':
      return isLeakproofComparison(rules, node);
    default:
      return isReferenceOnly(rules, value) || operandOf(rules, value) !== null;
  }
}

/** A plain column alone, of whatever type: looking whether it is NULL or true raises nothing. */
function isReferenceOnly(rules: ConditionRules, value: unknown): boolean {
  const name = columnName(value);
  return name !== null && rules.families.has(name) && !(rules.families.get(name)?.has(unknownFamily) ?? true);
}

function columnName(value: unknown): string | null {
  const reference = as(value, 'ColumnRef');
  const path = reference === null ? null : stringsOf(list(reference, 'fields'));
  return path?.at(-1) ?? null;
}

function familyOfReference(rules: ConditionRules, value: unknown): string | null {
  const name = columnName(value);
  const families = name === null ? undefined : rules.families.get(name);
  if (families === undefined || families.size !== 1) return null;
  const [family = unknownFamily] = families;
  return family === unknownFamily ? null : family;
}

/** One side of a comparison. `casts`: types that it is cast to, as written. */
type Operand =
  | { readonly kind: 'column'; readonly family: string }
  | { readonly kind: 'constant'; readonly cast: string | null }
  | { readonly kind: 'parameter'; readonly cast: string | null };

function operandOf(rules: ConditionRules, value: unknown): Operand | null {
  const node = unwrap(value);
  if (node === null) return null;
  switch (node.tag) {
    case 'ColumnRef': {
      const family = familyOfReference(rules, value);
      return family === null ? null : { kind: 'column', family };
    }
    case 'A_Const':
      return { kind: 'constant', cast: null };
    case 'ParamRef':
      return { kind: 'parameter', cast: null };
    case 'TypeCast': {
      const inner = operandOf(rules, node.body['arg']);
      const cast = castName(node.body['typeName']);
      if (inner === null || inner.kind === 'column' || inner.cast !== null || cast === null) return null;
      return { kind: inner.kind, cast };
    }
    case 'SQLValueFunction': {
      const cast = valueFunctions.get(text(node.body, 'op') ?? '');
      return cast === undefined ? null : { kind: 'constant', cast };
    }
    case 'FuncCall':
      return isNow(node.body) ? { kind: 'constant', cast: 'timestamptz' } : null;
    case 'A_Expr':
      return isMomentAgo(rules, node.body) ? { kind: 'constant', cast: 'timestamptz' } : null;
    default:
      return null;
  }
}

const valueFunctions: ReadonlyMap<string, string> = new Map([
  ['SVFOP_CURRENT_DATE', 'date'],
  ['SVFOP_CURRENT_TIMESTAMP', 'timestamptz'],
  ['SVFOP_LOCALTIMESTAMP', 'timestamp'],
]);

function isNow(call: AstNode): boolean {
  const path = stringsOf(list(call, 'funcname')) ?? [];
  return path.join('.').replace(/^pg_catalog\./, '') === 'now' && list(call, 'args').length === 0;
}

/** `now() - interval '7 days'`: it could only fail for absurd intervals, and those are left out. */
function isMomentAgo(rules: ConditionRules, expression: AstNode): boolean {
  const operator = stringsOf(list(expression, 'name'))?.join('.') ?? '';
  if (text(expression, 'kind') !== 'AEXPR_OP' || !['-', '+'].includes(operator)) return false;
  const call = as(expression['lexpr'], 'FuncCall');
  const moment = as(expression['lexpr'], 'SQLValueFunction');
  const isMoment = call !== null ? isNow(call) : text(moment ?? {}, 'op') === 'SVFOP_CURRENT_TIMESTAMP';
  const cast = as(expression['rexpr'], 'TypeCast');
  if (!isMoment || cast === null || castName(cast['typeName']) !== 'interval') return false;
  rules.onLiteral();
  const literal = stringConstant(cast['arg']) ?? '';
  return /^\d{1,5} (second|minute|hour|day|week|month|year)s?$/.test(literal);
}

/** The bare name of a built-in type, `int8[]` for an array; null for a type with parameters or of another schema. */
function castName(value: unknown): string | null {
  const type = as(value, 'TypeName') ?? (typeof value === 'object' ? (value as AstNode | null) : null);
  if (type === null) return null;
  const path = stringsOf(list(type, 'names')) ?? [];
  if (path.length > 2 || list(type, 'typmods').length > 0) return null;
  const bounds = list(type, 'arrayBounds').length;
  return bounds > 1 ? null : `${path.at(-1) ?? ''}${'[]'.repeat(bounds)}`;
}

const integers = ['int2', 'int4', 'int8', 'numeric', 'float8'];
const moments = ['date', 'timestamp', 'timestamptz'];

/**
 * What a constant or parameter may be cast to beside a column of the family. Another type may make the server cast
 * the column, and that may fail on a value: `bigint = oid` does, out of the range of oid.
 */
const casts: ReadonlyMap<string, readonly string[]> = new Map([
  ['integer', integers],
  ['numeric', ['numeric', 'int2', 'int4', 'int8']],
  ['float8', integers],
  ['text', ['text', 'varchar']],
  ['bpchar', ['text', 'varchar', 'bpchar']],
  ['date', moments],
  ['timestamp', moments],
  ['timestamptz', moments],
]);

function mayStandBeside(family: string, operand: Operand): boolean {
  if (operand.kind === 'column') return operand.family === family;
  // a parameter may be declared as float8, and a numeric out of its range fails
  if (operand.kind === 'parameter' && operand.cast === null) return family !== 'numeric';
  if (operand.cast === null) return true;
  const cast = operand.cast.replace(/\[\]$/, '');
  const enumName = /^enum .*?"?([^".]+)"?$/.exec(family)?.[1];
  return (casts.get(family) ?? [enumName ?? family]).includes(cast);
}

function isLeakproofComparison(rules: ConditionRules, node: TaggedNode): boolean {
  const path = stringsOf(list(node.body, 'name')) ?? [];
  if (path.length > 2 || (path.length === 2 && path[0] !== 'pg_catalog')) return false;
  const { lexpr, rexpr } = node.body;
  const name = path.at(-1) ?? '';
  switch (text(node.body, 'kind') ?? '') {
    case 'AEXPR_OP':
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT':
      return lexpr !== undefined && areComparable(rules, [name], [lexpr, rexpr]);
    case 'AEXPR_IN':
      return areComparable(rules, [name], [lexpr, ...itemsOf(rexpr)]);
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL':
      return areComparable(rules, [name], [lexpr, ...elementsOf(rexpr)]);
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
      return areComparable(rules, ['<=', '>=', '<', '>'], [lexpr, ...itemsOf(rexpr)]);
    default:
      return false;
  }
}

function itemsOf(value: unknown): readonly unknown[] {
  const items = as(value, 'List');
  return items === null ? [value] : list(items, 'items');
}

function elementsOf(value: unknown): readonly unknown[] {
  const array = as(value, 'A_ArrayExpr');
  return array === null ? [value] : list(array, 'elements');
}

/** All operands are of one family, or stand beside it, and every operator is leakproof there. */
function areComparable(
  rules: ConditionRules,
  operators: readonly string[],
  values: readonly unknown[],
): boolean {
  const operands = values.map((value) => operandOf(rules, value));
  if (operands.some((operand) => operand === null)) return false;
  const column = operands.find((operand) => operand?.kind === 'column');
  // constants among themselves say nothing about any row
  if (column?.kind !== 'column') return operands.every((operand) => operand?.kind === 'constant');
  const { family } = column;
  return (
    operators.every((operator) => isLeakproof(rules.major, family, operator)) &&
    operands.every((operand) => operand !== null && mayStandBeside(family, operand))
  );
}

function isQuietSublink(rules: ConditionRules, sublink: AstNode): boolean {
  const kind = text(sublink, 'subLinkType');
  if (kind === 'EXISTS_SUBLINK') return rules.isQuietSublink(sublink);
  if (kind !== 'ANY_SUBLINK' || list(sublink, 'operName').length > 0) return false;
  const select = as(sublink['subselect'], 'SelectStmt');
  const targets = select === null ? [] : list(select, 'targetList');
  const shown = as(targets[0], 'ResTarget')?.['val'];
  const comparable = targets.length === 1 && areComparable(rules, ['='], [sublink['testexpr'], shown]);
  return comparable && rules.isQuietSublink(sublink);
}

/** A constant, for select lists of subqueries. */
export function isPlainValue(value: unknown): boolean {
  return constantOf(value) !== null || as(value, 'ParamRef') !== null;
}
