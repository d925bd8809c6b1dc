/**
 * The queries of the catalogue loader. They run on the agent's admin connection with an empty search path,
 * name pg_catalog throughout and read catalogues only. OIDs below 16384 belong to the server itself.
 */

const firstUserOid = 16384;

/** Functions that run SQL text or walk relations: a view that calls one reads more than its dependencies say. */
const sqlRunningFunctions = [
  'query_to_xml',
  'query_to_xml_and_xmlschema',
  'query_to_xmlschema',
  'cursor_to_xml',
  'cursor_to_xmlschema',
  'table_to_xml',
  'table_to_xml_and_xmlschema',
  'table_to_xmlschema',
  'schema_to_xml',
  'schema_to_xml_and_xmlschema',
  'schema_to_xmlschema',
  'database_to_xml',
  'database_to_xml_and_xmlschema',
  'database_to_xmlschema',
  'ts_stat',
  'ts_rewrite',
  'lo_get',
  'loread',
  'pg_read_file',
  'pg_read_binary_file',
];

/** Statistics hold values of the columns they describe; the others hold raw pages, secrets or other people's SQL. */
const secretRelations = [
  'pg_statistic',
  'pg_statistic_ext_data',
  'pg_stats',
  'pg_stats_ext',
  'pg_stats_ext_exprs',
  'pg_largeobject',
  'pg_authid',
  'pg_shadow',
  'pg_user_mapping',
  'pg_user_mappings',
  'pg_stat_activity',
];

/** Extensions whose functions compute from their arguments alone. */
const harmlessExtensions = [
  'btree_gin',
  'btree_gist',
  'citext',
  'cube',
  'earthdistance',
  'fuzzystrmatch',
  'hstore',
  'intarray',
  'isn',
  'ltree',
  'pg_trgm',
  'pgcrypto',
  'seg',
  'unaccent',
  'uuid-ossp',
];

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

const userNamespace = `NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'`;

const relations = `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, c.relrowsecurity AS row_security,
       n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AS system
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S') AND c.relpersistence <> 't'`;

const columns = `
SELECT a.attrelid AS oid, a.attnum, a.attname AS name, a.atttypid AS type, a.attnotnull AS not_null,
       CASE WHEN a.atttypmod >= 0 THEN pg_catalog.format_type(a.atttypid, a.atttypmod) END AS formatted,
       a.attgenerated <> '' AS generated
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`;

const types = `
SELECT t.oid, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind, t.typbasetype AS base,
       t.typcategory::text AS category
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace`;

/** PostgreSQL 13 and 14 hang a generated column's sources on the column, later ones on its expression. */
const generatedSources = `
SELECT DISTINCT ad.adrelid AS oid, ad.adnum AS attnum, d.refobjsubid AS source
FROM pg_catalog.pg_attrdef ad
JOIN pg_catalog.pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum AND a.attgenerated <> ''
JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND d.refobjid = ad.adrelid AND d.refobjsubid > 0 AND d.refobjsubid <> ad.adnum
  AND ((d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = ad.oid)
    OR (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = ad.adrelid AND d.objsubid = ad.adnum))`;

const primaryKeys = `
SELECT i.indrelid AS oid, i.indkey::pg_catalog.int2[] AS attnums
FROM pg_catalog.pg_index i WHERE i.indisprimary AND i.indrelid >= ${firstUserOid}`;

/** Everything that decides what a function does; who may call it is left out. */
const functionSource = (alias: string): string =>
  `(pg_catalog.to_jsonb(${alias}) - 'proacl')::text || COALESCE((
    SELECT pg_catalog.to_jsonb(g)::text FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid = ${alias}.oid), '')`;

const sha256 = (text: string): string =>
  `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(${text}, 'UTF8')), 'hex')`;

/** Before 15, what a partition has of its parent's triggers is marked as internal. */
const triggers = `
SELECT t.tgrelid AS oid, t.tgtype AS type, t.oid AS trigger, t.tgname AS name,
  ${sha256(`pg_catalog.to_jsonb(t)::text || ${functionSource('f')}`)} AS source_hash
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
WHERE (NOT t.tgisinternal OR t.tgfoid >= ${firstUserOid}) AND t.tgenabled <> 'D'`;

const rules = `
SELECT DISTINCT r.ev_class AS oid FROM pg_catalog.pg_rewrite r
WHERE r.ev_class >= ${firstUserOid} AND NOT (r.ev_type = '1' AND r.is_instead)`;

/** Tables whose constraints, defaults, index expressions, policies or domains call code made by users. */
const userExpressions = `
WITH calling AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
  WHERE d.refobjid >= ${firstUserOid}
    AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass))
SELECT k.conrelid AS oid FROM calling JOIN pg_catalog.pg_constraint k
  ON classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = objid WHERE k.conrelid <> 0
UNION SELECT a.attrelid FROM calling JOIN pg_catalog.pg_constraint k
  ON classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = objid
  JOIN pg_catalog.pg_attribute a ON a.atttypid = k.contypid WHERE k.contypid <> 0
UNION SELECT ad.adrelid FROM calling JOIN pg_catalog.pg_attrdef ad
  ON classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND ad.oid = objid
UNION SELECT i.indrelid FROM calling JOIN pg_catalog.pg_index i
  ON classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND i.indexrelid = objid
UNION SELECT p.polrelid FROM calling JOIN pg_catalog.pg_policy p
  ON classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND p.oid = objid`;

const parents =
  'SELECT h.inhrelid AS oid, h.inhparent AS parent FROM pg_catalog.pg_inherits h ORDER BY 1, h.inhseqno';

const ownedSequences = `
SELECT d.refobjid AS oid, d.objid AS sequence
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
ORDER BY 1, 2`;

/** How views are made: who reads their sources, and which code made by users they run. */
const views = `
WITH extension_member AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
    AND e.extname IN (${list(harmlessExtensions)}))
SELECT c.oid, pg_catalog.concat(r.oid, ' ', r.xmin) AS rule,
  EXISTS (SELECT FROM pg_catalog.pg_options_to_table(c.reloptions) o
          WHERE o.option_name = 'security_invoker' AND o.option_value::pg_catalog.bool) AS invoker_rights,
  (SELECT pg_catalog.min(COALESCE(p.proname, o.oprname)::pg_catalog.text) FROM pg_catalog.pg_depend d
   LEFT JOIN pg_catalog.pg_proc p ON d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.refobjid
   LEFT JOIN pg_catalog.pg_operator o ON d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oid = d.refobjid
   WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
     AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
     AND d.refobjid >= ${firstUserOid}
     AND NOT EXISTS (SELECT FROM extension_member m WHERE m.classid = d.refclassid AND m.objid = d.refobjid)
  ) AS user_code
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid AND r.ev_type = '1'
WHERE c.relkind IN ('v', 'm') AND c.oid >= ${firstUserOid} AND c.relpersistence <> 't'`;

/** What a view must not reach, and the equality that it may ask for, by OID. */
const viewFacts = `
SELECT 'function' AS kind, p.oid, p.proname::pg_catalog.text AS name FROM pg_catalog.pg_proc p
WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND p.proname IN (${list(sqlRunningFunctions)})
UNION ALL SELECT 'relation', c.oid, c.relname::pg_catalog.text FROM pg_catalog.pg_class c
WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND c.relname IN (${list(secretRelations)})
UNION ALL SELECT 'equality', o.oid, '=' FROM pg_catalog.pg_operator o
WHERE o.oprnamespace = 'pg_catalog'::pg_catalog.regnamespace AND o.oprname = '='`;

/** A view's stored query; only of views whose rule is not known yet. Longer ones count as untraceable. */
export function viewTreesQuery(views: readonly number[]): string {
  return `
SELECT r.ev_class AS oid, CASE WHEN pg_catalog.octet_length(r.ev_action::pg_catalog.text) <= ${maxTreeBytes}
  THEN r.ev_action::pg_catalog.text END AS tree
FROM pg_catalog.pg_rewrite r WHERE r.ev_type = '1' AND r.ev_class = ANY ('{${views.join(',')}}')`;
}

const maxTreeBytes = 2 * 1024 * 1024;

const foreignKeys = `
SELECT k.conrelid AS oid, k.conkey::pg_catalog.int2[] AS columns, k.confrelid AS "references",
       k.confkey::pg_catalog.int2[] AS referenced, k.confdeltype::pg_catalog.text AS on_delete,
       k.confupdtype::pg_catalog.text AS on_update
FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' ORDER BY k.oid`;

/**
 * Tables on which the agent's role cannot give others an operation (it neither owns them nor has the grant option),
 * or whose schema it can open to nobody. For a sequence `insert` stands for USAGE.
 */
const ungrantable = `
SELECT * FROM (
  SELECT c.oid, CASE WHEN NOT n.usable THEN '{select,insert,update,delete}'::pg_catalog.text[]
    WHEN c.relkind = 'S' THEN
      CASE WHEN NOT pg_catalog.has_sequence_privilege(c.oid, 'USAGE WITH GRANT OPTION') THEN '{insert}'::pg_catalog.text[] END
    ELSE (SELECT pg_catalog.array_agg(o.operation ORDER BY o.operation)
     FROM pg_catalog.unnest('{select,insert,update,delete}'::pg_catalog.text[]) AS o(operation)
     WHERE NOT pg_catalog.has_table_privilege(c.oid, o.operation || ' WITH GRANT OPTION')) END AS operations
  FROM pg_catalog.pg_class c
  JOIN (SELECT s.oid, pg_catalog.has_schema_privilege(s.oid, 'USAGE WITH GRANT OPTION')
               OR pg_catalog.has_schema_privilege('public', s.oid, 'USAGE') AS usable
        FROM pg_catalog.pg_namespace s WHERE s.nspname !~ '^pg_') n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S') AND c.relpersistence <> 't' AND c.oid >= ${firstUserOid}
) AS t WHERE operations IS NOT NULL`;

const functions = `
SELECT p.oid, n.nspname AS schema, p.proname AS name, p.prosecdef AS security_definer, p.prokind::text AS kind,
  pg_catalog.pg_get_function_identity_arguments(p.oid) AS parameters, ${sha256(functionSource('p'))} AS source_hash
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname ${userNamespace}`;

/**
 * Operators of people and of extensions. Those of some extensions compute from their operands alone: being picked
 * instead of one of pg_catalog they show no more than it would (adr/0011).
 */
const operators = `
SELECT o.oprname AS name, pg_catalog.bool_and(EXISTS (
    SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
    WHERE d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND d.objid = o.oid
      AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
      AND e.extname IN (${list([...harmlessExtensions, 'postgis', 'vector'])}))) AS harmless
FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
WHERE n.nspname <> 'pg_catalog' GROUP BY o.oprname`;

/** Types that casts with functions made by people lead to or from; between the server's own types only its superusers make casts. */
const castTypes = `
SELECT DISTINCT x.type AS oid FROM pg_catalog.pg_cast c
CROSS JOIN LATERAL (VALUES (c.castsource), (c.casttarget)) AS x (type)
WHERE c.castfunc >= ${firstUserOid} AND x.type >= ${firstUserOid} AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  WHERE d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e')`;

const schemas = `SELECT n.nspname AS name FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_(toast_)?temp_'`;

/**
 * The search path that a new role starts with: the database's setting, else everyone's, else the server's.
 * The server's is what RESET would give this connection, unless its role has a setting of its own.
 */
const settings = `
WITH setting AS (
  SELECT s.setdatabase, s.setrole, pg_catalog.substr(c.entry, 13) AS path
  FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) AS c(entry)
  WHERE c.entry LIKE 'search\\_path=%'),
db AS (SELECT oid, datname FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
SELECT db.datname AS database, pg_catalog.current_setting('server_version_num')::int4 AS version_num,
  COALESCE(
    (SELECT path FROM setting WHERE setdatabase = db.oid AND setrole = 0),
    (SELECT path FROM setting WHERE setdatabase = 0 AND setrole = 0),
    (SELECT CASE WHEN EXISTS (SELECT FROM setting JOIN pg_catalog.pg_roles me ON me.oid = setrole
                              WHERE me.rolname = session_user) THEN g.boot_val ELSE g.reset_val END
     FROM pg_catalog.pg_settings g WHERE g.name = 'search_path')) AS search_path
FROM db`;

/** In the order in which they are sent, as one text and one round trip. */
export const catalogQueries = {
  settings,
  schemas,
  relations,
  columns,
  types,
  generatedSources,
  primaryKeys,
  triggers,
  rules,
  userExpressions,
  parents,
  ownedSequences,
  views,
  viewFacts,
  foreignKeys,
  ungrantable,
  functions,
  operators,
  castTypes,
} as const;

const digest = (source: string, content: string): string =>
  `(SELECT pg_catalog.concat(pg_catalog.count(*), ':', pg_catalog.sum(pg_catalog.hashtextextended(${content}, 0))) FROM ${source})`;

const rowVersions = (catalog: string): string =>
  digest(`pg_catalog.${catalog} x WHERE x.oid >= ${firstUserOid}`, `pg_catalog.concat(x.oid, ' ', x.xmin)`);

/**
 * One text that changes when the catalogue does. Tables, columns and schemas are taken by content, because the
 * agent's own grants rewrite their rows; the rest by row version.
 */
export const versionQuery = `SELECT pg_catalog.concat_ws(',',
${[
  digest(
    `pg_catalog.pg_class x WHERE x.oid >= ${firstUserOid} AND x.relpersistence <> 't' AND x.relkind IN ('r', 'v', 'm', 'f', 'p', 'S')`,
    `pg_catalog.concat_ws(' ', x.oid, x.relnamespace, x.relkind, x.relrowsecurity, x.relname, x.reloptions)`,
  ),
  digest(
    `pg_catalog.pg_attribute x JOIN pg_catalog.pg_class c ON c.oid = x.attrelid WHERE c.oid >= ${firstUserOid} AND c.relpersistence <> 't' AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND x.attnum > 0 AND NOT x.attisdropped`,
    `pg_catalog.concat_ws(' ', x.attrelid, x.attnum, x.atttypid, x.atttypmod, x.attnotnull, x.attgenerated, x.attname)`,
  ),
  digest(
    `pg_catalog.pg_namespace x WHERE x.nspname !~ '^pg_(toast_)?temp_'`,
    `pg_catalog.concat_ws(' ', x.oid, x.nspname)`,
  ),
  digest(`(${ungrantable}) x`, `pg_catalog.concat(x.oid, ' ', x.operations)`),
  digest(`pg_catalog.pg_inherits x`, `pg_catalog.concat_ws(' ', x.inhrelid, x.inhparent)`),
  digest(
    `pg_catalog.pg_type x WHERE x.oid >= ${firstUserOid} AND x.typtype <> 'c'`,
    `pg_catalog.concat(x.oid, ' ', x.xmin)`,
  ),
  digest(
    `pg_catalog.pg_db_role_setting x WHERE x.setrole = 0`,
    `pg_catalog.concat(x.setdatabase, ' ', x.setconfig)`,
  ),
  ...[
    'pg_proc',
    'pg_operator',
    'pg_cast',
    'pg_constraint',
    'pg_attrdef',
    'pg_policy',
    'pg_trigger',
    'pg_rewrite',
    'pg_extension',
  ].map(rowVersions),
].join(',\n')}) AS version`;
