import type { AuditedParameters } from '@daam/shared/audit/parameters';
import type { Denial, StatementVerdict, Verdict } from '@daam/shared/sql/verdict';
import type { SessionContext } from './context.ts';
import { wayOut, whyNoElevation } from './notices.ts';
import type { PendingEntry, RunningStatement } from './pending.ts';
import type { AllowedVerdict } from './prepared.ts';
import { writesMasked } from './tier-for.ts';

/** What is known of a message when it is forwarded. */
export interface EntryDraft {
  readonly kind: PendingEntry['kind'];
  readonly denial?: Denial;
  readonly running?: RunningStatement;
  readonly touchesMasked?: boolean;
  readonly rewritten?: boolean;
  readonly onFailed?: () => void;
  readonly ownParameters?: number;
  readonly ofQuery?: 'inner' | 'last';
  readonly resultNotice?: Buffer;
}

/** A statement as the client sent it. */
export interface SentText {
  readonly text: string;
  readonly protocol: 'simple' | 'extended';
  /** Values that were bound, where a policy has them recorded. */
  readonly parameters?: AuditedParameters | null;
}

/**
 * What leaves for the server: bytes in order, each message with its entry in `pending`, and nothing before the
 * audit records of the statements in it are durable.
 */
export class Outbox {
  readonly #session: SessionContext;
  #out: Buffer[] = [];
  /** Audit records made, and how many of them are known to be durable. */
  #recorded = 0;
  #durable = 0;

  constructor({ session }: { readonly session: SessionContext }) {
    this.#session = session;
  }

  /** Sends what was decided, after the audit log has it. */
  async flush(): Promise<void> {
    if (this.#out.length === 0) return;
    while (this.#durable < this.#recorded) {
      const upTo = this.#recorded;
      await this.#session.audit.durable();
      this.#durable = Math.max(this.#durable, upTo);
    }
    const out = this.#out;
    this.#out = [];
    await this.#session.server.write(out);
  }

  /** Bytes that no answer is expected for. Frames that lie side by side in their chunk leave as one piece. */
  send(bytes: Buffer): undefined {
    const last = this.#out.at(-1);
    if (
      last !== undefined &&
      last.buffer === bytes.buffer &&
      last.byteOffset + last.length === bytes.byteOffset
    ) {
      this.#out[this.#out.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length);
      return undefined;
    }
    this.#out.push(bytes);
    return undefined;
  }

  /** A message that the server answers. */
  push(bytes: Buffer, draft: EntryDraft): undefined {
    const running = draft.running ?? null;
    this.#notePipeline(draft.kind);
    this.send(bytes);
    this.#session.pending.push({
      kind: draft.kind,
      own: false,
      denial: draft.denial ?? null,
      running,
      touchesMasked: draft.touchesMasked ?? running?.touchesMasked ?? false,
      rewritten: draft.rewritten ?? false,
      onFailed: draft.onFailed ?? null,
      ownParameters: draft.ownParameters ?? 0,
      ofQuery: draft.ofQuery ?? null,
      copyEnds: this.#session.copyEnds,
      ...(draft.resultNotice === undefined ? {} : { resultNotice: draft.resultNotice }),
    });
    return undefined;
  }

  #notePipeline(kind: PendingEntry['kind']): void {
    const session = this.#session;
    session.pipelineOpen = kind !== 'sync' && kind !== 'query';
    session.pipelineExecutes = session.pipelineOpen && (session.pipelineExecutes || kind === 'execute');
    session.pipelineHasOwn = session.pipelineOpen && session.pipelineHasOwn;
  }

  /** Records a statement that is about to run. */
  record(sent: SentText, verdict: AllowedVerdict, result = { rows: 0 }): RunningStatement {
    const seq = this.#session.audit.statement({ ...sent, verdict });
    this.#recorded += 1;
    return {
      seq,
      startedAt: performance.now(),
      touchesMasked: verdict.touchesMasked,
      runsUserCode: verdict.taint !== null,
      notice: verdict.degraded ? this.#session.notices.degraded() : null,
      rows: 0,
      result: fetches(verdict) ? this.#session.cursorResult : result,
      tag: null,
      failed: false,
      statements: verdict.statements,
      revoked: false,
      withheld: false,
      discards: discardsAll(verdict) ? this.#session.latch.serial : null,
    };
  }

  /** Records a statement that the gate refused, and sends the refusal in disguise (refusal.ts). */
  refuseStatement(
    message: { readonly kind: 'query' | 'parse' | 'bind'; readonly bytes: Buffer },
    sent: SentText,
    verdict: Extract<Verdict, { kind: 'deny' }>,
  ): undefined {
    this.#session.audit.statement({ ...sent, verdict });
    this.#recorded += 1;
    return this.push(message.bytes, { kind: message.kind, denial: explain(this.#session, verdict.denial) });
  }
}

/** The gate knows that there is no elevation; the latch knows why. */
function explain({ latch }: SessionContext, denial: Denial): Denial {
  const { noElevation } = latch;
  if (noElevation === null || denial.rule !== 'match-needs-elevation') return denial;
  return { ...denial, detail: whyNoElevation[noElevation], hint: wayOut[noElevation] };
}

function fetches({ statements }: AllowedVerdict): boolean {
  return statements.length === 1 && statements[0]?.command === 'FETCH';
}

function discardsAll({ statements }: AllowedVerdict): boolean {
  return statements.length === 1 && statements[0]?.command === 'DISCARD ALL';
}

/** What a statement does to the session, applied when it is forwarded. */
export function applyEffects(session: SessionContext, verdict: AllowedVerdict, text: string): void {
  const { latch, names, prepared } = session;
  if (verdict.taint !== null) {
    latch.tainted(verdict.taint);
    if (verdict.taint === 'session' || verdict.statements.some(callsUserCode)) names.opaqueObjects = true;
  }
  if (writesMasked(verdict)) latch.wroteMasked();
  if (verdict.touchesMasked) session.transactionTouchedMasked = true;
  for (const statement of verdict.statements) {
    if (statement.command === 'DECLARE CURSOR') session.cursorResult = { rows: 0 };
    if (statement.command === 'DECLARE CURSOR')
      for (const { oid } of statement.tables) session.cursorRelations.add(oid);
    for (const effect of statement.effects) {
      names.apply(effect);
      if (effect.kind === 'prepared') names.remember(effect.name, { text, verdict, statement });
      if (effect.kind === 'deallocated') prepared.deallocate(effect.name);
      if (effect.kind === 'discard' && effect.what === 'all') prepared.deallocate(null);
    }
  }
}

/** A function, not a trigger: it may make temporary tables that the client then asks for. */
function callsUserCode({ class: kind, tables }: StatementVerdict): boolean {
  return kind === 'opaque' && tables.every(({ operation }) => operation === 'select');
}
