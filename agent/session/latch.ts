import type { Taint, Tier } from '@daam/shared/sql/verdict';

/**
 * The taint latch of one session: which tier its role is in, and whether it may ever be elevated.
 *
 * Elevation is safe only while no user-written code can run. A statement that runs code written before the
 * session (a trigger) keeps the session in base until its transaction ends; anything that can plant code of
 * its own (DO, CREATE, functions that the gate does not know) ends elevation for the rest of the session.
 */
export class Latch {
  #tier: 'base' | 'elevated' = 'base';
  #taint: Taint | null = null;
  readonly #enabled: boolean;

  /** `enabled` false: the organization switched elevation off, and every statement runs in base. */
  constructor({ enabled }: { readonly enabled: boolean }) {
    this.#enabled = enabled;
  }

  get tier(): 'base' | 'elevated' {
    return this.#tier;
  }

  get taint(): Taint | null {
    return this.#taint;
  }

  /** Whether a statement that needs raw values may be decided as such now. */
  get elevationAvailable(): boolean {
    return this.#enabled && this.#taint === null;
  }

  /** True when the role's tier must change before a statement of this tier may run. */
  mustChange(tier: Tier): boolean {
    switch (tier) {
      case 'either':
        return false;
      case 'elevated':
        return this.#tier !== 'elevated';
      case 'base':
        return this.#tier !== 'base';
      default:
        return tier satisfies never;
    }
  }

  moved(tier: 'base' | 'elevated'): void {
    this.#tier = tier;
  }

  /** Called before a tainting statement is forwarded. The session's taint is never undone. */
  tainted(taint: Taint): void {
    if (this.#taint !== 'session') this.#taint = taint;
  }

  /** The server reported that no transaction is open and nothing is on its way: a transaction's taint ends. */
  transactionEnded(): void {
    if (this.#taint === 'transaction') this.#taint = null;
  }
}
