import { quoteIdentifier } from '@daam/shared/sql/quote';
import { cell, type ServerCheck } from './check.ts';

/** The first releases without known ways around column privileges: CVE-2025-8713, CVE-2024-4317, CVE-2021-3393, … */
const minimumMinors: Readonly<Record<number, number>> = { 13: 22, 14: 19, 15: 14, 16: 10, 17: 6 };

/** Checks of the server, its settings and who gets in. */
export const serverChecks: readonly ServerCheck[] = [
  {
    id: 'server-minor',
    severity: 'critical',
    sql: `SELECT pg_catalog.current_setting('server_version') AS version,
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS number`,
    say: (row, { major }) => {
      const least = minimumMinors[major] ?? 0;
      if (Number(row['number']) % 10_000 >= least) return null;
      return {
        object: null,
        message: `PostgreSQL ${cell(row, 'version')} shows planner statistics and rows in errors that a role may not read (CVE-2025-8713 and others). Update to ${major}.${least} or later.`,
        mend: null,
      };
    },
  },
  {
    id: 'server-encoding',
    severity: 'critical',
    sql: `SELECT pg_catalog.current_setting('server_encoding') AS encoding
WHERE pg_catalog.current_setting('server_encoding') <> 'UTF8'`,
    say: (row, { database }) => ({
      object: database,
      message: `The database is encoded in ${cell(row, 'encoding')}. Names and texts may then mean something else to the server than to the agent.`,
      mend: `CREATE DATABASE ${quoteIdentifier(`${database}_utf8`)} ENCODING 'UTF8' TEMPLATE template0; -- and move the data there`,
    }),
  },
  {
    id: 'standard-conforming-strings',
    severity: 'critical',
    // the doctor itself has it on: what counts is what a new session starts with
    sql: `SELECT 1 FROM pg_catalog.pg_settings g WHERE g.name = 'standard_conforming_strings' AND (g.reset_val <> 'on'
   OR EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) AS c(entry)
              WHERE s.setrole = 0 AND c.entry ~* '^standard_conforming_strings=(off|false|no|0)'
                AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d
                                          WHERE d.datname = pg_catalog.current_database()))))`,
    say: (_row, { database }) => ({
      object: database,
      message:
        'standard_conforming_strings is off: a backslash in a string then ends it elsewhere for the server than for the agent. Sessions are refused.',
      mend: `ALTER DATABASE ${quoteIdentifier(database)} SET standard_conforming_strings = on;`,
    }),
  },
  {
    id: 'standby',
    severity: 'critical',
    sql: 'SELECT 1 WHERE pg_catalog.pg_is_in_recovery()',
    say: () => ({
      object: null,
      message: 'The server is a standby: roles cannot be made on it. Point the agent at the primary.',
      mend: null,
    }),
  },
  {
    id: 'hba-trust',
    severity: 'critical',
    sql: `SELECT h.line_number::pg_catalog.text AS line, h.type, pg_catalog.array_to_string(h.user_name, ',') AS users,
  COALESCE(h.address, '') AS address
FROM pg_catalog.pg_hba_file_rules() h WHERE h.auth_method = 'trust'
  AND (h.database && ARRAY['all', 'sameuser', 'samerole', pg_catalog.current_database()]::pg_catalog.text[])`,
    say: (row) => ({
      object: `pg_hba.conf line ${cell(row, 'line')}`,
      message: `Whoever reaches the server (${`${cell(row, 'type')} ${cell(row, 'address')}`.trim()}) may sign in as ${cell(row, 'users')} without a password, past the agent.`,
      mend: null,
    }),
  },
  {
    id: 'hba-others',
    severity: 'info',
    sql: `SELECT pg_catalog.string_agg(h.line_number::pg_catalog.text, ', ' ORDER BY h.line_number) AS lines
FROM pg_catalog.pg_hba_file_rules() h
WHERE h.type LIKE 'host%' AND h.auth_method NOT IN ('reject', 'trust')
  AND COALESCE(h.address, '') NOT IN ('127.0.0.1', '::1', 'samehost') AND NOT 'replication' = ANY (h.database)
HAVING pg_catalog.count(*) > 0`,
    say: (row) => ({
      object: `pg_hba.conf line ${cell(row, 'lines')}`,
      message:
        'People with a password of their own can sign in from other machines, past the agent. Let in only the address of the agent.',
      mend: null,
    }),
  },
  {
    id: 'logged-parameters',
    severity: 'warning',
    sql: `SELECT pg_catalog.string_agg(s.name, ', ' ORDER BY s.name) AS names FROM pg_catalog.pg_settings s
WHERE (s.name = 'log_statement' AND s.setting NOT IN ('none', 'ddl'))
   OR (s.name IN ('log_min_duration_statement', 'log_min_duration_sample') AND s.setting <> '-1')
   OR (s.name = 'log_parameter_max_length_on_error' AND s.setting <> '0')
HAVING pg_catalog.count(*) > 0`,
    say: (row) => ({
      object: null,
      message: `The server’s log keeps statements as they were rewritten, with their literals and parameters, the key of pseudonyms among them (${cell(row, 'names')}). Guard it like the data.`,
      mend: 'ALTER SYSTEM SET log_parameter_max_length = 0; SELECT pg_reload_conf();',
    }),
  },
  {
    id: 'statement-statistics',
    severity: 'info',
    sql: `SELECT n.nspname AS schema FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'`,
    say: () => ({
      object: 'pg_stat_statements',
      message:
        'Statements are shown as they were rewritten: whoever may read pg_stat_statements sees which columns are masked and how.',
      mend: null,
    }),
  },
  {
    id: 'large-objects',
    severity: 'warning',
    sql: `SELECT 1 WHERE pg_catalog.current_setting('lo_compat_privileges') = 'on'`,
    say: () => ({
      object: null,
      message: 'lo_compat_privileges is on: every role may read every large object.',
      mend: 'ALTER SYSTEM SET lo_compat_privileges = off; SELECT pg_reload_conf();',
    }),
  },
  {
    id: 'event-triggers',
    severity: 'info',
    sql: `SELECT t.evtname AS name FROM pg_catalog.pg_event_trigger t WHERE t.evtenabled <> 'D'`,
    say: (row) => ({
      object: cell(row, 'name'),
      message:
        'The event trigger also runs when the agent makes and drops its roles’ privileges, and when a session makes a temporary table.',
      mend: null,
    }),
  },
];
