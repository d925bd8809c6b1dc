import type { Verdict } from '@daam/shared/sql/verdict';
import { type AccessView, decideSoon } from '../enforce/decisions.ts';
import type { SessionContext } from './context.ts';
import { nothingComesBack, withWriteBack } from './value-rules.ts';

/**
 * Waits for something while nothing of the message at hand has been sent: what was decided before leaves, and a change
 * of policy may take effect meanwhile.
 */
export type Aside = (work: Promise<unknown>) => Promise<void>;

/** A statement, with the parameters whose bound values bring a mask back. */
interface Asked {
  readonly sql: string;
  readonly writeBack: ReadonlySet<number>;
}

interface Deciding extends Asked {
  readonly view: AccessView;
  readonly elevationAvailable: boolean;
  readonly verdict: Verdict | Promise<Verdict>;
}

/**
 * The gate as the client's messages meet it. Nearly every statement is decided at once; one that would hold up other
 * sessions is decided in the analysis thread, while this session waits, and its messages with it, in their order.
 */
export class Decider {
  readonly #session: SessionContext;
  readonly #aside: Aside;
  /** Of the message at hand: what it asks twice is decided once. */
  #deciding: Deciding | null = null;

  constructor(parts: { readonly session: SessionContext; readonly aside: Aside }) {
    this.#session = parts.session;
    this.#aside = parts.aside;
  }

  /** Called for each message: the one before may have changed what names mean. */
  newMessage(): void {
    this.#deciding = null;
  }

  /** The verdict, when it can be had at once; null: `later` gives it. */
  now(sql: string): Verdict | null {
    const { verdict } = this.#decide({ sql, writeBack: nothingComesBack });
    return verdict instanceof Promise ? null : verdict;
  }

  /** Waits for something else that is asked of the analysis thread. */
  async aside<T>(work: Promise<T>): Promise<T> {
    await this.#aside(work);
    return await work;
  }

  /** The verdict under the policy and the elevation of the moment at which the promise resolves. */
  async later(sql: string, writeBack: ReadonlySet<number> = nothingComesBack): Promise<Verdict> {
    for (;;) {
      const deciding = this.#decide({ sql, writeBack });
      const { verdict } = deciding;
      if (!(verdict instanceof Promise)) return verdict;
      await this.#aside(verdict);
      const decided = await verdict;
      if (this.#isOfThisMoment(deciding)) this.#deciding = { ...deciding, verdict: decided };
    }
  }

  #decide(asked: Asked): Deciding {
    const { sql, writeBack } = asked;
    const known = this.#deciding;
    const isKnown = known !== null && known.sql === sql && known.writeBack === writeBack;
    if (isKnown && this.#isOfThisMoment(known)) return known;
    const { view, names } = this.#session;
    const { elevationAvailable } = names;
    const asking = writeBack.size === 0 ? names : { ...withWriteBack(names, writeBack), isPlain: false };
    const deciding = { ...asked, view, elevationAvailable, verdict: decideSoon(view, sql, asking) };
    this.#deciding = deciding;
    return deciding;
  }

  #isOfThisMoment({ view, elevationAvailable }: Deciding): boolean {
    return view === this.#session.view && elevationAvailable === this.#session.names.elevationAvailable;
  }
}
