import type { RequestView } from '@daam/shared/api/routes/requests';

/** The window of mine that is open on a database and ends first; `endsAt` in milliseconds. Null: none is open. */
export function endingAccess(
  requests: readonly Pick<RequestView, 'id' | 'state' | 'database' | 'window'>[],
  database: string,
  now: number,
): { readonly request: string; readonly endsAt: number } | null {
  let first: { readonly request: string; readonly endsAt: number } | null = null;
  for (const { id, state, window, ...of } of requests) {
    if (state !== 'active' || of.database.name !== database || window === null) continue;
    const endsAt = Date.parse(window.endsAt);
    if (endsAt > now && (first === null || endsAt < first.endsAt)) first = { request: id, endsAt };
  }
  return first;
}
