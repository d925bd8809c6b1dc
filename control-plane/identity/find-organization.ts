import { randomUUID } from 'node:crypto';
import { asId, isUuid, type OrgId } from '@daam/shared/domain/ids';
import { query } from '../db/query.ts';
import type { Em } from '../db/store.ts';
import type { Person } from '../http/call.ts';

/**
 * Whose person signs in: the organization that was named, else that of the browser's session, else the only one. A name
 * that does not exist gives an id that does not exist: the ceremony runs, and fails as it does with a wrong passkey, so
 * that names cannot be tried out. Null: there are several, and one must be named.
 */
export async function organizationToSignIn(
  em: Em,
  asked: { readonly ref: string | null; readonly caller: Person | null },
): Promise<{ readonly id: string; readonly org: OrgId | null } | null> {
  if (asked.ref !== null && asked.ref !== '') {
    const column = isUuid(asked.ref) ? 'id' : 'name';
    const [row] = await query<{ id: string }[]>(em, `select id from organizations where ${column} = ?`, [
      asked.ref,
    ]);
    return row === undefined ? { id: randomUUID(), org: null } : { id: row.id, org: asId<OrgId>(row.id) };
  }
  if (asked.caller !== null) return { id: asked.caller.org, org: asked.caller.org };
  const rows = await query<{ id: string }[]>(em, 'select id from organizations limit 2');
  const only = rows.length === 1 ? rows[0] : undefined;
  return only === undefined ? null : { id: only.id, org: asId<OrgId>(only.id) };
}
