import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';

/** Ends API tokens: one, or those that were made with a device or a passkey, and all that were made with these in turn. */
export async function revokeApiTokens(
  scope: Scope,
  root: { readonly by: 'id' | 'device_id' | 'passkey_id'; readonly id: string },
  now: number,
): Promise<void> {
  await query(
    scope.em,
    `with recursive ended (id) as (
       select id from api_tokens where org_id = ? and ${root.by} = ?
       union
       select t.id from api_tokens t join ended e on t.parent_id = e.id where t.org_id = ?
     )
     update api_tokens set revoked_at = ? where id in (select id from ended) and org_id = ? and revoked_at is null`,
    [scope.org, root.id, scope.org, new Date(now), scope.org],
  );
}
