import type { RequestState } from '@daam/shared/api/routes/requests';

/**
 * The life of an access request, whole:
 *
 *   pending ─ approve → approved ─ start → active ─ end → expired
 *      │ escalate → pending (others may approve as well)
 *      │ deny → denied      │ lapse → expired │ revoke → revoked
 *      │ lapse → expired    │ revoke → revoked
 *      │ revoke → revoked
 *
 * `start`, `end`, `lapse` and `escalate` are taken by the clock (schedule.ts), everything else by people. A trigger of the
 * database holds the same lines (migration 0020).
 */
export type RequestStep = 'approve' | 'deny' | 'start' | 'end' | 'lapse' | 'escalate' | 'revoke';

const steps: Readonly<Record<RequestState, Partial<Record<RequestStep, RequestState>>>> = {
  pending: { approve: 'approved', deny: 'denied', lapse: 'expired', escalate: 'pending', revoke: 'revoked' },
  approved: { start: 'active', lapse: 'expired', revoke: 'revoked' },
  active: { end: 'expired', revoke: 'revoked' },
  expired: {},
  denied: {},
  revoked: {},
};

/** Where a step leads; null: there is no such step from here. */
export function nextState(state: RequestState, step: RequestStep): RequestState | null {
  return steps[state][step] ?? null;
}

/** The times of a request, in milliseconds since the Unix epoch. */
export interface RequestTimes {
  readonly state: RequestState;
  readonly pendingUntil: number;
  /** When others may approve as well; null: never, or they may already. */
  readonly escalatesAt: number | null;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
}

/** The step that the clock takes now; null: none. A window that nobody was there to open before its end is never opened. */
export function dueStep(
  { state, pendingUntil, escalatesAt, startsAt, endsAt }: RequestTimes,
  now: number,
): RequestStep | null {
  if (state === 'pending' && now < pendingUntil) {
    return escalatesAt !== null && now >= escalatesAt ? 'escalate' : null;
  }
  if (state === 'pending') return 'lapse';
  if (state === 'active') return endsAt === null || now >= endsAt ? 'end' : null;
  if (state !== 'approved') return null;
  if (startsAt === null || endsAt === null || now >= endsAt) return 'lapse';
  return now >= startsAt ? 'start' : null;
}

/** When the clock has to look at a request again; null: never. */
export function dueAt({ state, pendingUntil, escalatesAt, startsAt, endsAt }: RequestTimes): number | null {
  if (state === 'pending') return Math.min(pendingUntil, escalatesAt ?? pendingUntil);
  if (state === 'approved') return startsAt;
  return state === 'active' ? endsAt : null;
}

/** The window that an approval now opens: whole seconds, from now on or from the start that was asked for. */
export function windowOf(
  { minutes, startAt }: { readonly minutes: number; readonly startAt: number | null },
  now: number,
): { readonly startsAt: number; readonly endsAt: number } {
  const startsAt = Math.floor(Math.max(now, startAt ?? now) / 1000) * 1000;
  return { startsAt, endsAt: startsAt + minutes * 60_000 };
}
