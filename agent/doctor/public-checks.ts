import { quoteIdentifier, quoteQualified } from '@daam/shared/sql/quote';
import { cell, type ServerCheck } from './check.ts';

const ofUsers = (alias: string): string =>
  `${alias}.nspname NOT IN ('pg_catalog', 'information_schema') AND ${alias}.nspname !~ '^pg_(toast|temp)'`;

/** Not part of an extension: what PUBLIC may do with those is their authors' decision. */
const ownObject = (catalog: string, oid: string): string => `NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass AND x.objid = ${oid} AND x.deptype = 'e')`;

/** Checks of what PUBLIC may do: every session role may do it too, whatever the policies say. */
export const publicChecks: readonly ServerCheck[] = [
  {
    id: 'public-create',
    severity: 'critical',
    sql: `SELECT n.nspname AS schema FROM pg_catalog.pg_namespace n
WHERE ${ofUsers('n')} AND pg_catalog.has_schema_privilege('public', n.oid, 'CREATE')`,
    say: (row) => ({
      object: cell(row, 'schema'),
      message:
        'Every role may create objects in this schema: functions and operators that other people’s statements then use.',
      mend: `REVOKE CREATE ON SCHEMA ${quoteIdentifier(cell(row, 'schema'))} FROM PUBLIC;`,
    }),
  },
  {
    id: 'public-table',
    severity: 'critical',
    sql: `SELECT n.nspname AS schema, c.relname AS name, pg_catalog.string_agg(DISTINCT a.privilege_type, ', ') AS privileges
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT p.grantee, p.privilege_type FROM pg_catalog.aclexplode(c.relacl) p
  UNION ALL SELECT p.grantee, p.privilege_type FROM pg_catalog.pg_attribute t, pg_catalog.aclexplode(t.attacl) p
  WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL) a
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.grantee = 0 AND ${ofUsers('n')} AND ${ownObject('pg_class', 'c.oid')}
GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 200`,
    say: (row) => {
      const table = quoteQualified(cell(row, 'schema'), cell(row, 'name'));
      return {
        object: `${cell(row, 'schema')}.${cell(row, 'name')}`,
        message: `Every role may do this with the table, past every policy: ${cell(row, 'privileges')}.`,
        mend: `REVOKE ALL ON TABLE ${table} FROM PUBLIC;`,
      };
    },
  },
  {
    id: 'public-default-privileges',
    severity: 'warning',
    sql: `SELECT r.rolname AS role, COALESCE(n.nspname, '') AS schema
FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_roles r ON r.oid = d.defaclrole
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
WHERE d.defaclobjtype = 'r' AND EXISTS (SELECT FROM pg_catalog.aclexplode(d.defaclacl) a WHERE a.grantee = 0)`,
    say: (row) => {
      const schema = cell(row, 'schema');
      const within = schema === '' ? '' : ` IN SCHEMA ${quoteIdentifier(schema)}`;
      return {
        object: cell(row, 'role'),
        message: 'Tables that this role makes will be open to every role, past every policy.',
        mend: `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(cell(row, 'role'))}${within} REVOKE ALL ON TABLES FROM PUBLIC;`,
      };
    },
  },
  {
    id: 'public-security-definer',
    severity: 'critical',
    sql: `SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text AS function, p.prokind::pg_catalog.text AS kind
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND ${ofUsers('n')} AND p.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
  AND pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE') ORDER BY 1 LIMIT 200`,
    say: (row) => ({
      object: cell(row, 'function'),
      message:
        'It runs with its owner’s rights, and every role may call it. The gate refuses to, but code that a session brings along (DO) is past the gate.',
      mend: `REVOKE EXECUTE ON ${cell(row, 'kind') === 'p' ? 'PROCEDURE' : 'FUNCTION'} ${cell(row, 'function')} FROM PUBLIC;`,
    }),
  },
  {
    id: 'public-user-mapping',
    severity: 'critical',
    sql: `SELECT u.srvname AS server FROM pg_catalog.pg_user_mappings u WHERE u.umuser = 0`,
    say: (row) => ({
      object: cell(row, 'server'),
      message:
        'Every role may read the foreign server with the credential of this user mapping, where no mask holds.',
      mend: `DROP USER MAPPING FOR PUBLIC SERVER ${quoteIdentifier(cell(row, 'server'))};`,
    }),
  },
  {
    id: 'public-dblink',
    severity: 'warning',
    sql: `SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text AS function
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_depend d
  ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid AND d.deptype = 'e'
JOIN pg_catalog.pg_proc p ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.objid
WHERE e.extname = 'dblink' AND p.proname IN ('dblink', 'dblink_connect', 'dblink_exec')
  AND pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE') ORDER BY 1`,
    say: (row) => ({
      object: cell(row, 'function'),
      message:
        'Every role may open connections from the server, also back to itself. The gate refuses it; code that a session brings along (DO) is past the gate.',
      mend: `REVOKE EXECUTE ON FUNCTION ${cell(row, 'function')} FROM PUBLIC;`,
    }),
  },
  {
    id: 'public-temporary',
    severity: 'info',
    sql: `SELECT 1 WHERE pg_catalog.has_database_privilege('public', pg_catalog.current_database(), 'TEMP')`,
    say: (_row, { database }) => ({
      object: database,
      message:
        'Every role may make temporary tables. People want that; with it they can bring code along, which keeps their session from showing value masks.',
      mend: `REVOKE TEMPORARY ON DATABASE ${quoteIdentifier(database)} FROM PUBLIC;`,
    }),
  },
  {
    id: 'shadowed-operator',
    severity: 'info',
    sql: `SELECT DISTINCT n.nspname AS schema, o.oprname AS name FROM pg_catalog.pg_operator o
JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
WHERE ${ofUsers('n')} AND EXISTS (SELECT FROM pg_catalog.pg_operator b WHERE b.oprname = o.oprname
  AND b.oprnamespace = 'pg_catalog'::pg_catalog.regnamespace) ORDER BY 1, 2 LIMIT 50`,
    say: (row) => ({
      object: `${cell(row, 'schema')}.${cell(row, 'name')}`,
      message:
        'An operator of this name exists besides the built-in one: statements that write it without its schema show value masks as ***.',
      mend: null,
    }),
  },
];
