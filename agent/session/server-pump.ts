import { AppError } from '@daam/shared/errors/app-error';
import { BackendScanner } from '@daam/shared/pgwire/backend-scanner';
import type { DiagnosticFields } from '@daam/shared/pgwire/diagnostic-fields';
import { encodeCommandComplete } from '@daam/shared/pgwire/command-complete';
import { policyChangeCode, resultMetadataCode } from '@daam/shared/api/mask-metadata';
import { decodeErrorResponse, encodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { backendType } from '@daam/shared/pgwire/message-types';
import { decodeNoticeResponse, encodeNoticeResponse } from '@daam/shared/pgwire/notice-response';
import {
  decodeParameterDescription,
  encodeParameterDescription,
} from '@daam/shared/pgwire/parameter-description';
import { decodeParameterStatus } from '@daam/shared/pgwire/parameter-status';
import { decodeReadyForQuery } from '@daam/shared/pgwire/ready-for-query';
import type { Denial } from '@daam/shared/sql/verdict';
import type { SessionContext } from './context.ts';
import { denialFields, filterDiagnostic, mayPassNotice } from './diagnostics.ts';
import type { PendingEntry, RunningStatement } from './pending.ts';
import { cancelledByPolicy, policyChanged, policyError } from './policy-error.ts';
import { refusedSqlState } from './refusal.ts';
import { findResultFault, type ResultFault } from './result-assertion.ts';

/** Only rows stream; everything else the server says must fit. */
const maxServerFrame = 64 * 1024 * 1024;
const header = 5;

const protocolViolation = '08P01';

/** Syntax and encoding of a text; a prepared statement and a portal that are not there. */
const foundFirst = new Set([refusedSqlState, '22021', '26000', '34000']);

function isFoundFirst({ sqlstate, rule }: Denial): boolean {
  // EXECUTE is a statement like any other: it looks for its name when it runs
  if (rule === 'unknown-prepared') return false;
  return foundFirst.has(sqlstate) || rule === 'function-call';
}

const lockTag = 'LOCK TABLE';

/** A LOCK that was written as DO (gate/lock.ts); beside a DO of the client's own the tags cannot be told apart. */
function isLock({ tag, statements }: RunningStatement): boolean {
  const commands = statements.map(({ command }) => command);
  return tag === 'DO' && commands.includes(lockTag) && !commands.includes('DO');
}

const abortedTransaction: DiagnosticFields = {
  severity: 'ERROR',
  code: '25P02',
  message: 'current transaction is aborted, commands ignored until end of transaction block',
};

/** Settings whose change would make the server read SQL differently from the gate (attacks.md 75 to 77). */
const pinned = new Map([
  ['client_encoding', 'UTF8'],
  ['server_encoding', 'UTF8'],
  ['standard_conforming_strings', 'on'],
]);

/**
 * Server to client: rows leave as the bytes that came, in as few writes as the chunks allow. Each other message
 * is matched with the head of `pending`; what does not fit ends the session, since a proxy that lost count can
 * no longer say whose answer it forwards.
 */
export class ServerPump {
  readonly #session: SessionContext;
  readonly #scanner = new BackendScanner({ maxFrameBytes: maxServerFrame });
  #out: Uint8Array[] = [];
  /** The run of unchanged bytes that was not put into `#out` yet. */
  #run: Buffer | null = null;
  #runStart = 0;
  #runEnd = 0;
  /** The last message with a COPY FROM STDIN, and how many of them it began. */
  #copying: { readonly head: PendingEntry; readonly count: number } | null = null;

  constructor({ session }: { readonly session: SessionContext }) {
    this.#session = session;
  }

  /** Runs until the server closes or the session ends. */
  async run(): Promise<void> {
    const { client, server } = this.#session;
    for (;;) {
      const chunk = await server.read();
      if (chunk === null) return;
      this.#scanner.push(chunk);
      while (this.#scanner.advance()) this.#take();
      this.#endRun();
      if (this.#out.length === 0) continue;
      const out = this.#out;
      this.#out = [];
      const slow = client.write(out);
      if (slow !== undefined) await slow;
    }
  }

  #take(): void {
    const head = this.#session.pending.head;
    switch (this.#scanner.type) {
      case backendType.dataRow:
      case backendType.copyData:
        return this.#row(head);
      case backendType.copyDone:
      case backendType.copyOutResponse:
        return this.#pass(head);
      case backendType.parameterDescription:
        return this.#parameterDescription(head);
      case backendType.parseComplete:
        return this.#answer(head, 'parse');
      case backendType.bindComplete:
        return this.#answer(head, 'bind');
      case backendType.closeComplete:
        return this.#answer(head, 'close');
      case backendType.rowDescription:
        return this.#rowDescription(head);
      case backendType.noData:
        return this.#answer(
          head,
          head?.kind === 'describe-portal' ? 'describe-portal' : 'describe-statement',
        );
      case backendType.commandComplete:
      case backendType.emptyQueryResponse:
      case backendType.portalSuspended:
        return this.#statementEnded(head);
      case backendType.readyForQuery:
        return this.#readyForQuery(head);
      case backendType.errorResponse:
        return this.#error(head);
      case backendType.copyInResponse:
        return this.#copyIn(head);
      case backendType.noticeResponse:
        return this.#notice(head);
      case backendType.parameterStatus:
        return this.#parameterStatus();
      case backendType.notificationResponse:
        return this.#forward();
      default:
        throw violation('unexpected message from the server');
    }
  }

  /** The client has not asked for the agent's parameters. */
  #parameterDescription(head: PendingEntry | null): void {
    const own = head?.ownParameters ?? 0;
    if (own === 0 || head?.own === true) return this.#pass(head);
    this.#replace(encodeParameterDescription(decodeParameterDescription(this.#body()).slice(0, -own)));
  }

  #row(head: PendingEntry | null): void {
    if (head?.own === true) return head.onRow?.(this.#body());
    // A change of policy took away what the statement uses: it is being cancelled, its rows stay here.
    if (head?.running?.revoked === true) {
      head.running.withheld = true;
      return;
    }
    this.#countRows(head);
    return this.#pass(head);
  }

  /** Beyond the policy's limit the session ends: half a result that looks whole would be worse. */
  #countRows(head: PendingEntry | null): void {
    const running = head?.running ?? null;
    if (running === null) return;
    running.rows += this.#scanner.completed;
    running.result.rows += this.#scanner.completed;
    const { maxRows } = this.#session.view.access.limits;
    if (maxRows === undefined || running.result.rows <= maxRows) return;
    throw new AppError('ROW_LIMIT', {
      message: `the result has more than the ${maxRows} rows that the policy allows`,
      hint: 'Ask for fewer rows, with LIMIT or a narrower condition.',
    });
  }

  /** An answer that ends the head. */
  #answer(head: PendingEntry | null, kind: PendingEntry['kind']): void {
    if (head === null || head.kind !== kind) throw violation(`an answer to ${kind} that nobody asked for`);
    const isRows = this.#scanner.type === backendType.rowDescription;
    if (head.ofQuery === null || isRows) this.#pass(head);
    this.#session.pending.shift();
  }

  #rowDescription(head: PendingEntry | null): void {
    const { access, skipsResultAssertion } = this.#session.view;
    const running = head?.kind === 'query' ? (head.running?.statements ?? null) : null;
    const fault = skipsResultAssertion === true ? null : findResultFault(this.#body(), access, running);
    if (fault !== null) {
      // Nothing of this result may leave.
      this.#session.audit.alarm({ rule: fault, detail: resultFaults[fault] });
      throw new AppError('RESULT_ASSERTION_FAILED', { message: resultFaults[fault] });
    }
    if (head?.kind === 'query' || head?.kind === 'execute') return this.#pass(head);
    if (head?.kind === 'describe-portal') {
      if (head.resultNotice !== undefined) this.#replace(head.resultNotice);
      return this.#answer(head, 'describe-portal');
    }
    return this.#answer(head, 'describe-statement');
  }

  #statementEnded(head: PendingEntry | null): void {
    if (head === null || (head.kind !== 'query' && head.kind !== 'execute')) {
      throw violation('a result that nobody asked for');
    }
    const { running } = head;
    let tag: Buffer | null = null;
    if (running !== null && this.#scanner.type === backendType.commandComplete) {
      const { buffer, start, end } = this.#scanner;
      running.tag = buffer.toString('latin1', start + header, end - 1);
      if (isLock(running)) {
        running.tag = lockTag;
        tag = encodeCommandComplete({ tag: lockTag });
      }
      if (running.discards !== null) this.#session.latch.discarded(running.discards);
    }
    if (running?.withheld === true) return this.#endWithheld(head, running);
    this.#pass(head, tag);
    if (head.kind === 'query') return;
    if (head.running !== null && head.ofQuery !== 'inner')
      this.#session.audit.completed({ running: head.running, sqlstate: null });
    this.#session.pending.shift();
  }

  /** It ended before it could be cancelled, and its result is not whole: the client must not take it for one. */
  #endWithheld(head: PendingEntry, running: RunningStatement): void {
    const { pending, audit } = this.#session;
    const isLast = head.kind === 'query' ? running.statements.length === 1 : pending.next?.kind === 'sync';
    if (!isLast) throw policyChanged();
    this.#replace(encodeErrorResponse(denialFields(cancelledByPolicy)));
    running.failed = true;
    running.withheld = false;
    audit.completed({ running, sqlstate: cancelledByPolicy.sqlstate });
    if (head.kind === 'execute') pending.shift();
  }

  #readyForQuery(head: PendingEntry | null): void {
    if (head === null || (head.kind !== 'query' && head.kind !== 'sync'))
      throw violation('an unexpected ReadyForQuery');
    const session = this.#session;
    session.transaction = decodeReadyForQuery(this.#body());
    session.copyIn = false;
    this.#pass(head);
    if (head.running !== null && !head.running.failed) {
      session.audit.completed({ running: head.running, sqlstate: null });
    }
    const isLast = session.pending.size === 1;
    if (session.transaction === 'idle' && isLast) {
      session.latch.transactionEnded();
      session.prepared.transactionEnded();
      session.notices.transactionEnded();
      session.transactionTouchedMasked = false;
    }
    session.pending.shift();
    session.onReady();
  }

  #error(head: PendingEntry | null): void {
    const session = this.#session;
    const fields = decodeErrorResponse(this.#body());
    if (head?.own === true) throw new AppError('INTERNAL', { detail: `barrier failed with ${fields.code}` });
    session.copyIn = false;
    const denial = fields.code === refusedSqlState ? (head?.denial ?? null) : null;
    const changed = policyError(session, head, fields.code);
    if (denial !== null) this.#replace(encodeErrorResponse(this.#refusalFields(denial)));
    else if (changed !== null) this.#replace(encodeErrorResponse(denialFields(changed)));
    else if (this.#isFiltered(head)) this.#replace(encodeErrorResponse(filterDiagnostic(fields, head)));
    else this.#forward();
    const running = head?.running ?? null;
    if (running !== null && !running.failed) {
      running.failed = true;
      session.audit.completed({ running, sqlstate: fields.code });
    }
    // PostgreSQL 13 goes on after a message that has no place in COPY data, and what it made of it cannot be known.
    if (fields.code === protocolViolation && head !== null && this.#copying?.head === head)
      throw new AppError('PROTOCOL_VIOLATION', { message: 'unexpected message from the client during COPY' });
    if (head === null || head.kind === 'query' || head.kind === 'sync') return;
    if (!session.pending.skipToSync()) session.skipping = true;
  }

  /** In a failed transaction PostgreSQL reads a text, finds what a message names, and looks no further. */
  #refusalFields(denial: Denial): DiagnosticFields {
    const isAborted = this.#session.transaction === 'failed' && !isFoundFirst(denial);
    return isAborted ? abortedTransaction : denialFields(denial);
  }

  #copyIn(head: PendingEntry | null): void {
    if (head === null || (head.kind !== 'query' && head.kind !== 'execute'))
      throw violation('an unexpected COPY');
    const earlier = this.#copying?.head === head ? this.#copying.count : 0;
    this.#copying = { head, count: earlier + 1 };
    const copyEnds = head.copyEnds + earlier;
    this.#session.pending.dropSyncsBehindHead(copyEnds);
    this.#session.copyIn = copyEnds === this.#session.copyEnds;
    this.#pass(head);
  }

  #notice(head: PendingEntry | null): void {
    if (head?.own === true || head?.running?.revoked === true) return;
    const { wantsMetadata } = this.#session;
    if (!wantsMetadata && !this.#isFiltered(head)) return this.#forward();
    const fields = decodeNoticeResponse(this.#body());
    // Code in the database must not speak for the agent.
    if (wantsMetadata && isMetadataCode(fields.code)) return;
    if (!this.#isFiltered(head)) return this.#forward();
    if (head?.running?.runsUserCode === true || !mayPassNotice(fields)) return;
    this.#replace(encodeNoticeResponse(filterDiagnostic(fields, head)));
  }

  /** Whether an error or notice now could quote what is masked. */
  #isFiltered(head: PendingEntry | null): boolean {
    const session = this.#session;
    if (!session.view.hasMasks) return false;
    return (
      session.latch.tier === 'elevated' ||
      session.transactionTouchedMasked ||
      session.latch.taint !== null ||
      head === null ||
      head.touchesMasked ||
      head.running?.runsUserCode === true
    );
  }

  #parameterStatus(): void {
    const { name, value } = decodeParameterStatus(this.#body());
    const wanted = pinned.get(name);
    if (wanted !== undefined && wanted !== value) {
      this.#session.audit.alarm({ rule: 'pinned-parameter', detail: name });
      throw violation(`the server changed ${name}`);
    }
    this.#forward();
  }

  /** Forwards an answer, or what stands for it, unless it is to a message of the agent's own. */
  #pass(head: PendingEntry | null, instead: Buffer | null = null): void {
    if (head?.own === true) return;
    const running = head?.running ?? null;
    if (running !== null && running.notice !== null) {
      this.#replace(running.notice);
      running.notice = null;
    }
    if (instead === null) this.#forward();
    else this.#replace(instead);
  }

  #forward(): void {
    const { buffer, start, end } = this.#scanner;
    if (this.#run === buffer && this.#runEnd === start) {
      this.#runEnd = end;
      return;
    }
    this.#endRun();
    this.#run = buffer;
    this.#runStart = start;
    this.#runEnd = end;
  }

  #replace(bytes: Buffer): void {
    this.#endRun();
    this.#out.push(bytes);
  }

  #endRun(): void {
    if (this.#run !== null) this.#out.push(this.#run.subarray(this.#runStart, this.#runEnd));
    this.#run = null;
  }

  #body(): Buffer {
    const { buffer, start, end } = this.#scanner;
    return buffer.subarray(start + header, end);
  }
}

function isMetadataCode(code: string): boolean {
  return code === resultMetadataCode || code === policyChangeCode;
}

const resultFaults: Readonly<Record<ResultFault, string>> = {
  'result-assertion': 'A masked column reached a result. The session is closed.',
  'relation-changed': 'A table was renamed while the statement was on its way. Connect again.',
};

function violation(detail: string): AppError {
  return new AppError('PROTOCOL_VIOLATION', {
    message: 'The connection to the database broke the protocol.',
    detail,
  });
}
