import type { MaskPreset } from '../policy/effective-policy.ts';
import type { ColumnMask } from './access.ts';
import type { CatalogColumn } from './catalog.ts';
import {
  digitsExpression,
  emailExpression,
  nameExpression,
  partialExpression,
} from './preset-expressions.ts';
import { pseudonymExpression, type PseudonymReferences, pseudonymType } from './pseudonym.ts';

/**
 * Masks as SQL expressions (enforcement.md 1, "Presets"). The rewriter puts them into the subquery that
 * stands for a masked table; the server computes them, so binary formats and COPY need nothing more.
 *
 * Every expression names pg_catalog for each function, operator, collation and type, so that nothing a
 * session has planted can be picked instead; none is volatile. `pseudonym` alone takes parameters, its key.
 */

/** Presets whose output does not depend on the value: they need no SELECT privilege on the column. */
const constantPresets: ReadonlySet<MaskPreset> = new Set<MaskPreset>(['null', 'redact']);

/** True when the mask never reads the value: its preset says so, or it is a pseudonym without its key. */
export function isConstantMask(
  mask: Pick<ColumnMask, 'preset'> & Partial<Pick<ColumnMask, 'needsValue'>>,
): boolean {
  return constantPresets.has(mask.preset) || (mask.preset === 'pseudonym' && mask.needsValue === false);
}

/**
 * The mask to show when raw values may not be read (elevation ended or is switched off). Constant masks
 * stay as they are; value presets become `***` as text, which is also the type they would have had, so a
 * prepared statement keeps its result type; a pseudonym that is no text becomes NULL.
 */
export function degradeMask(mask: ColumnMask): ColumnMask {
  if (isConstantMask(mask) || mask.preset === 'pseudonym')
    return { ...mask, matchEquality: false, needsValue: false };
  return {
    ...mask,
    preset: 'redact',
    prefix: 0,
    suffix: 0,
    as: 'text',
    matchEquality: false,
    needsValue: false,
  };
}

/** True for columns that are text to a client: a redacted one shows `***`, others a typed NULL. */
export function isTextColumn(column: CatalogColumn): boolean {
  return column.typeCategory === 'S' && !singleByteChar.has(column.baseTypeName);
}

/**
 * The type of the mask's result, schema-qualified. Text, varchar, bpchar and name stay what they are
 * (without a length); citext and other extension types become text, so that no cast of theirs runs.
 */
export function maskOutputType(mask: ColumnMask, column: CatalogColumn): string {
  if (builtinText.has(column.baseTypeName)) return column.baseTypeName;
  if (mask.preset === 'null') return column.baseTypeName;
  if (mask.preset === 'pseudonym')
    return pseudonymType(column.baseTypeName) === 'text' ? 'pg_catalog.text' : column.baseTypeName;
  if (!isConstantMask(mask) || mask.as === 'text' || isTextColumn(column)) return 'pg_catalog.text';
  return column.baseTypeName;
}

/**
 * The SQL of a mask over `reference`, an already quoted column reference that is used as it is.
 * Constant masks do not mention it, so `redact` shows `***` even where the value is NULL. Value presets
 * keep NULL and answer `***` for what is malformed. A pseudonym without `key` is constant too.
 */
export function maskExpression(
  mask: ColumnMask,
  column: CatalogColumn,
  reference: string,
  key: PseudonymReferences | null = null,
): string {
  const type = maskOutputType(mask, column);
  const isKeyless = mask.preset === 'pseudonym' && key === null;
  if (isConstantMask(mask) || isKeyless) return `${constantText(mask, column)}::${type}`;
  if (mask.preset === 'pseudonym' && key !== null) {
    const kind = pseudonymType(column.baseTypeName);
    const token = pseudonymExpression(`(${reference})::pg_catalog.text`, kind, key);
    return kind === 'text' ? backToType(token, type) : `(${token})`;
  }
  const value = `((${reference})::pg_catalog.text COLLATE pg_catalog."C")`;
  return backToType(valueExpression(mask, value), type);
}

const builtinText: ReadonlySet<string> = new Set([
  'pg_catalog.text',
  'pg_catalog.varchar',
  'pg_catalog.bpchar',
  'pg_catalog.name',
]);

/** pg_type's one-byte internal type; its category was S before PostgreSQL 15. */
const singleByteChar: ReadonlySet<string> = new Set(['pg_catalog.char', 'pg_catalog."char"']);

function constantText(mask: ColumnMask, column: CatalogColumn): string {
  if (mask.preset === 'null') return 'NULL';
  if (mask.preset === 'pseudonym') return pseudonymType(column.baseTypeName) === 'text' ? `'***'` : 'NULL';
  return isTextColumn(column) || mask.as === 'text' ? `'***'` : 'NULL';
}

function valueExpression(mask: ColumnMask, value: string): string {
  switch (mask.preset) {
    case 'email':
      return emailExpression(value);
    case 'phone':
      return digitsExpression(value, { least: 7, most: 15, common: '999-999-9999' });
    case 'ssn':
      return digitsExpression(value, { least: 9, most: 9, common: '999-99-9999' });
    case 'credit_card':
      return digitsExpression(value, { least: 12, most: 19, common: '9999-9999-9999-9999' });
    case 'name':
      return nameExpression(value);
    case 'partial':
      return partialExpression(value, mask.prefix, mask.suffix);
    case 'null':
    case 'redact':
    case 'pseudonym':
    default:
      return 'NULL';
  }
}

/**
 * The value is compared under "C": the only collation that every version searches bytewise, and a
 * nondeterministic one would make LIKE fail. The result goes back to the default collation, or joining it
 * with an ordinary column would be a collation conflict.
 */
function backToType(expression: string, type: string): string {
  if (type === 'pg_catalog.name') return `(${expression})::pg_catalog.name`;
  const cast = type === 'pg_catalog.text' ? expression : `(${expression})::${type}`;
  return `(${cast} COLLATE pg_catalog."default")`;
}
