import type { TemporaryAccess } from '@daam/shared/policy/temporary-access';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';

/** A window that is open: what somebody has besides their policies, and until when. */
export interface OpenWindow {
  readonly request: string;
  readonly user: string;
  readonly email: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Id of the policy that was asked for; null for an ad-hoc request. */
  readonly policy: string | null;
  readonly access: TemporaryAccess | null;
  /** Seconds since the Unix epoch. */
  readonly until: number;
}

/**
 * The open windows on a database, of people who are not disabled; those that end first come first. By their state
 * alone, whatever the time: at one epoch a database has one bundle, and the agent looks at `until` itself.
 */
export async function openWindows(scope: Scope, database: string): Promise<readonly OpenWindow[]> {
  const rows = await query<(Omit<OpenWindow, 'until'> & { until: string | number })[]>(
    scope.em,
    `select r.id as request, u.id as "user", u.email, u.attributes, r.granted_policy_id as policy,
            r.granted_access as access, extract(epoch from r.ends_at)::bigint as until
       from access_requests r join users u on u.org_id = r.org_id and u.id = r.user_id
      where r.org_id = ? and r.database_id = ? and r.state = 'active' and u.disabled_at is null
      order by r.ends_at, r.id`,
    [scope.org, database],
  );
  return rows.map((row) => ({ ...row, until: Number(row.until) }));
}

/** The databases on which somebody has a window open, and what to call it, by database id. */
export async function windowsOfUser(
  scope: Scope,
  user: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await query<{ database: string; requests: string[] }[]>(
    scope.em,
    `select database_id as database, json_agg(id order by id) as requests from access_requests
      where org_id = ? and user_id = ? and state = 'active' group by database_id`,
    [scope.org, user],
  );
  return new Map(rows.map(({ database, requests }) => [database, requests.map(requestName)]));
}

/** What refusals, explanations and lists call a request: `request 1a2b3c4d`. */
export function requestName(id: string): string {
  return `request ${id.slice(0, 8)}`;
}
