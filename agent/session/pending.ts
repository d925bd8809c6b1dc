import type { Denial, StatementVerdict } from '@daam/shared/sql/verdict';

/**
 * What the server still owes an answer for, in the order of the messages that were forwarded. The server
 * pump takes answers off the head; the client pump asks whether anything is outstanding.
 */

/** A statement that was forwarded to run, as the audit log and the diagnostics filter need it. */
export interface RunningStatement {
  /** Sequence number of its audit record. */
  readonly seq: number;
  /** performance.now() at forwarding. */
  readonly startedAt: number;
  readonly touchesMasked: boolean;
  /** Notices may then be raised with any text, so none passes. */
  readonly runsUserCode: boolean;
  /** A NoticeResponse of the agent's own, sent before the first answer. */
  notice: Buffer | null;
  rows: number;
  /** Rows of the whole result, of which this statement may take a part: a portal or cursor is read in pieces. */
  readonly result: { rows: number };
  /** The last command tag that the server reported. */
  tag: string | null;
  /** An error was reported and recorded. */
  failed: boolean;
  /** What runs: which tables it uses, and whether they may still be used when the policy changes. */
  readonly statements: readonly StatementVerdict[];
  /** The policy took away what it uses: none of its rows leaves any more. */
  revoked: boolean;
  /** Some of its rows stayed with the agent for that reason. */
  withheld: boolean;
  /** `Latch.serial` when a DISCARD ALL was forwarded; null for anything else. */
  readonly discards: number | null;
}

export interface PendingEntry {
  readonly kind:
    | 'query'
    | 'parse'
    | 'bind'
    | 'describe-statement'
    | 'describe-portal'
    | 'execute'
    | 'close'
    | 'sync';
  /** Injected by the agent: its answers never reach the client. */
  readonly own: boolean;
  /** The forwarded message was a refusal in disguise: its error becomes this one. */
  readonly denial: Denial | null;
  readonly running: RunningStatement | null;
  readonly touchesMasked: boolean;
  /** The server runs another text than the client wrote. */
  readonly rewritten: boolean;
  /** Called when the server skipped or failed this message. */
  readonly onFailed: (() => void) | null;
  /** How many CopyDone and CopyFail went before it: tells which Sync a COPY swallows. */
  readonly copyEnds: number;
  /** Parameters of the agent's own behind the client's: a ParameterDescription is cut by them. */
  readonly ownParameters: number;
  /** Part of a Query that runs in the extended protocol: the client sees the answers of a Query. Null: none. */
  readonly ofQuery: 'inner' | 'last' | null;
  /** A NoticeResponse of the agent's own that goes before a RowDescription. */
  readonly resultNotice?: Buffer;
  /** Takes the rows of a statement of the agent's own: the body of a DataRow. */
  readonly onRow?: (body: Buffer) => void;
}

export class PendingQueue {
  #entries: PendingEntry[] = [];
  #head = 0;
  #waiting: (() => void) | null = null;
  #isAbandoned = false;

  get size(): number {
    return this.#entries.length - this.#head;
  }

  get head(): PendingEntry | null {
    return this.#entries[this.#head] ?? null;
  }

  /** The entry behind the head. */
  get next(): PendingEntry | null {
    return this.#entries[this.#head + 1] ?? null;
  }

  /** Statements that the server has not answered in full, oldest first. */
  get running(): readonly RunningStatement[] {
    return this.#entries.slice(this.#head).flatMap(({ running }) => running ?? []);
  }

  /** The newest entry. */
  get last(): PendingEntry | null {
    return this.#entries.at(-1) ?? null;
  }

  push(entry: PendingEntry): void {
    if (this.#isAbandoned) return;
    this.#entries.push(entry);
  }

  shift(): PendingEntry | null {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return null;
    this.#head += 1;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    if (this.size === 0) this.#wake();
    return entry;
  }

  /**
   * The server failed the head in the extended protocol and skips until Sync: everything before the next
   * Sync is dropped. Returns whether that Sync is on its way already.
   */
  skipToSync(): boolean {
    for (;;) {
      const entry = this.head;
      if (entry === null) return false;
      if (entry.kind === 'sync') return true;
      entry.onFailed?.();
      this.shift();
    }
  }

  /**
   * COPY FROM STDIN begins at the head. The server ignores Sync until CopyDone or CopyFail, so those that were
   * sent in between are never answered. `copyEnds` is how many of these had been sent when the head's earlier ones
   * were over.
   */
  dropSyncsBehindHead(copyEnds: number): void {
    const head = this.#entries[this.#head];
    if (head === undefined) return;
    const rest = this.#entries
      .slice(this.#head + 1)
      .filter((entry) => entry.kind !== 'sync' || entry.copyEnds > copyEnds);
    this.#entries = [head, ...rest];
    this.#head = 0;
  }

  /** Resolves when nothing is outstanding. At most one waiter: the client pump. */
  drained(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** The session ends: nobody may wait for answers that will not come. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#entries = [];
    this.#head = 0;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }
}
