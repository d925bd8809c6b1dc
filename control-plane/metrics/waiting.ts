import { query } from '../db/query.ts';
import { systemScope } from '../db/scope.ts';
import type { Store } from '../db/store.ts';

/** Counted no further than this: more is as bad. */
const most = 100_000;

/** What waits to go out, in all organizations; null when the database does not answer. */
export async function readWaiting(
  store: Store,
): Promise<{ readonly webhooks: number; readonly mail: number } | null> {
  try {
    const [webhooks, mail] = [
      await count(store, 'webhooks', 'webhook_deliveries'),
      await count(store, 'mail', 'mail_messages'),
    ];
    return { webhooks, mail };
  } catch {
    return null;
  }
}

async function count(
  store: Store,
  scope: 'webhooks' | 'mail',
  table: 'webhook_deliveries' | 'mail_messages',
): Promise<number> {
  const [row] = await query<{ count: number }[]>(
    systemScope(store, scope),
    `select count(*)::int as count from (select 1 from ${table} where state = 'pending' limit ${most}) waiting`,
  );
  return row?.count ?? 0;
}
