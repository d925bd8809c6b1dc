import { AppError } from '@daam/shared/errors/app-error';
import { decodeBindNames } from '@daam/shared/pgwire/bind';
import { decodeClose } from '@daam/shared/pgwire/close';
import { decodeDescribe } from '@daam/shared/pgwire/describe';
import { decodeExecute } from '@daam/shared/pgwire/execute';
import { type Frame, FrameReader } from '@daam/shared/pgwire/frame-reader';
import { frontendType } from '@daam/shared/pgwire/message-types';
import { decodeParse, encodeParse } from '@daam/shared/pgwire/parse';
import { decodeQuery, encodeQuery } from '@daam/shared/pgwire/query';
import type { Denial, Verdict } from '@daam/shared/sql/verdict';
import { decide } from '../enforce/decisions.ts';
import type { SessionContext } from './context.ts';
import { degradedNotice } from './notices.ts';
import type { PendingEntry, RunningStatement } from './pending.ts';
import type { AllowedVerdict, PreparedStatement } from './prepared.ts';
import { plainDenial, refusedParse, refusedQuery, refusedStep } from './refusal.ts';
import { TierSwitch } from './tier-switch.ts';

/** Frames of a client: a statement may be long, a COPY row too, but no single message is this long. */
const maxClientFrame = 64 * 1024 * 1024;

type Step = Promise<void> | undefined;

/**
 * Client to server: every frame becomes a decision, and nothing is forwarded before the audit record of the
 * statement is durable. Before it: agent/session/session.ts opened both ends. After it: the server pump takes
 * the answers, in the order of `pending`.
 */
export class ClientPump {
  readonly #session: SessionContext;
  readonly #reader = new FrameReader({ side: 'frontend', maxFrameBytes: maxClientFrame });
  readonly #tiers: TierSwitch;
  #out: Buffer[] = [];
  #auditOwed = false;
  #terminated = false;
  /** Called at each boundary between messages: the place where a changed policy takes effect. */
  readonly #atBoundary: () => Promise<void> | undefined;

  constructor({
    session,
    atBoundary,
  }: { readonly session: SessionContext; readonly atBoundary: () => Promise<void> | undefined }) {
    this.#session = session;
    this.#atBoundary = atBoundary;
    this.#tiers = new TierSwitch({
      session,
      send: (bytes) => this.#send(bytes),
      flush: () => this.flush(),
    });
  }

  get tiers(): TierSwitch {
    return this.#tiers;
  }

  /** Runs until the client leaves or the session ends. */
  async run(leftover: Buffer): Promise<void> {
    for (let chunk: Buffer | null = leftover; chunk !== null; chunk = await this.#session.client.read()) {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame !== null; frame = this.#reader.next()) {
        const changing = this.#atBoundary();
        if (changing !== undefined) await changing;
        const step = this.#take(frame);
        if (step !== undefined) await step;
        if (this.#terminated) break;
      }
      await this.flush();
      if (this.#terminated) return;
    }
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

  #take(frame: Frame): Step {
    try {
      return this.#takeValid(frame);
    } catch (thrown) {
      // A text that is not UTF-8 fails its statement, not the session (SQLSTATE 22021).
      if (!(thrown instanceof AppError) || thrown.code !== 'INVALID_ENCODING') throw thrown;
      const isQuery = frame.type === frontendType.query;
      return this.#refuse(isQuery ? 'query' : 'parse', isQuery ? refusedQuery : refusedStep, encodingDenial);
    }
  }

  #takeValid(frame: Frame): Step {
    const { skipping, copyIn } = this.#session;
    const { type } = frame;
    if (copyIn) return this.#duringCopyIn(frame);
    // The server discards everything but Sync after an error, so nothing needs to be decided.
    if (skipping && type !== frontendType.sync && type !== frontendType.terminate) return undefined;
    switch (type) {
      case frontendType.query:
        return this.#query(frame);
      case frontendType.parse:
        return this.#parse(frame);
      case frontendType.bind:
        return this.#bind(frame);
      case frontendType.execute:
        return this.#execute(frame);
      case frontendType.describe:
        return this.#describe(frame);
      case frontendType.close:
        return this.#close(frame);
      case frontendType.sync:
        this.#session.skipping = false;
        return this.#forward(frame, { kind: 'sync' });
      case frontendType.flush:
        this.#send(frame.bytes);
        return undefined;
      case frontendType.terminate:
        this.#send(frame.bytes);
        this.#terminated = true;
        return undefined;
      case frontendType.functionCall:
        return this.#refuse('query', refusedQuery, functionCallDenial);
      case frontendType.copyData:
        // Before CopyInResponse came, or after the COPY failed: the server takes or ignores it.
        this.#send(frame.bytes);
        return undefined;
      case frontendType.copyDone:
      case frontendType.copyFail:
        this.#session.copyEnds += 1;
        this.#send(frame.bytes);
        return undefined;
      default:
        throw new AppError('PROTOCOL_VIOLATION', { message: 'unexpected message from the client' });
    }
  }

  #duringCopyIn(frame: Frame): Step {
    const { type } = frame;
    switch (type) {
      case frontendType.copyDone:
      case frontendType.copyFail:
        this.#session.copyIn = false;
        this.#session.copyEnds += 1;
        this.#send(frame.bytes);
        return undefined;
      case frontendType.copyData:
        this.#send(frame.bytes);
        return undefined;
      case frontendType.sync:
      case frontendType.flush:
        // The server ignores both while it takes COPY data, and so no answer is expected.
        return undefined;
      case frontendType.terminate:
        this.#send(frame.bytes);
        this.#terminated = true;
        return undefined;
      default:
        throw new AppError('PROTOCOL_VIOLATION', { message: 'unexpected message during COPY FROM STDIN' });
    }
  }

  async #decide(sql: string): Promise<Verdict> {
    await this.#tiers.settleTaint();
    return decide(this.#session.view, sql, this.#session.names);
  }

  #query(frame: Frame): Step {
    const { sql } = decodeQuery(frame.body);
    const verdict = this.#tiers.isSettled ? decide(this.#session.view, sql, this.#session.names) : null;
    if (verdict?.kind === 'allow' && !this.#session.latch.mustChange(verdict.tier)) {
      this.#runQuery(frame, sql, verdict);
      return undefined;
    }
    return this.#querySlowly(frame, sql, verdict);
  }

  async #querySlowly(frame: Frame, sql: string, decided: Verdict | null): Promise<void> {
    let verdict = decided ?? (await this.#decide(sql));
    if (verdict.kind === 'allow' && this.#session.latch.mustChange(verdict.tier)) {
      await this.#tiers.enter(verdict.tier);
      verdict = await this.#decide(sql);
    }
    if (this.#session.skipping) return;
    if (verdict.kind === 'allow') this.#runQuery(frame, sql, verdict);
    else this.#refuseStatement('query', refusedQuery, { sql, protocol: 'simple', verdict });
  }

  #runQuery(frame: Frame, sql: string, verdict: AllowedVerdict): void {
    const running = this.#record(sql, 'simple', verdict);
    this.#applyEffects(verdict);
    this.#session.prepared.simpleQueryRan();
    this.#push(verdict.rewritten ? encodeQuery({ sql: verdict.sql }) : frame.bytes, {
      kind: 'query',
      running,
      rewritten: verdict.rewritten,
    });
  }

  #parse(frame: Frame): Step {
    const message = decodeParse(frame.body);
    if (this.#session.prepared.isFull)
      return this.#refuse('parse', refusedParse(message.name), tooManyDenial);
    if (!this.#tiers.isSettled) return this.#parseSlowly(frame, message);
    this.#parseDecided(frame, message, decide(this.#session.view, message.sql, this.#session.names));
    return undefined;
  }

  async #parseSlowly(frame: Frame, message: ReturnType<typeof decodeParse>): Promise<void> {
    this.#parseDecided(frame, message, await this.#decide(message.sql));
  }

  #parseDecided(frame: Frame, message: ReturnType<typeof decodeParse>, verdict: Verdict): void {
    const { name, sql, parameterTypes } = message;
    if (verdict.kind === 'deny') {
      this.#refuseStatement('parse', refusedParse(name), { sql, protocol: 'extended', verdict });
      return;
    }
    const statement: PreparedStatement = {
      name,
      sql,
      parameterTypes,
      verdict,
      generation: this.#session.generation,
      elevationAvailable: this.#session.latch.elevationAvailable,
    };
    this.#session.prepared.prepare(statement);
    this.#push(verdict.rewritten ? encodeParse({ name, sql: verdict.sql, parameterTypes }) : frame.bytes, {
      kind: 'parse',
      touchesMasked: verdict.touchesMasked,
      rewritten: verdict.rewritten,
      onFailed: () => this.#session.prepared.unprepare(statement),
    });
  }

  #bind(frame: Frame): Step {
    const { portal, statement: name } = decodeBindNames(frame.body);
    const statement = this.#session.prepared.statement(name);
    if (statement === undefined) return this.#bindUnknown(frame, portal, name);
    if (
      this.#tiers.isSettled &&
      this.#isCurrent(statement) &&
      !this.#session.latch.mustChange(statement.verdict.tier)
    ) {
      this.#bindCurrent(frame, portal, statement);
      return undefined;
    }
    return this.#bindSlowly(frame, portal, statement);
  }

  async #bindSlowly(frame: Frame, portal: string, statement: PreparedStatement): Promise<void> {
    await this.#tiers.settleTaint();
    if (this.#session.skipping) return;
    let current = this.#isCurrent(statement) ? statement : this.#prepareAgain(statement);
    if (current !== null && this.#session.latch.mustChange(current.verdict.tier)) {
      await this.#tiers.enter(current.verdict.tier);
      if (this.#session.skipping) return;
      if (!this.#isCurrent(current)) current = this.#prepareAgain(current);
    }
    if (current !== null) this.#bindCurrent(frame, portal, current);
  }

  #bindCurrent(frame: Frame, portal: string, statement: PreparedStatement): void {
    const { verdict } = statement;
    // Planning may already run user code (immutable functions are folded), so the taint begins here.
    if (verdict.taint !== null) this.#session.latch.tainted(verdict.taint);
    this.#session.prepared.bind(portal, statement);
    this.#push(frame.bytes, {
      kind: 'bind',
      touchesMasked: verdict.touchesMasked,
      rewritten: verdict.rewritten,
    });
  }

  /** A statement that SQL made (PREPARE), or that does not exist. */
  async #bindUnknown(frame: Frame, portal: string, name: string): Promise<void> {
    const rights = this.#session.names.prepared.get(name);
    if (rights === undefined) {
      this.#refuse('bind', refusedStep, unknownStatementDenial(name));
      return;
    }
    await this.#tiers.settleTaint();
    if (this.#session.latch.mustChange(rights.tier)) await this.#tiers.enter(rights.tier);
    if (this.#session.skipping) return;
    if (rights.taint !== null) this.#session.latch.tainted(rights.taint);
    this.#session.prepared.bindForeign(portal, rights);
    this.#push(frame.bytes, { kind: 'bind', touchesMasked: rights.touchesMasked });
  }

  #isCurrent(statement: PreparedStatement): boolean {
    return (
      statement.generation === this.#session.generation &&
      statement.elevationAvailable === this.#session.latch.elevationAvailable
    );
  }

  /**
   * The policy or the latch changed since Parse: the statement is decided again, and where the server must run
   * another text it is prepared again under its name, without the client noticing.
   */
  #prepareAgain(statement: PreparedStatement): PreparedStatement | null {
    const session = this.#session;
    const verdict = decide(session.view, statement.sql, session.names);
    if (verdict.kind === 'deny') {
      this.#refuseStatement('bind', refusedStep, { sql: statement.sql, protocol: 'extended', verdict });
      return null;
    }
    const { name, sql, parameterTypes } = statement;
    const again: PreparedStatement = {
      name,
      sql,
      parameterTypes,
      verdict,
      generation: session.generation,
      elevationAvailable: session.latch.elevationAvailable,
    };
    session.prepared.replace(again);
    if (verdict.sql !== statement.verdict.sql)
      this.#tiers.reparse({ name, sql: verdict.sql, parameterTypes });
    return again;
  }

  #execute(frame: Frame): Step {
    const { portal: name } = decodeExecute(frame.body);
    const portal = this.#session.prepared.portal(name);
    if (portal === undefined) return this.#refuse('bind', refusedStep, unknownPortalDenial(name));
    if (portal.kind === 'foreign') {
      this.#push(frame.bytes, { kind: 'execute', touchesMasked: portal.rights.touchesMasked });
      return undefined;
    }
    if (portal.statement.verdict.tier === 'base' && this.#session.latch.mustChange('base')) {
      return this.#executeSlowly(frame, portal.statement);
    }
    this.#executeCurrent(frame, portal.statement);
    return undefined;
  }

  async #executeSlowly(frame: Frame, statement: PreparedStatement): Promise<void> {
    await this.#tiers.enter('base');
    if (this.#session.skipping) return;
    this.#executeCurrent(frame, statement);
  }

  #executeCurrent(frame: Frame, statement: PreparedStatement): void {
    const running = this.#record(statement.sql, 'extended', statement.verdict);
    this.#applyEffects(statement.verdict);
    this.#push(frame.bytes, { kind: 'execute', running, rewritten: statement.verdict.rewritten });
  }

  #describe(frame: Frame): Step {
    const { target, name } = decodeDescribe(frame.body);
    const touchesMasked =
      target === 'statement' ? (this.#session.prepared.statement(name)?.verdict.touchesMasked ?? true) : true;
    return this.#forward(frame, {
      kind: target === 'statement' ? 'describe-statement' : 'describe-portal',
      touchesMasked,
    });
  }

  #close(frame: Frame): Step {
    const { target, name } = decodeClose(frame.body);
    this.#session.prepared.close(target, name);
    return this.#forward(frame, { kind: 'close' });
  }

  #applyEffects(verdict: AllowedVerdict): void {
    const { latch, names, prepared } = this.#session;
    if (verdict.taint !== null) {
      latch.tainted(verdict.taint);
      if (verdict.taint === 'session') names.opaqueObjects = true;
    }
    if (verdict.touchesMasked) this.#session.transactionTouchedMasked = true;
    for (const statement of verdict.statements) {
      for (const effect of statement.effects) {
        names.apply(effect);
        if (effect.kind === 'deallocated') prepared.deallocate(effect.name);
        if (effect.kind === 'discard' && effect.what === 'all') prepared.deallocate(null);
      }
    }
  }

  #record(sql: string, protocol: 'simple' | 'extended', verdict: AllowedVerdict): RunningStatement {
    const seq = this.#session.audit.statement({ text: sql, protocol, verdict });
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

  #forward(frame: Frame, entry: EntryDraft): undefined {
    this.#push(frame.bytes, entry);
    return undefined;
  }

  #push(bytes: Buffer, draft: EntryDraft): void {
    const running = draft.running ?? null;
    this.#session.pipelineOpen = draft.kind !== 'sync' && draft.kind !== 'query';
    this.#send(bytes);
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
  }

  /** Frames that lie side by side in the chunk that they came in leave as one piece. */
  #send(bytes: Buffer): void {
    const last = this.#out.at(-1);
    if (last !== undefined && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      this.#out[this.#out.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length);
      return;
    }
    this.#out.push(bytes);
  }

  #refuseStatement(
    kind: 'query' | 'parse' | 'bind',
    bytes: Buffer,
    refused: {
      readonly sql: string;
      readonly protocol: 'simple' | 'extended';
      readonly verdict: Extract<Verdict, { kind: 'deny' }>;
    },
  ): void {
    this.#session.audit.statement({
      text: refused.sql,
      protocol: refused.protocol,
      verdict: refused.verdict,
    });
    this.#auditOwed = true;
    this.#refuse(kind, bytes, refused.verdict.denial);
  }

  #refuse(kind: 'query' | 'parse' | 'bind', bytes: Buffer, denial: Denial): undefined {
    if (kind === 'query') this.#session.prepared.simpleQueryRan();
    this.#push(bytes, { kind, denial });
    return undefined;
  }
}

interface EntryDraft {
  readonly kind: PendingEntry['kind'];
  readonly denial?: Denial;
  readonly running?: RunningStatement;
  readonly touchesMasked?: boolean;
  readonly rewritten?: boolean;
  readonly onFailed?: () => void;
}

const encodingDenial = plainDenial({
  sqlstate: '22021',
  message: 'invalid byte sequence for encoding "UTF8"',
  rule: 'encoding',
  hint: 'The agent serves UTF8 only.',
});

const functionCallDenial = plainDenial({
  sqlstate: '0A000',
  message: 'the FunctionCall message is not served',
  rule: 'function-call',
  hint: 'Call the function in a SELECT.',
});

const tooManyDenial = plainDenial({
  sqlstate: '54000',
  message: 'too many prepared statements or portals in this session',
  rule: 'prepared-limit',
  hint: 'Close those that are no longer used.',
});

function unknownPortalDenial(name: string): Denial {
  return plainDenial({
    sqlstate: '34000',
    message: `portal "${name}" does not exist`,
    rule: 'unknown-portal',
  });
}

function unknownStatementDenial(name: string): Denial {
  return plainDenial({
    sqlstate: '26000',
    message:
      name === ''
        ? 'unnamed prepared statement does not exist'
        : `prepared statement "${name}" does not exist`,
    rule: 'unknown-statement',
  });
}
