/** When something issued for a time should be renewed, and whether it still holds. All in milliseconds. */
interface Lifetime {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Less than this left counts as expired: a document must survive its way to the agent and clocks that differ a bit. */
export const expiryMarginMs = 5_000;

/** Two thirds of the lifetime: a third is left to survive an outage. */
export function renewAt({ issuedAt, expiresAt }: Lifetime): number {
  return issuedAt + ((expiresAt - issuedAt) * 2) / 3;
}

export function isDue(lifetime: Lifetime, now: number): boolean {
  return now >= renewAt(lifetime);
}

export function isUsable(lifetime: Lifetime, now: number): boolean {
  return now < lifetime.expiresAt - expiryMarginMs;
}
