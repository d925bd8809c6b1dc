import { quoteLiteral } from '@daam/shared/sql/quote';
import type { AdminResult } from './admin-connection.ts';

/** What a session's role owns, as far as it matters for elevation (adr/0010). */
export interface LeftBehind {
  /** Nothing but plain temporary tables: whatever reads or writes them runs no code of users. */
  readonly isHarmless: boolean;
  /** Names of those tables. */
  readonly temporaryTables: readonly string[];
}

const catalog = (name: string): string => `'pg_catalog.${name}'::pg_catalog.regclass`;

/** The server's own objects have lower OIDs. */
const firstUserOid = 16384;

/** What may carry code of users into a table: through its columns, defaults, constraints and indexes. */
const usesUserCode = `EXISTS (
  SELECT FROM pg_catalog.pg_depend x
  WHERE x.refobjid OPERATOR(pg_catalog.>=) ${firstUserOid}
    AND x.refclassid IN (${['pg_proc', 'pg_operator', 'pg_opclass', 'pg_type', 'pg_collation'].map(catalog).join(', ')})
    AND NOT (x.refclassid OPERATOR(pg_catalog.=) ${catalog('pg_type')} AND EXISTS (
      SELECT FROM pg_catalog.pg_type t WHERE t.oid OPERATOR(pg_catalog.=) x.refobjid AND t.typtype OPERATOR(pg_catalog.=) 'e'))
    AND ((x.classid OPERATOR(pg_catalog.=) ${catalog('pg_class')} AND (x.objid OPERATOR(pg_catalog.=) c.oid
          OR x.objid IN (SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid)))
      OR (x.classid OPERATOR(pg_catalog.=) ${catalog('pg_attrdef')}
          AND x.objid IN (SELECT a.oid FROM pg_catalog.pg_attrdef a WHERE a.adrelid OPERATOR(pg_catalog.=) c.oid))
      OR (x.classid OPERATOR(pg_catalog.=) ${catalog('pg_constraint')}
          AND x.objid IN (SELECT k.oid FROM pg_catalog.pg_constraint k WHERE k.conrelid OPERATOR(pg_catalog.=) c.oid))))`;

/**
 * One row for each object that the roles own in this database or in the whole server: the name of a plain temporary
 * table (or its sequence), null for anything else. `strictly`: also one row when a language is installed whose
 * functions could keep code in the session's memory, where no catalogue shows it.
 */
export function leftBehindQuery(
  roles: readonly string[],
  { strictly }: { readonly strictly: boolean },
): string {
  const owned = `
SELECT CASE WHEN c.relpersistence OPERATOR(pg_catalog.=) 't' AND c.relkind IN ('r', 'S') AND NOT c.relhasrules
    AND NOT c.relhastriggers AND NOT c.relrowsecurity AND NOT c.relispartition AND c.reloftype OPERATOR(pg_catalog.=) 0
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid OPERATOR(pg_catalog.=) c.oid OR h.inhparent OPERATOR(pg_catalog.=) c.oid)
    AND NOT ${usesUserCode}
  THEN c.relname::pg_catalog.text END AS name
FROM pg_catalog.pg_shdepend d
LEFT JOIN pg_catalog.pg_class c ON d.classid OPERATOR(pg_catalog.=) ${catalog('pg_class')} AND c.oid OPERATOR(pg_catalog.=) d.objid
WHERE d.refclassid OPERATOR(pg_catalog.=) ${catalog('pg_authid')} AND d.deptype OPERATOR(pg_catalog.=) 'o'
  AND d.dbid IN (0, (SELECT b.oid FROM pg_catalog.pg_database b WHERE b.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()))
  AND d.refobjid IN (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname IN (${roles.map(quoteLiteral).join(', ')}))`;
  const languages = `
SELECT NULL WHERE EXISTS (SELECT FROM pg_catalog.pg_language l WHERE l.lanname NOT IN ('internal', 'c', 'sql', 'plpgsql'))`;
  return strictly ? `${owned}\nUNION ALL${languages}` : owned;
}

/** Reads the answer. */
export function readLeftBehind(result: AdminResult | undefined): LeftBehind {
  const names = (result?.rows ?? []).map((row) => row['name']);
  return {
    isHarmless: result !== undefined && names.every((name) => typeof name === 'string'),
    temporaryTables: names.filter((name) => typeof name === 'string'),
  };
}
