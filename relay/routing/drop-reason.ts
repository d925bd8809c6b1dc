/** Why a frame did not reach anyone. */
export const dropReasons = ['queue-full', 'not-here', 'not-a-counterpart', 'rate-limited'] as const;
export type DropReason = (typeof dropReasons)[number];
