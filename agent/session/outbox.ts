import type { Denial, Verdict } from '@daam/shared/sql/verdict';
import type { SessionContext } from './context.ts';
import { degradedNotice } from './notices.ts';
import type { PendingEntry, RunningStatement } from './pending.ts';
import type { AllowedVerdict } from './prepared.ts';

/** What is known of a message when it is forwarded. */
export interface EntryDraft {
  readonly kind: PendingEntry['kind'];
  readonly denial?: Denial;
  readonly running?: RunningStatement;
  readonly touchesMasked?: boolean;
  readonly rewritten?: boolean;
  readonly onFailed?: () => void;
}

/** A statement as the client sent it. */
export interface SentText {
  readonly text: string;
  readonly protocol: 'simple' | 'extended';
}

/**
 * What leaves for the server: bytes in order, each message with its entry in `pending`, and nothing before the
 * audit records of the statements in it are durable.
 */
export class Outbox {
  readonly #session: SessionContext;
  #out: Buffer[] = [];
  #auditOwed = false;

  constructor({ session }: { readonly session: SessionContext }) {
    this.#session = session;
  }

  /** Sends what was decided, after the audit log has it. */
  async flush(): Promise<void> {
    if (this.#out.length === 0) return;
    if (this.#auditOwed) {
      this.#auditOwed = false;
      await this.#session.audit.durable();
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
    this.#session.pipelineOpen = draft.kind !== 'sync' && draft.kind !== 'query';
    this.send(bytes);
    this.#session.pending.push({
      kind: draft.kind,
      own: false,
      denial: draft.denial ?? null,
      running,
      touchesMasked: draft.touchesMasked ?? running?.touchesMasked ?? false,
      rewritten: draft.rewritten ?? false,
      onFailed: draft.onFailed ?? null,
      copyEnds: this.#session.copyEnds,
    });
    return undefined;
  }

  /** Records a statement that is about to run. */
  record(sent: SentText, verdict: AllowedVerdict): RunningStatement {
    const seq = this.#session.audit.statement({ ...sent, verdict });
    this.#auditOwed = true;
    return {
      seq,
      startedAt: performance.now(),
      touchesMasked: verdict.touchesMasked,
      runsUserCode: verdict.taint !== null,
      notice: verdict.degraded ? degradedNotice : null,
      rows: 0,
      tag: null,
      failed: false,
    };
  }

  /** Records a statement that the gate refused, and sends the refusal in disguise (refusal.ts). */
  refuseStatement(
    message: { readonly kind: 'query' | 'parse' | 'bind'; readonly bytes: Buffer },
    sent: SentText,
    verdict: Extract<Verdict, { kind: 'deny' }>,
  ): undefined {
    this.#session.audit.statement({ ...sent, verdict });
    this.#auditOwed = true;
    return this.push(message.bytes, { kind: message.kind, denial: verdict.denial });
  }
}

/** What a statement does to the session, applied when it is forwarded. */
export function applyEffects(session: SessionContext, verdict: AllowedVerdict): void {
  const { latch, names, prepared } = session;
  if (verdict.taint !== null) {
    latch.tainted(verdict.taint);
    if (verdict.taint === 'session') names.opaqueObjects = true;
  }
  if (verdict.touchesMasked) session.transactionTouchedMasked = true;
  for (const statement of verdict.statements) {
    for (const effect of statement.effects) {
      names.apply(effect);
      if (effect.kind === 'deallocated') prepared.deallocate(effect.name);
      if (effect.kind === 'discard' && effect.what === 'all') prepared.deallocate(null);
    }
  }
}
