/**
 * Sealed knocks between the sidecar, which hands them in as fast as they come, and the door, which computes: few at once,
 * a bounded number waiting, few of one key, and none of a key that failed too often this minute.
 */
import { maxSealedBytes } from '@daam/shared/identity/sealed';
import type { FailureCounter } from './failure-counter.ts';

/** Why a knock was not even looked at. */
export type KnockDrop = 'too-large' | 'barred' | 'key-queue' | 'queue';

export interface KnockQueueOptions {
  /** Opens a knock: the sealed answer, or null for silence. Never throws. */
  readonly take: (key: string, sealed: Buffer) => Promise<Buffer | null>;
  readonly answer: (key: string, sealed: Buffer) => Promise<void>;
  readonly failures: FailureCounter;
  readonly onDropped: (drop: KnockDrop) => void;
  /** Waiting at once, altogether and of one key, and computed at once. Default 1,024, 4 and 8. */
  readonly maxWaiting?: number;
  readonly maxOfKey?: number;
  readonly maxRunning?: number;
}

interface Waiting {
  readonly key: string;
  readonly sealed: Buffer;
}

export class KnockQueue {
  readonly #options: KnockQueueOptions;
  readonly #waiting: Waiting[] = [];
  readonly #byKey = new Map<string, number>();
  #running = 0;

  constructor(options: KnockQueueOptions) {
    this.#options = options;
  }

  /** Takes what the sidecar handed in: the key that the relay proved, and the payload in base64url. */
  push(key: string, payload: string): void {
    const drop = this.#refuses(key, payload);
    if (drop !== null) return this.#options.onDropped(drop);
    this.#byKey.set(key, (this.#byKey.get(key) ?? 0) + 1);
    this.#waiting.push({ key, sealed: Buffer.from(payload, 'base64url') });
    this.#next();
  }

  #refuses(key: string, payload: string): KnockDrop | null {
    const { maxWaiting = 1_024, maxOfKey = 4, failures } = this.#options;
    if (payload.length > Math.ceil((maxSealedBytes * 4) / 3)) return 'too-large';
    if (failures.isBarred(key)) return 'barred';
    if ((this.#byKey.get(key) ?? 0) >= maxOfKey) return 'key-queue';
    return this.#waiting.length >= maxWaiting ? 'queue' : null;
  }

  #next(): void {
    if (this.#running >= (this.#options.maxRunning ?? 8)) return;
    const knock = this.#waiting.shift();
    if (knock === undefined) return;
    this.#running += 1;
    void this.#run(knock).finally(() => {
      this.#running -= 1;
      const left = (this.#byKey.get(knock.key) ?? 1) - 1;
      if (left > 0) this.#byKey.set(knock.key, left);
      else this.#byKey.delete(knock.key);
      this.#next();
    });
  }

  async #run({ key, sealed }: Waiting): Promise<void> {
    const answer = await this.#options.take(key, sealed);
    // Without its answer the device knocks again.
    if (answer !== null) await this.#options.answer(key, answer).catch(() => {});
  }
}
