import { AppError } from '@daam/shared/errors/app-error';
import { decodeCursor, pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Call } from '../http/call.ts';

type Time = Date | string;

interface DeliveryRow {
  readonly id: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly created_at: Time;
  readonly next_attempt_at: Time | null;
  readonly event: { readonly id: string; readonly type: string; readonly at: Time };
  readonly tries: readonly {
    readonly at: Time;
    readonly tookMs: number;
    readonly status: number | null;
    readonly failure: string | null;
  }[];
}

const select = `
select d.id, d.state, d.created_at, d.next_attempt_at,
       json_build_object('id', e.id, 'type', e.type, 'at', e.at) as event,
       coalesce((select json_agg(json_build_object('at', a.at, 'tookMs', a.took_ms, 'status', a.status,
                                                   'failure', a.failure) order by a.number)
          from webhook_attempts a where a.org_id = d.org_id and a.delivery_id = d.id), '[]') as tries
  from webhook_deliveries d
  join webhook_events e on e.org_id = d.org_id and e.id = d.event_id
 where d.org_id = ? and d.webhook_id = ?`;

/** The delivery log of a webhook, newest first. */
export async function listDeliveries(
  scope: Scope,
  webhook: string,
  { limit, after, state }: Call<'listWebhookDeliveries'>['query'],
) {
  const cursor = decodeCursor(after, 2);
  const rows = await query<DeliveryRow[]>(
    scope.em,
    `${select} and (?::text is null or d.state = ?)
       and (?::timestamptz is null or (d.created_at, d.id) < (?::timestamptz, ?::uuid))
     order by d.created_at desc, d.id desc limit ?`,
    [
      scope.org,
      webhook,
      state ?? null,
      state ?? null,
      cursor?.[0] ?? null,
      ...(cursor ?? [null, null]),
      limit + 1,
    ],
  );
  return pageFrom(rows, limit, { show, cursorOf: (row) => [iso(row.created_at), row.id] });
}

/** One of them; NOT_FOUND when the webhook has no such delivery. */
export async function findDelivery(
  scope: Scope,
  { webhook, delivery }: { readonly webhook: string; readonly delivery: string },
) {
  const [row] = await query<DeliveryRow[]>(scope.em, `${select} and d.id = ?`, [
    scope.org,
    webhook,
    delivery,
  ]);
  if (row === undefined) throw new AppError('NOT_FOUND', { message: 'There is no such delivery.' });
  return show(row);
}

function show({ id, state, event, created_at, next_attempt_at, tries }: DeliveryRow) {
  return {
    id,
    event: { ...event, at: iso(event.at) },
    state,
    createdAt: iso(created_at),
    nextAttemptAt: next_attempt_at === null ? null : iso(next_attempt_at),
    attempts: tries.map((attempt) => ({ ...attempt, at: iso(attempt.at) })),
  };
}

function iso(time: Time): string {
  return new Date(time).toISOString();
}
