import type { Taint, Tier } from '@daam/shared/sql/verdict';

/** Why value masks are not to be had now; null: they are. */
export type NoElevation =
  /** The organization or the agent's own configuration switched elevation off. */
  | 'switched-off'
  /** The agent looked what the session holds, and found what it cannot account for. */
  | 'left-behind'
  | Taint;

/**
 * The taint latch of one session (enforcement.md 4): which tier its role is in, and whether it may be elevated.
 *
 * Elevation is safe only while no user-written code can run. A statement that runs code written before the session
 * (a function, a trigger) keeps the session in base until its transaction is over. One that can plant code of its
 * own (DO, CREATE, a cursor over opaque SQL) keeps it there until the client's DISCARD ALL. Neither end is taken on
 * trust: before the next elevation the agent looks what the session still holds (inspection.ts, adr/0010).
 */
export class Latch {
  #tier: 'base' | 'elevated' = 'base';
  #taint: Taint | null = null;
  #isEnabled: boolean;
  #mustInspect: 'after-transaction' | 'after-discard' | null = null;
  #isLeftBehind = false;
  #serial = 0;
  #commitsInBase = false;

  /** `enabled` false: elevation is switched off, and every statement runs in base. */
  constructor({ enabled }: { readonly enabled: boolean }) {
    this.#isEnabled = enabled;
  }

  get tier(): 'base' | 'elevated' {
    return this.#tier;
  }

  get taint(): Taint | null {
    return this.#taint;
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** A masked table was written in the open transaction: triggers that wait for its end run in base. */
  get commitsInBase(): boolean {
    return this.#commitsInBase;
  }

  /** Called before such a write is forwarded. */
  wroteMasked(): void {
    this.#commitsInBase = true;
  }

  /** Counts the taints: tells whether one came after a DISCARD ALL was sent. */
  get serial(): number {
    return this.#serial;
  }

  /** What has ended and not been looked at yet; until then nothing may be elevated. */
  get mustInspect(): 'after-transaction' | 'after-discard' | null {
    return this.#mustInspect;
  }

  /**
   * Whether a statement that needs raw values may be decided as such now. True also while an inspection is owed:
   * it is made when the first such statement comes, and that statement is then decided again.
   */
  get elevationAvailable(): boolean {
    return this.noElevation === null;
  }

  get noElevation(): NoElevation | null {
    if (!this.#isEnabled) return 'switched-off';
    if (this.#taint === 'session' && this.#isLeftBehind) return 'left-behind';
    return this.#taint;
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

  /** The switch was turned; the caller moves an elevated role to base. */
  setEnabled(enabled: boolean): void {
    this.#isEnabled = enabled;
  }

  /** Called before a tainting statement is forwarded. */
  tainted(taint: Taint): void {
    this.#serial += 1;
    if (taint === 'session') this.#isLeftBehind = false;
    if (this.#taint !== 'session') this.#taint = taint;
  }

  /** The server reported that no transaction is open and nothing is on its way: a transaction's taint ends. */
  transactionEnded(): void {
    this.#commitsInBase = false;
    if (this.#taint !== 'transaction') return;
    this.#taint = null;
    this.#mustInspect ??= 'after-transaction';
  }

  /** The server carried out a DISCARD ALL that was sent when `serial` was this. */
  discarded(serial: number): void {
    if (serial !== this.#serial || (this.#taint === null && this.#mustInspect === null)) return;
    this.#taint = null;
    this.#isLeftBehind = false;
    this.#mustInspect = 'after-discard';
  }

  /** The inspection's answer. What is left behind taints the session. */
  inspected(isClean: boolean): void {
    this.#mustInspect = null;
    if (isClean) return;
    this.#serial += 1;
    this.#taint = 'session';
    this.#isLeftBehind = true;
  }
}
