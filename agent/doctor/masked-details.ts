import type { MaskedDetails } from './check.ts';

/** What pg_catalog says of columns that a policy may mask; read as one text in the doctor's snapshot. */
export const detailQueries = {
  partitionKeys: `
SELECT p.partrelid AS oid, p.partstrat::pg_catalog.text AS strategy, p.partattrs::pg_catalog.int2[] AS attnums
FROM pg_catalog.pg_partitioned_table p`,
  literals: `
SELECT k.conrelid AS oid, a.attnum, 'constraint ' || k.conname AS what
FROM pg_catalog.pg_constraint k, pg_catalog.unnest(k.conkey) AS a(attnum)
WHERE k.contype = 'c' AND k.conrelid <> 0
  AND pg_catalog.pg_get_constraintdef(k.oid) ~ '''|[^A-Za-z_0-9][0-9]'
UNION ALL
SELECT i.indrelid, d.refobjsubid, 'condition of index ' || c.relname
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0
WHERE i.indpred IS NOT NULL
UNION ALL
SELECT ad.adrelid, ad.adnum, 'default'
FROM pg_catalog.pg_attrdef ad JOIN pg_catalog.pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
WHERE a.attgenerated = '' AND pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) ~ '^(''|\\(?-?[0-9])'`,
  policies: `
SELECT p.polrelid AS oid, d.refobjsubid AS attnum, p.polname AS name
FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_depend d
  ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = p.polrelid AND d.refobjsubid > 0`,
  statistics: `
SELECT s.stxrelid AS oid, s.stxkeys::pg_catalog.int2[] AS attnums,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(s.stxname) AS name
FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
WHERE 'm' = ANY (s.stxkind)`,
  privacy: `SELECT pg_catalog.pg_get_viewdef('pg_catalog.pg_stats_ext'::pg_catalog.regclass) ~ 'pg_has_role' AS private`,
  roleBound: `
SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relrowsecurity
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND 0 = ANY (p.polroles))`,
} as const;

/** The rows of those queries, in their order. */
export function detailsOf(rows: readonly (readonly Record<string, unknown>[])[]): MaskedDetails {
  const named = Object.fromEntries(
    Object.keys(detailQueries).map((name, index) => [name, rows[index] ?? []]),
  );
  return {
    partitionKeys: named['partitionKeys'] as unknown as MaskedDetails['partitionKeys'],
    literals: named['literals'] as unknown as MaskedDetails['literals'],
    policies: named['policies'] as unknown as MaskedDetails['policies'],
    statistics: named['statistics'] as unknown as MaskedDetails['statistics'],
    statisticsArePrivate: named['privacy']?.[0]?.['private'] === true,
    roleBound: named['roleBound'] as unknown as MaskedDetails['roleBound'],
  };
}
