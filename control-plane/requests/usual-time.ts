import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';

/** Decisions that are looked at, and how many it takes to say anything. */
const lastDecisions = 20;
const leastDecisions = 5;
const days = 90;

interface UsualTime {
  readonly minutes: number;
  readonly of: number;
}

/** What decisions on a database usually take (`usualTimes`); null: too few to tell. */
export async function usualTime(scope: Scope, database: string, now: number): Promise<UsualTime | null> {
  return (await usualTimes(scope, [database], now)).get(database) ?? null;
}

/**
 * What the last decisions on each database took, in minutes from the request to the denial or the last approval: the
 * median. None for fewer than five. Emergencies and what opened by itself waited for nobody.
 */
export async function usualTimes(
  scope: Scope,
  databases: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, UsualTime>> {
  const rows = await query<{ database: string; minutes: number; count: number }[]>(
    scope.em,
    `select database_id as database, count(*)::int as count,
            percentile_cont(0.5) within group (order by minutes)::float8 as minutes
       from (select database_id, extract(epoch from decided_at - created_at) / 60 as minutes,
                    row_number() over (partition by database_id order by decided_at desc) as place
               from (select r.database_id, r.created_at, case when r.state = 'denied' then r.ended_at
                            when r.starts_at is not null then
                              (select max(a.at) from access_request_approvals a
                                where a.org_id = r.org_id and a.request_id = r.id) end as decided_at
                       from access_requests r
                      where r.org_id = ? and r.database_id = any(?::uuid[]) and not r.emergency
                        and r.required > 0 and r.created_at > ?) decided
              where decided_at is not null) last
      where place <= ? group by database_id having count(*) >= ?`,
    [scope.org, databases, new Date(now - days * 86_400_000), lastDecisions, leastDecisions],
  );
  return new Map(
    rows.map(({ database, minutes, count: of }) => [
      database,
      { minutes: Math.round(minutes * 10) / 10, of },
    ]),
  );
}
