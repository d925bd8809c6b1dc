import type { Logger } from '@daam/shared/base/logger';
import type { ErrorCode } from '@daam/shared/errors/codes';
import { type DropReason, dropReasons } from './routing/drop-reason.ts';
import { RelayMetrics } from './metrics.ts';

/** Everything worth telling about the relay: one function an event. Keys and counts, never payload. */
export class RelayEvents {
  readonly metrics = new RelayMetrics();
  readonly #logger: Logger;
  readonly #drops = new Map<DropReason, number>(dropReasons.map((reason) => [reason, 0]));

  constructor(options: { readonly logger: Logger }) {
    this.#logger = options.logger;
  }

  listening(url: string): void {
    this.#logger.info({ url }, 'relay listening');
  }

  peerAdmitted(key: string, peers: number): void {
    this.metrics.admitted(peers);
    this.#logger.info({ key, peers }, 'peer admitted');
  }

  peerLeft(key: string, left: { readonly closeCode: number; readonly peers: number }): void {
    const { closeCode, peers } = left;
    this.metrics.left(peers);
    this.#logger.info({ key, closeCode }, 'peer left');
  }

  peerRefused(address: string, code: ErrorCode): void {
    this.metrics.refused(code);
    this.#logger.warn({ address, code }, 'peer refused');
  }

  frameForwarded(bytes: number): void {
    this.metrics.forwarded(bytes);
  }

  frameDropped(reason: DropReason): void {
    this.metrics.dropped(reason);
    this.#drops.set(reason, this.dropped(reason) + 1);
  }

  /** How many frames were dropped for this reason since the start. */
  dropped(reason: DropReason): number {
    return this.#drops.get(reason) ?? 0;
  }
}
