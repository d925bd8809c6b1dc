import { encodeNoticeResponse } from '@daam/shared/pgwire/notice-response';
import type { Latch, NoElevation } from './latch.ts';

/** Why masks are shown as ***, in words for the person. */
export const whyNoElevation: Readonly<Record<NoElevation, string>> = {
  'switched-off': 'In this database masked values are never read, not even to compute their masks.',
  transaction: 'User-written code (a function or a trigger) runs in this transaction.',
  session:
    'User-written code was made or run in this session (DO, CREATE, a cursor or PREPARE over a function).',
  'left-behind': 'User-written code left something behind in this session: an object, a cursor, a setting.',
};

/** What the person can do about it. */
export const wayOut: Readonly<Record<NoElevation, string>> = {
  'switched-off': 'An administrator can switch elevation on for the database.',
  transaction: 'End the transaction.',
  session: 'Run DISCARD ALL, or open a new connection.',
  'left-behind': 'Run DISCARD ALL, or open a new connection.',
};

const mixedDetail =
  'The statement itself runs user-written code (a function or a trigger), or it shows pseudonyms and takes no parameters (COPY, PREPARE).';

/**
 * The notices that say why a mask is *** where it usually shows a part. One for each transaction, so that a loop
 * is not drowned in them; one for each session where elevation is switched off, since nothing will change.
 */
export class Notices {
  readonly #latch: Latch;
  #toldInTransaction = false;
  #toldSwitchedOff = false;

  constructor({ latch }: { readonly latch: Latch }) {
    this.#latch = latch;
  }

  /** The NoticeResponse for a statement whose value masks cannot be computed; null when it was said already. */
  degraded(): Buffer | null {
    const { noElevation } = this.#latch;
    if (noElevation === 'switched-off') {
      if (this.#toldSwitchedOff) return null;
      this.#toldSwitchedOff = true;
    } else {
      if (this.#toldInTransaction) return null;
      this.#toldInTransaction = true;
    }
    return encodeNoticeResponse({
      severity: 'NOTICE',
      code: '01000',
      message: 'masked columns are shown as *** in this statement',
      detail: noElevation === null ? mixedDetail : whyNoElevation[noElevation],
      hint: noElevation === null ? 'Read the masked columns without it.' : wayOut[noElevation],
    });
  }

  /** Nothing is open: the next transaction is told again. */
  transactionEnded(): void {
    this.#toldInTransaction = false;
  }
}
