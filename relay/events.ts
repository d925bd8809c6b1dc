import type { Logger } from '@daam/shared/base/logger';
import type { ErrorCode } from '@daam/shared/errors/codes';

/** Why a frame did not reach anyone. */
export const dropReasons = ['queue-full', 'not-here', 'not-a-counterpart'] as const;
export type DropReason = (typeof dropReasons)[number];

/** Everything worth telling about the relay: one function an event. Keys and counts, never payload. */
export class RelayEvents {
  readonly #logger: Logger;
  readonly #drops = new Map<DropReason, number>(dropReasons.map((reason) => [reason, 0]));

  constructor(options: { readonly logger: Logger }) {
    this.#logger = options.logger;
  }

  listening(url: string): void {
    this.#logger.info({ url }, 'relay listening');
  }

  peerAdmitted(key: string, peers: number): void {
    this.#logger.info({ key, peers }, 'peer admitted');
  }

  peerLeft(key: string, closeCode: number): void {
    this.#logger.info({ key, closeCode }, 'peer left');
  }

  peerRefused(address: string, code: ErrorCode): void {
    this.#logger.warn({ address, code }, 'peer refused');
  }

  frameDropped(reason: DropReason): void {
    this.#drops.set(reason, this.dropped(reason) + 1);
  }

  /** How many frames were dropped for this reason since the start. */
  dropped(reason: DropReason): number {
    return this.#drops.get(reason) ?? 0;
  }
}
