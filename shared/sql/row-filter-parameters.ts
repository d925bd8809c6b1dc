import type { Catalog } from './catalog.ts';

/**
 * Declared types of parameters that must not stand beside a column of a filtered relation: OIDs, under all their
 * names, and domains, which may be OIDs. `bigint = oid` casts the column to oid, and that fails for a value out of
 * its range, on a hidden row too (measured on 13 to 18: of all built-in types that compare with the types of
 * functions/leakproof.ts, only these make a cast of the column that can fail, and float8 beside numeric).
 */
const oidTypes: ReadonlySet<number> = new Set([
  24, 26, 30, 1008, 1013, 1028, 2202, 2203, 2204, 2205, 2206, 2207, 2208, 2209, 2210, 2211, 3734, 3735, 3769,
  3770, 4089, 4090, 4096, 4097, 4191, 4192, 4193,
]);

const oidNames =
  /^_?(oid|oidvector|reg(proc|procedure|oper|operator|class|type|config|dictionary|namespace|role|collation|database))$/;

/** The first type OID of a Parse message that a statement with `filtersRows` must not declare; null when none. */
export function unsafeParameterType(types: readonly number[], catalog: Catalog): number | null {
  return types.find((oid) => oidTypes.has(oid) || isDomain(oid, catalog)) ?? null;
}

/** The same for a type as PREPARE writes it, by its bare name. */
export function isUnsafeTypeName(name: string, catalog: Catalog): boolean {
  return oidNames.test(name) || (catalog.userTypes.get(name) ?? []).some(({ kind }) => kind === 'd');
}

function isDomain(oid: number, catalog: Catalog): boolean {
  if (oid < 16384) return false;
  for (const types of catalog.userTypes.values()) {
    for (const type of types) if (type.oid === oid) return type.kind === 'd';
  }
  return false;
}
