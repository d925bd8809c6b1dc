import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';

/** Decisions that are looked at, and how many it takes to say anything. */
const lastDecisions = 20;
const leastDecisions = 5;
const days = 90;

/**
 * What the last decisions on a database took, in minutes from the request to the denial or the last approval: the
 * median. Null for fewer than five. Emergencies and what opened by itself waited for nobody.
 */
export async function usualTime(
  scope: Scope,
  database: string,
  now: number,
): Promise<{ readonly minutes: number; readonly of: number } | null> {
  const [row] = await query<{ minutes: number | null; count: number }[]>(
    scope.em,
    `select percentile_cont(0.5) within group (order by minutes)::float8 as minutes, count(*)::int as count
       from (select extract(epoch from decided_at - created_at) / 60 as minutes
               from (select r.created_at, case when r.state = 'denied' then r.ended_at
                            when r.starts_at is not null then
                              (select max(a.at) from access_request_approvals a
                                where a.org_id = r.org_id and a.request_id = r.id) end as decided_at
                       from access_requests r
                      where r.org_id = ? and r.database_id = ? and not r.emergency and r.required > 0
                        and r.created_at > ?) decided
              where decided_at is not null order by decided_at desc limit ?) last`,
    [scope.org, database, new Date(now - days * 86_400_000), lastDecisions],
  );
  if (row === undefined || row.minutes === null || row.count < leastDecisions) return null;
  return { minutes: Math.round(row.minutes * 10) / 10, of: row.count };
}
