import { hash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.ts';
import { canonicalEvent, type Members } from './canonical.ts';

/**
 * The hash chain: each record names the hash of the one before it, so that nothing can be changed, removed,
 * moved or put in without breaking every hash after it. One stream for each agent, numbered from 1.
 *
 *   hash = SHA-256("daam audit record v1" LF prev LF canonical {at, event, seq, stream})
 */

/** The last record of a chain so far; `hash` is hexadecimal. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first record. */
export const chainGenesis: ChainHead = { seq: 0, hash: '0'.repeat(64) };

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * A record as it is stored and sent. The event is only known to have a kind: events of a newer agent are
 * kept and verified as well as those of `auditEventSchema`.
 */
export const auditRecordSchema = z.strictObject({
  /** Milliseconds since the Unix epoch. */
  at: z.int().min(0),
  event: z.looseObject({ kind: z.string().min(1).max(100) }),
  hash: hex64,
  prev: hex64,
  seq: z.int().min(1),
  /** The agent's id. */
  stream: z.string().min(1).max(100),
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;

/** A record that was just made: its head, and its canonical text, which is what goes to disk and wire. */
export interface SealedRecord {
  readonly head: ChainHead;
  readonly text: string;
}

/** Appends an event to a chain. A value that JSON cannot hold throws a TypeError. */
export function sealRecord(
  chain: { readonly stream: string; readonly head: ChainHead },
  at: number,
  event: Members & { readonly kind: string },
): SealedRecord {
  const seq = chain.head.seq + 1;
  const prev = chain.head.hash;
  const stream = JSON.stringify(chain.stream);
  const start = `{"at":${at},"event":${canonicalEvent(event)},`;
  const end = `"seq":${seq},"stream":${stream}}`;
  const digest = digestOf(prev, start + end);
  return { head: { seq, hash: digest }, text: `${start}"hash":"${digest}","prev":"${prev}",${end}` };
}

/** The hash that a record must have, computed from its other members. What JSON cannot hold throws a TypeError. */
export function recordHash({ at, event, prev, seq, stream }: Omit<AuditRecord, 'hash'>): string {
  const start = `{"at":${canonicalJson(at)},"event":${canonicalEvent(event)},`;
  return digestOf(prev, `${start}"seq":${canonicalJson(seq)},"stream":${canonicalJson(stream)}}`);
}

function digestOf(prev: string, canonical: string): string {
  return hash('sha256', `daam audit record v1\n${prev}\n${canonical}`, 'hex');
}
