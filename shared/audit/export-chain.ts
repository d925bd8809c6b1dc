import { type AuditRecord, type ChainHead, chainGenesis, recordHash } from './chain.ts';
import type { ExportLine } from './export-format.ts';
import { overRange, PurgeDigest } from './purge.ts';
import type { AuditKeys, Checkpoint, PurgeClaims } from './signature.ts';

/** What is wrong with a line, as far as its chain tells: at which sequence number. */
export interface ChainProblem {
  readonly kind: 'changed' | 'removed' | 'reordered' | 'added' | 'untrusted';
  readonly seq: number | null;
  readonly reason: string;
  /** The line it is about, when that is another than the one that was read. */
  readonly line?: number;
}

type Line<Type extends ExportLine['type']> = Extract<ExportLine, { type: Type }>;

/** What one chain of an export came to. */
export interface ExportedStream {
  readonly stream: string;
  readonly label: string;
  /** Every record from the first one was there; of other streams only order and each record's own hash are known. */
  readonly complete: boolean;
  readonly records: number;
  /** Records that retention had removed, under a signed purge. */
  readonly purged: number;
  readonly head: ChainHead;
  /** Checkpoints that were kept elsewhere and that this chain passes through. */
  readonly checkpoints: number;
}

/** Walks one chain of an export, in the order of its lines. Each step answers a problem, or null. */
export class ExportChain {
  readonly #begin: Line<'stream'>;
  readonly #org: string;
  readonly #keys: AuditKeys;
  readonly #pins: ReadonlyMap<number, string>;
  readonly #purges = new Map<string, { readonly claims: PurgeClaims; readonly seen: PurgeDigest }>();
  #head: ChainHead = chainGenesis;
  #headLine = 0;
  #records = 0;
  #purged = 0;
  #checkpoints = 0;
  #isClosed = false;

  /** `checkpoints` are those of this chain that the verifier kept elsewhere. */
  constructor(
    begin: Line<'stream'>,
    options: { readonly org: string; readonly keys: AuditKeys; readonly checkpoints: readonly Checkpoint[] },
  ) {
    this.#begin = begin;
    this.#org = options.org;
    this.#keys = options.keys;
    this.#pins = new Map(options.checkpoints.map(({ seq, hash }) => [seq, hash]));
  }

  get result(): ExportedStream {
    const { stream, label, complete } = this.#begin;
    return {
      stream,
      label,
      complete,
      records: this.#records,
      purged: this.#purged,
      head: this.#head,
      checkpoints: this.#checkpoints,
    };
  }

  /** The record that is expected next; null where any later one may follow. */
  get expected(): number | null {
    return this.#begin.complete && !this.#isClosed ? this.#head.seq + 1 : null;
  }

  record({ line, record }: Line<'record'>): ChainProblem | null {
    const { stream } = this.#begin;
    if (!hasOwnHash(record))
      return {
        kind: 'changed',
        seq: this.expected ?? record.seq,
        reason: 'the record is not what was hashed',
      };
    if (record.stream !== stream || this.#isClosed)
      return { kind: 'added', seq: record.seq, reason: 'the record does not belong to this chain' };
    const misplaced = this.#misplaced(record.seq);
    if (misplaced !== null) return misplaced;
    if (record.seq === this.#head.seq + 1 && record.prev !== this.#head.hash) return this.#torn(line);
    this.#records += 1;
    return this.#advance({ seq: record.seq, hash: record.hash }, line);
  }

  purge(signed: Line<'purge'>): ChainProblem | null {
    const { claims } = signed;
    if (!this.#keys.verify('purge', signed)) return untrusted('the purge');
    if (claims.org !== this.#org || claims.stream !== this.#begin.stream || this.#purges.has(claims.id))
      return { kind: 'added', seq: claims.first, reason: 'the purge does not belong to this chain' };
    this.#purges.set(claims.id, { claims, seen: new PurgeDigest() });
    return null;
  }

  purged({ line, purge, first, last, prev, hash }: Line<'purged'>): ChainProblem | null {
    const range = { first, last, prev, hash };
    const misplaced = this.#misplaced(range.first);
    if (misplaced !== null) return misplaced;
    const known = this.#purges.get(purge);
    if (known === undefined || range.first < known.claims.first || range.last > known.claims.last)
      return {
        kind: 'removed',
        seq: range.first,
        reason: 'no signed purge says that these records were removed',
      };
    const next = overRange(this.#head, range);
    if (next === null)
      return { kind: 'changed', seq: range.first, reason: 'the gap does not follow the record before it' };
    known.seen.add(range);
    this.#purged += range.last - range.first + 1;
    return this.#advance(next, line);
  }

  /** The checkpoint at the end of a complete chain: afterwards the chain takes nothing more. */
  checkpoint(signed: Line<'checkpoint'>): ChainProblem | null {
    if (!this.#keys.verify('checkpoint', signed)) return untrusted('the checkpoint');
    const { claims } = signed;
    if (claims.org !== this.#org || claims.stream !== this.#begin.stream || this.#isClosed)
      return { kind: 'added', seq: claims.seq, reason: 'the checkpoint does not belong to this chain' };
    return this.close(claims);
  }

  /** The chain has its end here, as whoever reads it knows; afterwards it takes nothing more. */
  close({ seq, hash }: ChainHead): ChainProblem | null {
    this.#isClosed = true;
    if (seq > this.#head.seq)
      return { kind: 'removed', seq: this.#head.seq + 1, reason: 'the chain ends before its checkpoint' };
    if (seq < this.#head.seq)
      return { kind: 'added', seq: seq + 1, reason: 'the chain goes on after its checkpoint' };
    if (hash !== this.#head.hash)
      return {
        kind: 'changed',
        seq,
        line: this.#headLine,
        reason: 'the last record is not the one of the checkpoint',
      };
    return null;
  }

  /** Nothing of this chain follows. */
  end(): ChainProblem | null {
    if (this.#begin.complete && !this.#isClosed)
      return { kind: 'removed', seq: this.#head.seq + 1, reason: 'the chain ends without its checkpoint' };
    for (const { claims, seen } of this.#purges.values()) {
      if (seen.records !== claims.records || seen.digest() !== claims.digest)
        return { kind: 'changed', seq: claims.first, reason: 'what is missing is not what the purge says' };
    }
    const missed = this.#begin.complete
      ? [...this.#pins.keys()].find((seq) => seq > this.#head.seq)
      : undefined;
    return missed === undefined
      ? null
      : {
          kind: 'removed',
          seq: this.#head.seq + 1,
          reason: 'a checkpoint that was kept elsewhere is further on',
        };
  }

  #misplaced(seq: number): ChainProblem | null {
    if (seq <= this.#head.seq)
      return { kind: 'added', seq, reason: 'there was a record with this number already' };
    if (this.expected === null || seq === this.expected) return null;
    return { kind: 'removed', seq: this.expected, reason: 'the record is missing' };
  }

  /** Each record is whole in itself, but they do not fit: the earlier one was written anew, hash and all. */
  #torn(line: number): ChainProblem {
    const isFirst = this.#headLine === 0;
    return {
      kind: 'changed',
      seq: isFirst ? this.#head.seq + 1 : this.#head.seq,
      line: isFirst ? line : this.#headLine,
      reason: 'the next record was chained to another one',
    };
  }

  #advance(head: ChainHead, line: number): ChainProblem | null {
    this.#head = head;
    this.#headLine = line;
    const pinned = this.#pins.get(head.seq);
    if (pinned === head.hash) this.#checkpoints += 1;
    if (pinned === undefined || pinned === head.hash) return null;
    return {
      kind: 'changed',
      seq: head.seq,
      reason: 'the record differs from a checkpoint that was kept elsewhere',
    };
  }
}

function untrusted(what: string): ChainProblem {
  return { kind: 'untrusted', seq: null, reason: `no trusted key signed ${what}` };
}

function hasOwnHash(record: AuditRecord): boolean {
  try {
    return recordHash(record) === record.hash;
  } catch {
    // A lone surrogate: no writer made it.
    return false;
  }
}
