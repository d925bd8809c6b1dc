import { encodeBind } from '@daam/shared/pgwire/bind';
import { encodeClose } from '@daam/shared/pgwire/close';
import { encodeExecute } from '@daam/shared/pgwire/execute';
import { encodeFlush } from '@daam/shared/pgwire/flush';
import { encodeParse } from '@daam/shared/pgwire/parse';
import { encodeSync } from '@daam/shared/pgwire/sync';
import type { Tier } from '@daam/shared/sql/verdict';
import { decodeDataRow } from '@daam/shared/pgwire/data-row';
import type { SessionContext } from './context.ts';
import { holdsOnlyItsOwn, inspectionQuery } from './inspection.ts';
import type { Outbox } from './outbox.ts';
import type { PendingEntry } from './pending.ts';

/** A name that no client would choose; it exists only between the Parse and the Close of one barrier. */
const barrierName = 'daam_barrier';

interface OwnStep {
  readonly kind: PendingEntry['kind'];
  readonly bytes: Buffer;
}

/** One statement of the agent's own on the session's connection. */
function ownStatement(sql: string): readonly OwnStep[] {
  const bind = {
    portal: barrierName,
    statement: barrierName,
    parameterFormats: [],
    parameters: [],
    resultFormats: [],
  };
  return [
    { kind: 'parse', bytes: encodeParse({ name: barrierName, sql, parameterTypes: [] }) },
    { kind: 'bind', bytes: encodeBind(bind) },
    { kind: 'execute', bytes: encodeExecute({ portal: barrierName, maxRows: 0 }) },
    { kind: 'close', bytes: encodeClose({ target: 'portal', name: barrierName }) },
    { kind: 'close', bytes: encodeClose({ target: 'statement', name: barrierName }) },
  ];
}

const discardPlans = ownStatement('DISCARD PLANS');
const inspect = ownStatement(inspectionQuery);
const sync = encodeSync();
const flushMessage = encodeFlush();

/**
 * Moves the session's role between base and elevated. Both happen only while nothing is on its way to or from
 * the server: memberships change on the agent's admin connection, then a statement on the session's own
 * connection makes it take notice (enforcement.md 4, the barrier). It runs in the extended protocol under names
 * of its own, so that the client's unnamed statement and an implicit transaction survive it.
 */
export class TierSwitch {
  readonly #session: SessionContext;
  readonly #outbox: Outbox;

  constructor(parts: { readonly session: SessionContext; readonly outbox: Outbox }) {
    this.#session = parts.session;
    this.#outbox = parts.outbox;
  }

  /** False while a transaction's taint may have ended with an answer that is still on its way. */
  get isSettled(): boolean {
    return (
      this.#session.latch.taint !== 'transaction' || this.#session.pending.size === 0 || !this.#endsAtBoundary
    );
  }

  /** Waits until it is known whether the transaction's taint is over. */
  async settleTaint(): Promise<void> {
    if (!this.isSettled) await this.quiesce();
  }

  /** Waits until the server has answered everything. Within a pipeline a Flush makes it answer. */
  async quiesce(): Promise<void> {
    const { pending } = this.#session;
    if (pending.size > 0 && !this.#endsAtBoundary) this.#outbox.send(flushMessage);
    await this.#outbox.flush();
    await pending.drained();
  }

  /** Brings the role to the tier that a statement needs; a failed transaction stays as it is, nothing runs in it. */
  async enter(tier: Tier): Promise<void> {
    const isMidPipeline = this.isMidPipeline;
    await this.quiesce();
    const { latch, role, transaction } = this.#session;
    if (this.#session.skipping || !latch.mustChange(tier)) return;
    if (tier === 'elevated') {
      if (transaction === 'failed' || !latch.elevationAvailable) return;
      if (latch.mustInspect !== null && !(await this.#inspect(isMidPipeline))) return;
      await role.elevate();
      await this.barrier(isMidPipeline);
      latch.moved('elevated');
      return;
    }
    await role.lower();
    if (transaction !== 'failed') await this.barrier(isMidPipeline);
    latch.moved('base');
  }

  /** Makes the session's backend take notice of changed memberships and forget its plans. */
  async barrier(isMidPipeline: boolean): Promise<void> {
    await this.#runOwn([discardPlans], isMidPipeline);
  }

  /** The same after statements of the agent's own; one that fails ends the session. */
  async barrierAfter(statements: readonly string[], isMidPipeline: boolean): Promise<void> {
    await this.#runOwn([...statements.map((sql) => ownStatement(sql)), discardPlans], isMidPipeline);
  }

  /** Whether a Query now would find statements of the agent's own in its pipeline, and none of the client's. */
  get hasOwnPipeline(): boolean {
    const { pipelineHasOwn, pipelineExecutes } = this.#session;
    return pipelineHasOwn && !pipelineExecutes;
  }

  /**
   * Before a Query: ends a pipeline in which the client ran nothing. From PostgreSQL 18 on, a Query behind an Execute stays in
   * the pipeline's transaction, which must not come of the agent's own statements.
   */
  async endIdlePipeline(): Promise<void> {
    const session = this.#session;
    if (!this.isMidPipeline || session.pipelineExecutes) return;
    await this.quiesce();
    if (session.skipping) return;
    this.#sendOwn('sync', sync);
    session.pipelineOpen = false;
    session.pipelineHasOwn = false;
    await this.#outbox.flush();
    await session.pending.drained();
  }

  /** Messages of the extended protocol were forwarded, and no Sync or Query after them. */
  get isMidPipeline(): boolean {
    return this.#session.pending.size > 0 ? !this.#endsAtBoundary : this.#session.pipelineOpen;
  }

  /** Looks what user code left in the session (adr/0010). What the agent cannot account for taints the session. */
  async #inspect(isMidPipeline: boolean): Promise<boolean> {
    const { latch, role, names } = this.#session;
    const reason = latch.mustInspect;
    let answer = '';
    await this.#runOwn([inspect], isMidPipeline, (body) => {
      answer = readOneText(body);
    });
    const left = await role.leftBehind({ strictly: reason === 'after-discard' });
    const isClean = left.isHarmless && answer !== '' && holdsOnlyItsOwn(answer, this.#session);
    if (isClean) names.cleansed(left.temporaryTables);
    latch.inspected(isClean);
    return isClean;
  }

  async #runOwn(
    statements: readonly (readonly OwnStep[])[],
    isMidPipeline: boolean,
    onRow?: (body: Buffer) => void,
  ): Promise<void> {
    for (const step of statements.flat()) this.#sendOwn(step.kind, step.bytes, onRow);
    if (isMidPipeline) {
      this.#outbox.send(flushMessage);
      this.#session.pipelineHasOwn = true;
    } else this.#sendOwn('sync', sync);
    await this.#outbox.flush();
    await this.#session.pending.drained();
  }

  /** Prepares a statement of the client again with another text, under its name. */
  reparse(statement: {
    readonly name: string;
    readonly sql: string;
    readonly parameterTypes: readonly number[];
  }): void {
    this.#sendOwn('close', encodeClose({ target: 'statement', name: statement.name }));
    this.#sendOwn('parse', encodeParse(statement));
  }

  get #endsAtBoundary(): boolean {
    const last = this.#session.pending.last;
    return last === null || last.kind === 'sync' || last.kind === 'query';
  }

  #sendOwn(kind: PendingEntry['kind'], bytes: Buffer, onRow?: (body: Buffer) => void): void {
    this.#outbox.send(bytes);
    this.#session.pending.push({
      kind,
      own: true,
      denial: null,
      running: null,
      touchesMasked: true,
      rewritten: false,
      onFailed: null,
      ownParameters: 0,
      ofQuery: null,
      copyEnds: this.#session.copyEnds,
      ...(onRow === undefined ? {} : { onRow }),
    });
  }
}

function readOneText(body: Buffer): string {
  return decodeDataRow(body)[0]?.toString('utf8') ?? '';
}
