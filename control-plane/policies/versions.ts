import type { PolicyBody } from '@daam/shared/policy/document';
import type { Database } from '../db/entities/database.ts';
import { decodeCursor, pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';

interface VersionRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly document: PolicyBody;
  readonly author_id: string | null;
  readonly author_email: string | null;
  readonly comment: string;
  readonly at: string;
}

/** Every version of every policy of a database, or of one of them, newest first. */
export async function listVersions(
  scope: Scope,
  database: Database,
  {
    limit,
    after,
    policy,
  }: {
    readonly limit: number;
    readonly after?: string | undefined;
    readonly policy?: string | undefined;
  },
) {
  const cursor = decodeCursor(after, 3);
  const rows = await query<VersionRow[]>(
    scope.em,
    `select p.id, p.name, v.version, v.document, v.comment, u.id as author_id, u.email as author_email,
            to_char(v.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
       from policy_versions v
       join policies p on p.org_id = v.org_id and p.id = v.policy_id
       left join users u on u.org_id = v.org_id and u.id = v.author_id
      where v.org_id = ? and p.database_id = ? and (?::text is null or p.name = ?::text)
        and (?::timestamptz is null or (v.created_at, p.id, v.version) < (?::timestamptz, ?::uuid, ?::int))
      order by v.created_at desc, p.id desc, v.version desc
      limit ?`,
    [
      scope.org,
      database.id,
      policy ?? null,
      policy ?? null,
      cursor?.[0] ?? null,
      ...(cursor ?? [null, null, null]),
      limit + 1,
    ],
  );
  return pageFrom(rows, limit, {
    show: (row) => ({
      policy: { id: row.id, name: row.name },
      version: row.version,
      document: { ...row.document },
      author: row.author_id && row.author_email ? { id: row.author_id, email: row.author_email } : null,
      comment: row.comment,
      createdAt: row.at,
    }),
    cursorOf: (row) => [row.at, row.id, row.version],
  });
}
