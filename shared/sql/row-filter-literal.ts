import type { FilterScalar } from '../policy/effective-policy.ts';
import type { CatalogColumn } from './catalog.ts';
import { quoteLiteral } from './quote.ts';

/** A policy's value as SQL, or why the column cannot be compared with it (in words, without the value). */
export type FilterLiteral =
  | { readonly kind: 'literal'; readonly sql: string }
  | { readonly kind: 'misfit'; readonly reason: string };

/**
 * Writes a value as a constant of the column's base type: `'EU'::pg_catalog.text`. What the server would refuse,
 * or read otherwise than it is written, is a misfit: numbers for text, numbers out of range, dates without a
 * fixed form. The labels of an enum are not known here: a wrong one fails at each statement.
 */
export function filterLiteral(column: CatalogColumn, value: FilterScalar): FilterLiteral {
  const kind = kindOf(column);
  if (kind === null)
    return { kind: 'misfit', reason: `columns of type ${column.typeName} cannot be filtered` };
  const text = kind.read(value);
  if (text === null) return { kind: 'misfit', reason: `a value is not ${kind.expected}` };
  return { kind: 'literal', sql: `${quoteLiteral(text)}::${kind.type}` };
}

/** Whether a filter can compare columns of this type at all. */
export function isFilterable(column: CatalogColumn): boolean {
  return kindOf(column) !== null;
}

interface Kind {
  readonly type: string;
  readonly expected: string;
  /** The text of the constant, null when the value does not fit. */
  readonly read: (value: FilterScalar) => string | null;
}

function kindOf(column: CatalogColumn): Kind | null {
  const builtin = kinds.get(column.baseTypeName);
  if (builtin !== undefined) return builtin;
  if (column.typeCategory !== 'E') return null;
  return { type: column.baseTypeName, expected: 'a label of the enum', read: nameText };
}

function integer(type: string, bits: number): Kind {
  const limit = 2n ** BigInt(bits - 1);
  const read = (value: FilterScalar): string | null => {
    const text = numberText(value);
    if (text === null || !/^[+-]?\d{1,20}$/.test(text)) return null;
    const number = BigInt(text.replace(/^\+/, ''));
    return number >= -limit && number < limit ? String(number) : null;
  };
  return { type: `pg_catalog.${type}`, expected: `a whole number of ${bits} bits`, read };
}

function numberText(value: FilterScalar): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  // beyond this the number is not what the policy's author wrote
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? null : String(value);
}

const decimal = (type: string): Kind => ({
  type: `pg_catalog.${type}`,
  expected: 'a number',
  read: (value) => {
    const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : numberText(value);
    return text !== null && /^[+-]?\d{1,100}(\.\d{1,100})?(e[+-]?\d{1,2})?$/i.test(text) ? text : null;
  },
});

const string = (type: string): Kind => ({
  type: `pg_catalog.${type}`,
  expected: 'a text',
  read: (value) =>
    typeof value === 'string' && value.isWellFormed() && !value.includes('\u0000') ? value : null,
});

function nameText(value: FilterScalar): string | null {
  const isName = typeof value === 'string' && value.isWellFormed() && !value.includes('\u0000');
  return isName && Buffer.byteLength(value, 'utf8') <= 63 ? value : null;
}

const pattern = (type: string, expected: string, shape: RegExp): Kind => ({
  type: `pg_catalog.${type}`,
  expected,
  read: (value) => (typeof value === 'string' && shape.test(value) && isRealDate(value) ? value : null),
});

/** True unless the text begins with a date that no calendar has. */
function isRealDate(text: string): boolean {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(text);
  if (found === null) return true;
  const [year = 0, month = 0, day = 0] = found.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCFullYear(year);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const clock = '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,6})?)?';
const zone = '(Z|[+-](0\\d|1[0-4])(:?[0-5]\\d)?)';

/** By base type. varchar has no operators of its own: its values are compared as text. */
const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    'pg_catalog.int2': integer('int2', 16),
    'pg_catalog.int4': integer('int4', 32),
    'pg_catalog.int8': integer('int8', 64),
    'pg_catalog.numeric': decimal('numeric'),
    'pg_catalog.float4': decimal('float4'),
    'pg_catalog.float8': decimal('float8'),
    'pg_catalog.text': string('text'),
    'pg_catalog.varchar': string('text'),
    'pg_catalog.bpchar': string('bpchar'),
    'pg_catalog.name': { type: 'pg_catalog.name', expected: 'a name of at most 63 bytes', read: nameText },
    'pg_catalog.bool': {
      type: 'pg_catalog.bool',
      expected: 'true or false',
      read: (value: FilterScalar) => (typeof value === 'boolean' ? String(value) : null),
    },
    'pg_catalog.uuid': pattern(
      'uuid',
      'a UUID',
      /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
    ),
    'pg_catalog.date': pattern('date', 'a date as 2024-12-31', /^\d{4}-\d\d-\d\d$/),
    'pg_catalog.timestamp': pattern(
      'timestamp',
      'a time as 2024-12-31T23:59:59',
      new RegExp(`^\\d{4}-\\d\\d-\\d\\d[T ]${clock}$`),
    ),
    'pg_catalog.timestamptz': pattern(
      'timestamptz',
      'a time as 2024-12-31T23:59:59Z',
      new RegExp(`^\\d{4}-\\d\\d-\\d\\d[T ]${clock}${zone}$`),
    ),
  }),
);
