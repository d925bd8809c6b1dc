import type { Clock } from '@daam/shared/base/clock';
import { type Held, nextNoticeAt } from './sign-in-notice.ts';

/** The longest wait that a timer can be set to, in milliseconds. */
const longestWaitMs = 2 ** 31 - 1;

export interface NoticeWatchOptions {
  /** Who is signed in, and until when. */
  readonly held: () => Promise<Held>;
  readonly clock: Clock;
  /** What a person should hear about the end of their sign-in is another thing now. */
  readonly onChange: () => void;
}

/** Waits for the end of a sign-in, so that whoever shows it need not ask again and again. */
export class NoticeWatch implements Disposable {
  readonly #options: NoticeWatchOptions;
  #timer: NodeJS.Timeout | null = null;
  #isDisposed = false;

  constructor(options: NoticeWatchOptions) {
    this.#options = options;
  }

  /** Looks at what is held now, after every sign-in and sign-out. Never rejects: it only tells. */
  async look(): Promise<void> {
    const { held, clock, onChange } = this.#options;
    const found = await held().catch(() => null);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const now = clock.now();
    const at = found === null ? null : nextNoticeAt({ ...found, now });
    if (at === null || this.#isDisposed) return;
    this.#timer = setTimeout(
      () => {
        if (clock.now() >= at) onChange();
        void this.look();
      },
      Math.min(Math.max(at - now, 1), longestWaitMs),
    ).unref();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
