import { quoteIdentifier } from '@daam/shared/sql/quote';
import { cell, type ServerCheck } from './check.ts';

/** Checks of the agent's own role and of roles that agents made. */
export const roleChecks: readonly ServerCheck[] = [
  {
    id: 'agent-superuser',
    severity: 'warning',
    sql: 'SELECT 1 FROM pg_catalog.pg_roles r WHERE r.rolname = current_user AND r.rolsuper',
    say: (_row, { role }) => ({
      object: role,
      message:
        'The agent signs in as a superuser. It needs CREATEROLE and, on the tables of the policies, privileges WITH GRANT OPTION; with less it can do less harm.',
      mend: `ALTER ROLE ${quoteIdentifier(role)} NOSUPERUSER CREATEROLE; -- then the GRANT … WITH GRANT OPTION that this report asks for`,
    }),
  },
  {
    id: 'agent-bypasses-row-security',
    severity: 'info',
    sql: 'SELECT 1 FROM pg_catalog.pg_roles r WHERE r.rolname = current_user AND r.rolbypassrls AND NOT r.rolsuper',
    say: (_row, { role }) => ({
      object: role,
      message: 'The agent’s role bypasses row security. Its sessions do not, and the agent does not need it.',
      mend: `ALTER ROLE ${quoteIdentifier(role)} NOBYPASSRLS;`,
    }),
  },
  {
    id: 'orphan-session-role',
    severity: 'warning',
    sql: `SELECT r.rolname AS role, r.rolcanlogin AND COALESCE(r.rolvaliduntil > pg_catalog.now(), true) AS may_login
FROM pg_catalog.pg_roles r WHERE r.rolname ~ '^daam_s_[0-9a-f]{8}_'
  AND COALESCE(r.rolvaliduntil, 'infinity') < pg_catalog.now() - '1 minute'::pg_catalog.interval
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.usename = r.rolname)
LIMIT 100`,
    say: (row) => ({
      object: cell(row, 'role'),
      message:
        'The role was made for a session that is over. Its own agent removes it within a minute of its next start; an agent that is gone does not.',
      mend: dropRole(cell(row, 'role')),
    }),
  },
  {
    id: 'orphan-group-role',
    severity: 'info',
    sql: `SELECT r.rolname AS role FROM pg_catalog.pg_roles r WHERE r.rolname ~ '^daam_[px]_[0-9a-f]{8}_'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles s WHERE s.rolname LIKE 'daam\\_s\\_' || pg_catalog.substr(r.rolname::pg_catalog.text, 8, 8) || '\\_%') LIMIT 100`,
    say: (row, { agentTag }) => {
      const role = cell(row, 'role');
      if (agentTag !== null && role.slice(7, 15) === agentTag) return null;
      return {
        object: role,
        message:
          'The role carries the privileges of a policy of another agent, which has no session now. If that agent is gone for good, remove it.',
        mend: dropRole(role),
      };
    },
  },
];

function dropRole(role: string): string {
  const name = quoteIdentifier(role);
  return `DROP OWNED BY ${name}; DROP ROLE ${name};`;
}
