/**
 * One session of the app with a database, through its local port: the client's side of PostgreSQL's protocol 3.0
 * (PostgreSQL docs, chapter 55). Frames go one by one to whoever runs a statement; while it takes its time, nothing
 * more is read. What comes unasked (notices, the end of the session) is told to the owner.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Secret } from '@daam/shared/base/secret';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { decodeAuthentication } from '@daam/shared/pgwire/authentication';
import { decodeBackendKeyData } from '@daam/shared/pgwire/backend-key-data';
import { encodeCancelRequest } from '@daam/shared/pgwire/cancel-request';
import type { DiagnosticFields } from '@daam/shared/pgwire/diagnostic-fields';
import { decodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { type Frame, FrameReader } from '@daam/shared/pgwire/frame-reader';
import { backendType } from '@daam/shared/pgwire/message-types';
import { decodeNoticeResponse } from '@daam/shared/pgwire/notice-response';
import { decodeReadyForQuery, type TransactionStatus } from '@daam/shared/pgwire/ready-for-query';
import { encodeSaslInitialResponse } from '@daam/shared/pgwire/sasl-initial-response';
import { encodeSaslResponse } from '@daam/shared/pgwire/sasl-response';
import { type ScramExchange, startScram } from '@daam/shared/pgwire/scram-client';
import { encodeStartup } from '@daam/shared/pgwire/startup';
import { encodeTerminate } from '@daam/shared/pgwire/terminate';

/** A row is held whole before it is spooled. Bytes. */
const maxFrameBytes = 64 * 1024 * 1024;
/** Shorter than a screen waits for an answer (ipc/bridge.ts). */
const openTimeoutMs = 20_000;
const cancelTimeoutMs = 5_000;

/** Takes the server's answers to what was sent. */
export interface AnswerTaker {
  /** A promise holds up what comes behind. */
  readonly take: (frame: Frame) => Promise<void> | undefined;
  /** All that came so far was taken. */
  readonly pause: () => Promise<void> | undefined;
  /** The session is over; no answer comes any more. */
  readonly lost: (error: AppError) => void;
}

export interface WireSessionOptions {
  /** Opens a connection to the local port. */
  readonly dial: (signal: AbortSignal) => Promise<Duplex>;
  readonly user: string;
  readonly database: string;
  /** Of the local port, where it asks for one. */
  readonly password: () => Promise<Secret | null>;
  readonly onNotice: (fields: DiagnosticFields) => void;
  /** Called once, also after a failure to open. */
  readonly onLost: (error: AppError) => void;
  readonly signal: AbortSignal;
}

export class WireSession implements AsyncDisposable {
  readonly #options: WireSessionOptions;
  readonly #socket: Duplex;
  readonly #reader = new FrameReader({ side: 'backend', maxFrameBytes });
  readonly #opened = Promise.withResolvers<void>();
  readonly #over: Promise<void>;
  #key: { readonly pid: number; readonly secret: Buffer } | null = null;
  #scram: ScramExchange | null = null;
  /** The other side has proved that it knows the local password. */
  #isProved = false;
  #isSignedIn = false;
  #taker: AnswerTaker | null = null;
  #lost: AppError | null = null;
  #isOpen = false;
  transaction: TransactionStatus = 'idle';

  private constructor(options: WireSessionOptions, socket: Duplex) {
    this.#options = options;
    this.#socket = socket;
    // A session that ends later has nobody who waits for its beginning.
    this.#opened.promise.catch(() => {});
    this.#over = this.#read();
  }

  /** Ready for statements. Rejects with the server's or the agent's refusal. */
  static async open(options: WireSessionOptions): Promise<WireSession> {
    const deadline = AbortSignal.timeout(openTimeoutMs);
    const signal = AbortSignal.any([options.signal, deadline]);
    const socket = await options.dial(signal);
    const session = new WireSession(options, socket);
    const onAbort = (): void => session.#end(new AppError(deadline.aborted ? 'TIMEOUT' : 'CANCELLED'));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      session.send(
        encodeStartup({
          protocol: { major: 3, minor: 0 },
          parameters: new Map([
            ['user', options.user],
            ['database', options.database],
            ['application_name', 'DAAM'],
            ['options', '-c daam.metadata=on'],
          ]),
        }),
      );
      await session.#opened.promise;
      return session;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Why it is over; null while it lives. */
  get lost(): AppError | null {
    return this.#lost;
  }

  /** Who gets the answers from now on; null when nothing is under way. */
  set taker(taker: AnswerTaker | null) {
    this.#taker = taker;
  }

  send(...messages: readonly Buffer[]): void {
    if (this.#lost === null)
      this.#socket.write(messages.length === 1 ? messages[0] : Buffer.concat(messages));
  }

  /** Asks, over a connection of its own, that what runs be stopped. Whether it was is told by its answer. */
  async cancel(): Promise<void> {
    if (this.#key === null || this.#lost !== null) return;
    const patience = AbortSignal.timeout(cancelTimeoutMs);
    const socket = await this.#options.dial(patience);
    socket.on('error', () => {});
    socket.end(encodeCancelRequest({ pid: this.#key.pid, secret: this.#key.secret }));
    socket.resume();
    // The other side closes when it has carried it out (PostgreSQL docs 54.2.8).
    await once(socket, 'close', { signal: patience }).catch(() => {});
    socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#lost === null) {
      this.#socket.end(encodeTerminate());
      this.#end(new AppError('CANCELLED', { message: 'The session was ended.' }));
    }
    await this.#over;
  }

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
        this.#reader.push(chunk);
        for (let frame = this.#reader.next(); frame !== null; frame = this.#reader.next()) {
          const step = this.#isOpen ? this.#take(frame) : this.#opening(frame);
          if (step !== undefined) await step;
        }
        const rest = this.#taker?.pause();
        if (rest !== undefined) await rest;
      }
      this.#end(
        new AppError('UPSTREAM_UNAVAILABLE', { message: 'The connection to the database was lost.' }),
      );
    } catch (thrown) {
      this.#end(isConnectionError(thrown) ? connectionLost(thrown) : toAppError(thrown));
    }
  }

  #opening(frame: Frame): Promise<void> | undefined {
    switch (frame.type) {
      case backendType.authentication:
        return this.#authenticate(frame);
      case backendType.backendKeyData: {
        const { pid, secret } = decodeBackendKeyData(frame.body);
        this.#key = { pid, secret: Buffer.from(secret) };
        return undefined;
      }
      case backendType.readyForQuery:
        if (!this.#isSignedIn) throw new AppError('PROTOCOL_VIOLATION', { detail: 'ready before it let in' });
        this.#isOpen = true;
        this.transaction = decodeReadyForQuery(frame.body);
        this.#opened.resolve();
        return undefined;
      case backendType.errorResponse:
        this.#end(refusalOf(decodeErrorResponse(frame.body)));
        return undefined;
      default:
        return undefined;
    }
  }

  async #authenticate(frame: Frame): Promise<void> {
    const asked = decodeAuthentication(frame.body);
    if (asked.kind === 'ok') return await this.#letIn();
    if (asked.kind === 'sasl' && this.#scram === null) return await this.#beginScram();
    if (asked.kind === 'sasl-continue' && this.#scram !== null)
      return this.send(encodeSaslResponse(await this.#scram.answer(asked.data)));
    if (asked.kind === 'sasl-final' && this.#scram !== null) {
      this.#scram.verify(asked.data);
      this.#isProved = true;
      return;
    }
    throw needsPassword();
  }

  /** Nobody who does not know the password can be our own local port, where there is one. */
  async #letIn(): Promise<void> {
    const isAsked = this.#scram !== null || (await this.#options.password()) !== null;
    if (isAsked && !this.#isProved) throw stranger();
    this.#isSignedIn = true;
  }

  /** Over loopback there is no certificate to bind to. */
  async #beginScram(): Promise<void> {
    const password = await this.#options.password();
    if (password === null) throw needsPassword();
    const nonce = randomBytes(18).toString('base64');
    this.#scram = startScram({ password, nonce, channelBinding: null, bindingNotOffered: false });
    this.send(encodeSaslInitialResponse({ mechanism: this.#scram.mechanism, data: this.#scram.first }));
  }

  #take(frame: Frame): Promise<void> | undefined {
    switch (frame.type) {
      case backendType.noticeResponse:
        this.#options.onNotice(decodeNoticeResponse(frame.body));
        return undefined;
      case backendType.parameterStatus:
      case backendType.notificationResponse:
        return undefined;
      case backendType.readyForQuery:
        this.transaction = decodeReadyForQuery(frame.body);
        return this.#taker?.take(frame);
      case backendType.errorResponse: {
        const fields = decodeErrorResponse(frame.body);
        if (fields.severity !== 'FATAL' && fields.severity !== 'PANIC') return this.#taker?.take(frame);
        this.#end(refusalOf(fields));
        return undefined;
      }
      default:
        return this.#taker?.take(frame);
    }
  }

  #end(error: AppError): void {
    if (this.#lost !== null) return;
    this.#lost = error;
    this.#opened.reject(error);
    this.#socket.destroy();
    const taker = this.#taker;
    this.#taker = null;
    taker?.lost(error);
    this.#options.onLost(error);
  }
}

/** The refusal or the end of a session in our own words; the server's code decides which. */
function refusalOf({ code, message, detail, hint }: DiagnosticFields): AppError {
  const known =
    code === '57P01'
      ? 'POLICY_REVOKED'
      : code === '53400'
        ? 'ROW_LIMIT'
        : code === '42501' || code.startsWith('28')
          ? 'ACCESS_DENIED'
          : 'UPSTREAM_UNAVAILABLE';
  return new AppError(known, {
    message: message.slice(0, 2_000),
    ...(hint === undefined ? {} : { hint: hint.slice(0, 2_000) }),
    ...(detail === undefined ? {} : { detail }),
  });
}

function needsPassword(): AppError {
  return new AppError('UNSUPPORTED', {
    message: 'The local port asks for a password that the app does not have.',
    hint: 'Switch the local password off and on again.',
  });
}

function stranger(): AppError {
  return new AppError('UPSTREAM_AUTH_FAILED', {
    message: 'Whoever answers at the local port did not prove that it knows the local password.',
    hint: 'Another program may have taken the port: close the connection and open it again.',
  });
}

function isConnectionError(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && !(thrown instanceof AppError);
}

function connectionLost(cause: unknown): AppError {
  return new AppError('UPSTREAM_UNAVAILABLE', { message: 'The connection to the database was lost.', cause });
}

/** Random text for ids that screens see. */
export function newKey(): string {
  return randomBytes(12).toString('base64url');
}
