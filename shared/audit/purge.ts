import { createHash, type Hash } from 'node:crypto';
import type { ChainHead } from './chain.ts';

/**
 * Records that were purged leave their place in the chain: from which number to which, the hash before them,
 * and the hash of the last. The chain can then still be walked over the gap, and the signed purge says that
 * the gap is one that retention made.
 */
export interface PurgedRange {
  readonly first: number;
  readonly last: number;
  /** Hash of the record before `first`. */
  readonly prev: string;
  /** Hash of record `last`. */
  readonly hash: string;
}

/** SHA-256 over the ranges of one purge, in order: one line `first last prev hash` each. */
export class PurgeDigest {
  readonly #hash: Hash = createHash('sha256').update('daam audit purge ranges v1\n');
  #records = 0;
  #last = 0;

  add({ first, last, prev, hash }: PurgedRange): void {
    this.#hash.update(`${first} ${last} ${prev} ${hash}\n`);
    this.#records += last - first + 1;
    this.#last = last;
  }

  get records(): number {
    return this.#records;
  }

  get last(): number {
    return this.#last;
  }

  /** Hexadecimal; nothing can be added after it. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Joins records that follow each other, oldest first, to ranges. */
export function purgedRanges(
  records: readonly { readonly seq: number; readonly prev: string; readonly hash: string }[],
): PurgedRange[] {
  const ranges: { first: number; last: number; prev: string; hash: string }[] = [];
  for (const { seq, prev, hash } of records) {
    const open = ranges.at(-1);
    if (open !== undefined && open.last + 1 === seq) {
      open.last = seq;
      open.hash = hash;
    } else {
      ranges.push({ first: seq, last: seq, prev, hash });
    }
  }
  return ranges;
}

/** The head of a chain after a range: null when the range does not follow the head. */
export function overRange(head: ChainHead, range: PurgedRange): ChainHead | null {
  if (range.first !== head.seq + 1 || range.prev !== head.hash || range.last < range.first) return null;
  return { seq: range.last, hash: range.hash };
}
