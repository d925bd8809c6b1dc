import { query } from '../db/query.ts';
import type { Store } from '../db/store.ts';

/** Months that are there before they begin. */
const monthsAhead = 3;

/**
 * Makes this month's tables and those of the next months, where they are missing. Any replica may at any
 * time: they wait for each other. Answers how many were made.
 */
export async function ensurePartitions(store: Store): Promise<number> {
  return await store.em().transactional(async (em) => {
    const [row] = await query<{ made: number }[]>(
      em,
      'select audit_ensure_partitions(now(), ?::integer) as made',
      [monthsAhead],
    );
    return row?.made ?? 0;
  });
}
