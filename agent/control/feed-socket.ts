import { on } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { EndSessionAnswer, EndSessionQuestion } from '@daam/shared/api/end-session';
import type { ExplainAnswer, ExplainQuestion } from '@daam/shared/api/explain';
import type { JudgeAnswer, JudgeQuestion } from '@daam/shared/api/judge';
import {
  type AgentMessage,
  type ControlMessage,
  controlMessage,
  feedCloseCodes,
  feedPath,
  maxControlMessageBytes,
} from '@daam/shared/api/feed';
import type { RelayTicket } from '@daam/shared/api/schemas';
import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { type RawData, WebSocket } from 'ws';

export interface FeedSocketOptions {
  /** Where the control plane is: https, or http within this machine. */
  readonly url: string;
  readonly credential: Secret;
  readonly signal: AbortSignal;
  /** Milliseconds between our own pings; three without any message end the connection. Default 15,000. */
  readonly heartbeatMs?: number;
  /** Answers what the control plane asks about a statement. Absent: it is told that this is not supported. */
  readonly explain?: (question: ExplainQuestion) => Promise<ExplainAnswer>;
  /** Judges statements under two policies. Absent: the agent cannot. */
  readonly judge?: (question: JudgeQuestion) => Promise<JudgeAnswer>;
  /** Ends one session. Absent: the agent cannot. */
  readonly endSession?: (question: EndSessionQuestion) => Promise<EndSessionAnswer>;
  /** The control plane wants the database examined now. */
  readonly onExamine?: () => void;
  /** The control plane wants the schema read now, or does not know the one whose hash it was told. */
  readonly onIntrospect?: () => void;
  readonly onSchemaWanted?: () => void;
  /** The ticket of the agent's relay; null: there is none. */
  readonly onRelay?: (ticket: RelayTicket | null) => void;
}

const openTimeoutMs = 10_000;
/** Questions that are answered at the same time; endings have as many places of their own. */
const maxQuestions = 16;

/** What the control plane asks, by the message that answers it. */
interface Answers {
  readonly explained: { readonly question: ExplainQuestion; readonly answer: ExplainAnswer };
  readonly judged: { readonly question: JudgeQuestion; readonly answer: JudgeAnswer };
  readonly 'session-ended': { readonly question: EndSessionQuestion; readonly answer: EndSessionAnswer };
}

interface Failed {
  readonly kind: 'failed';
  readonly code: 'AGENT_UNAVAILABLE' | 'UNSUPPORTED' | 'INTERNAL';
}

/** One WebSocket to the control plane, from its upgrade to its end. */
export class FeedSocket implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #frames: AsyncIterable<[RawData, boolean]>;
  readonly #closed: Promise<void>;
  #heart: NodeJS.Timeout | null = null;
  readonly #explain: FeedSocketOptions['explain'];
  readonly #judge: FeedSocketOptions['judge'];
  readonly #endSession: FeedSocketOptions['endSession'];
  readonly #onExamine: FeedSocketOptions['onExamine'];
  readonly #onIntrospect: FeedSocketOptions['onIntrospect'];
  readonly #onSchemaWanted: FeedSocketOptions['onSchemaWanted'];
  readonly #onRelay: FeedSocketOptions['onRelay'];
  readonly #questions = { asked: 0, ending: 0 };
  #silentBeats = 0;
  #closeCode: number | null = null;

  private constructor(options: FeedSocketOptions) {
    const { url, credential, signal, explain, onExamine, onRelay } = options;
    this.#explain = explain;
    this.#judge = options.judge;
    this.#endSession = options.endSession;
    this.#onExamine = onExamine;
    this.#onIntrospect = options.onIntrospect;
    this.#onSchemaWanted = options.onSchemaWanted;
    this.#onRelay = onRelay;
    this.#socket = new WebSocket(feedUrl(url), {
      headers: { authorization: `Bearer ${credential.reveal()}` },
      perMessageDeflate: false,
      followRedirects: false,
      handshakeTimeout: openTimeoutMs,
      // The bundle's text, and the few bytes of the message around it.
      maxPayload: maxControlMessageBytes + 1024,
    });
    // The loop ends by `close`, which follows every error.
    this.#socket.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      this.#socket.once('close', (code) => {
        this.#closeCode = code;
        resolve();
      });
    });
    // Before the socket is open, so that no frame can come between.
    this.#frames = on(this.#socket, 'message', {
      signal,
      close: ['close'],
      highWaterMark: 4,
      lowWaterMark: 1,
    }) as AsyncIterable<[RawData, boolean]>;
  }

  /**
   * Connects. Throws UNAUTHENTICATED when the control plane refuses the credential, CONTROL_PLANE_UNAVAILABLE
   * for everything else.
   */
  static async open(options: FeedSocketOptions): Promise<FeedSocket> {
    const feed = new FeedSocket(options);
    try {
      await feed.#opened(options.signal);
    } catch (thrown) {
      await feed[Symbol.asyncDispose]();
      throw thrown;
    }
    feed.#heart = setInterval(() => feed.#beat(), options.heartbeatMs ?? 15_000);
    feed.#heart.unref();
    return feed;
  }

  /** The close code (RFC 6455 section 7.4) once it is closed. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** Sends when open; else the message is lost with the connection. */
  send(message: AgentMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message), () => {});
  }

  /**
   * Bundles as they come, until the connection is closed or the signal aborted; signs of life and questions are dealt
   * with here. A message that is not one is PROTOCOL_VIOLATION.
   */
  async *bundles(): AsyncGenerator<Extract<ControlMessage, { type: 'bundle' }>, void> {
    for await (const [data, isBinary] of this.#frames) {
      this.#silentBeats = 0;
      const message = isBinary ? null : parseMessage(data);
      if (message === null) {
        this.#socket.close(feedCloseCodes.badMessage, 'bad message');
        throw new AppError('PROTOCOL_VIOLATION', { detail: 'the control plane sent what is no message' });
      }
      if (message.type === 'bundle') yield message;
      else if (message.type === 'ping') this.send({ type: 'pong' });
      else if (message.type === 'explain') void this.#answer('explained', this.#explain, message);
      else if (message.type === 'judge') void this.#answer('judged', this.#judge, message);
      else if (message.type === 'end-session') void this.#answer('session-ended', this.#endSession, message);
      else if (message.type === 'examine') this.#onExamine?.();
      else if (message.type === 'introspect') this.#onIntrospect?.();
      else if (message.type === 'schema-wanted') this.#onSchemaWanted?.();
      else if (message.type === 'relay') this.#onRelay?.(message.ticket);
    }
  }

  /** Closes it, and cuts it when the other side does not answer within a second. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#heart !== null) clearInterval(this.#heart);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1001, 'the agent leaves');
    else if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.terminate();
    const cut = setTimeout(() => this.#socket.terminate(), 1_000);
    await this.#closed;
    clearTimeout(cut);
  }

  async #opened(signal: AbortSignal): Promise<void> {
    const socket = this.#socket;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => reject(new AppError('CANCELLED'));
    socket.once('open', resolve);
    socket.once('unexpected-response', (_request: ClientRequest, { statusCode }: IncomingMessage) => {
      reject(new AppError(statusCode === 401 ? 'UNAUTHENTICATED' : 'CONTROL_PLANE_UNAVAILABLE'));
    });
    socket.once('error', () => reject(new AppError('CONTROL_PLANE_UNAVAILABLE')));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Answers one question by its id; `answer` is who can, if anybody. */
  async #answer<Kind extends keyof Answers>(
    type: Kind,
    answer: ((question: Answers[Kind]['question']) => Promise<Answers[Kind]['answer']>) | undefined,
    question: Answers[Kind]['question'],
  ): Promise<void> {
    const say = (said: Answers[Kind]['answer'] | Failed): void =>
      this.send({ type, id: question.id, answer: said } as AgentMessage);
    const refuse = (code: Failed['code']): void => say({ kind: 'failed', code });
    if (answer === undefined) return refuse('UNSUPPORTED');
    const place = type === 'session-ended' ? 'ending' : 'asked';
    if (this.#questions[place] >= maxQuestions) return refuse('AGENT_UNAVAILABLE');
    this.#questions[place] += 1;
    try {
      say(await answer(question));
    } catch {
      refuse('INTERNAL');
    } finally {
      this.#questions[place] -= 1;
    }
  }

  #beat(): void {
    if (this.#silentBeats >= 3) return this.#socket.terminate();
    this.#silentBeats += 1;
    this.send({ type: 'ping' });
  }
}

function feedUrl(base: string): URL {
  const url = new URL(feedPath, base);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  return url;
}

function parseMessage(data: RawData): ControlMessage | null {
  try {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    const parsed = controlMessage.safeParse(JSON.parse(bytes.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
