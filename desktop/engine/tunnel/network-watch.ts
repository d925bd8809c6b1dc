/**
 * Notices that the machine has slept or is on another network: after either, UDP sockets and the relay's connection are
 * dead without knowing. It looks at the clock and at the interfaces from time to time, which works on every system.
 */
import { networkInterfaces } from 'node:os';
import type { Clock } from '@daam/shared/base/clock';

/** How often to look, and how much later than that means that the machine slept. Milliseconds. */
export const lookEveryMs = 5_000;
export const sleptAfterMs = 20_000;

export type NetworkChange = 'resumed' | 'network';

export interface NetworkWatchOptions {
  readonly clock: Clock;
  /** A text that differs when the addresses of this machine differ. */
  readonly addresses?: () => string;
  readonly onChange: (change: NetworkChange) => void;
}

export class NetworkWatch implements Disposable {
  readonly #options: NetworkWatchOptions;
  readonly #addresses: () => string;
  #lookedAt: number;
  #before: string;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: NetworkWatchOptions) {
    this.#options = options;
    this.#addresses = options.addresses ?? machineAddresses;
    this.#lookedAt = options.clock.now();
    this.#before = this.#addresses();
  }

  /** Looks from now on by itself. */
  start(): void {
    this.#timer ??= setInterval(() => this.look(), lookEveryMs).unref();
  }

  /** Looks once, and tells what changed since the last time. */
  look(): void {
    const now = this.#options.clock.now();
    const addresses = this.#addresses();
    const hasSlept = now - this.#lookedAt > sleptAfterMs;
    const hasMoved = addresses !== this.#before;
    this.#lookedAt = now;
    this.#before = addresses;
    if (hasSlept) this.#options.onChange('resumed');
    else if (hasMoved) this.#options.onChange('network');
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** Addresses that lead anywhere: no loopback, no link-local ones, which come and go with every docking station. */
function machineAddresses(): string {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address)
    .sort()
    .join(' ');
}
