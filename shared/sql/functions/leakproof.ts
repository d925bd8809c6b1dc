import type { PostgresMajor } from '../../domain/postgres-version.ts';
import lists from './leakproof.json' with { type: 'json' };

/**
 * Comparisons that tell nothing but their result: no error, no notice depends on the values (pg_proc.proleakproof;
 * PostgreSQL docs, "CREATE FUNCTION"). Only these may be computed on rows that a row filter hides.
 * `scripts/generate-function-lists.ts` reads them from a running server of each major version.
 */

export const comparisons = ['=', '<>', '<', '<=', '>', '>='] as const;

/** Families of pg_catalog types that compare with each other, by pg_type.typname. */
export const comparableTypes: Readonly<Record<string, readonly string[]>> = {
  integer: ['int2', 'int4', 'int8'],
  text: ['text'],
  bpchar: ['bpchar'],
  name: ['name'],
  bool: ['bool'],
  uuid: ['uuid'],
  date: ['date'],
  timestamp: ['timestamp'],
  timestamptz: ['timestamptz'],
  time: ['time'],
  float8: ['float8'],
  interval: ['interval'],
  bytea: ['bytea'],
  inet: ['inet'],
  oid: ['oid'],
  tid: ['tid'],
  numeric: ['numeric'],
};

/** Leakproof comparisons by family. */
export type LeakproofList = Readonly<Record<string, readonly string[]>>;

/**
 * Not marked by PostgreSQL, and read by us: comparing numerics raises nothing (numeric.c, cmp_numerics), and
 * enum_eq and enum_ne compare two OIDs (enum.c).
 */
const reviewed: LeakproofList = { numeric: comparisons, enum: ['=', '<>'] };

/** Whether an operator on this family may see rows that a filter hides. */
export function isLeakproof(major: PostgresMajor, family: string, operator: string): boolean {
  const marked: LeakproofList = (lists as Readonly<Record<string, LeakproofList>>)[String(major)] ?? {};
  return (
    (marked[family] ?? []).includes(operator) ||
    (reviewed[family.split(' ')[0] ?? ''] ?? []).includes(operator)
  );
}

/** The family of a base type as the catalogue names it (`pg_catalog.int4`), null when it is none of them. */
export function familyOf(baseTypeName: string, typeCategory: string): string | null {
  if (typeCategory === 'E') return `enum ${baseTypeName}`;
  return families.get(baseTypeName) ?? null;
}

const families: ReadonlyMap<string, string> = new Map([
  ...Object.entries(comparableTypes).flatMap(([family, types]) =>
    types.map((type): [string, string] => [`pg_catalog.${type}`, family]),
  ),
  // varchar has no operators of its own
  ['pg_catalog.varchar', 'text'],
]);
