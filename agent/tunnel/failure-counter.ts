import { addressBlock } from '@daam/shared/base/address-block';

/** Counts refused knocks by address (of IPv6, by /64), in fixed windows of bounded size, so that guessing has a price. */
export class FailureCounter {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #maxAddresses: number;
  readonly #now: () => number;
  readonly #windows = new Map<string, { since: number; count: number }>();

  constructor(options: {
    /** Failures within one window after which an address is barred until the window ends. */
    readonly limit: number;
    readonly windowMs: number;
    readonly maxAddresses: number;
    readonly now: () => number;
  }) {
    this.#limit = options.limit;
    this.#windowMs = options.windowMs;
    this.#maxAddresses = options.maxAddresses;
    this.#now = options.now;
  }

  /** Notes one failure and returns how many this window holds for the address. */
  add(address: string): number {
    const current = this.#current(address);
    if (current !== undefined) {
      current.count += 1;
      return current.count;
    }
    if (this.#windows.size >= this.#maxAddresses) this.#forgetOldest();
    this.#windows.set(addressBlock(address), { since: this.#now(), count: 1 });
    return 1;
  }

  /**
   * Whether the address must wait. Loopback addresses never do: every user of the machine shares them, and one of
   * them could lock out all the others.
   */
  isBarred(address: string): boolean {
    return !isLoopback(address) && (this.#current(address)?.count ?? 0) >= this.#limit;
  }

  #current(address: string): { since: number; count: number } | undefined {
    const block = addressBlock(address);
    const window = this.#windows.get(block);
    if (window === undefined) return undefined;
    if (this.#now() - window.since < this.#windowMs) return window;
    this.#windows.delete(block);
    return undefined;
  }

  #forgetOldest(): void {
    const oldest = this.#windows.keys().next();
    if (oldest.done !== true) this.#windows.delete(oldest.value);
  }
}

/** 127.0.0.0/8, ::1, and the former mapped into IPv6 (RFC 4291 section 2.5.5.2). */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}
