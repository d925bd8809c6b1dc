/** A client that keeps every byte which the server side sends: the smallest that can hold a conversation. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeBind } from '@daam/shared/pgwire/bind';
import { encodeCopyData } from '@daam/shared/pgwire/copy-data';
import { encodeCopyDone } from '@daam/shared/pgwire/copy-done';
import { encodeDescribe } from '@daam/shared/pgwire/describe';
import { encodeExecute } from '@daam/shared/pgwire/execute';
import { type Frame, FrameReader } from '@daam/shared/pgwire/frame-reader';
import { backendType } from '@daam/shared/pgwire/message-types';
import { encodeParse } from '@daam/shared/pgwire/parse';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { encodeStartup } from '@daam/shared/pgwire/startup';
import { encodeSync } from '@daam/shared/pgwire/sync';
import { encodeTerminate } from '@daam/shared/pgwire/terminate';

/** One thing that a client does; all of it is known before, so that it can be done in two worlds. */
export type Act =
  | { readonly kind: 'simple'; readonly sql: string; readonly copy?: string }
  | {
      readonly kind: 'extended';
      readonly sql: string;
      readonly parameters?: readonly (string | null)[];
      /** 0 text, 1 binary. */
      readonly format?: 0 | 1;
      /** Rows for each Execute; 0 is all. */
      readonly maxRows?: number;
      readonly name?: string;
    }
  /** Whole messages, answered until ReadyForQuery. */
  | { readonly kind: 'raw'; readonly about: string; readonly bytes: Buffer };

/** What came back for an act. `isClosed`: the connection ended. */
export interface Answer {
  readonly frames: readonly Frame[];
  readonly isClosed: boolean;
}

const answerTimeoutMs = 20_000;
const maxFrameBytes = 256 * 1024 * 1024;

/** One connection. Dispose to end it as a client does. */
export class WireSession implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #reader = new FrameReader({ side: 'backend', maxFrameBytes });
  #isClosed = false;
  #failure: Error | null = null;
  #frames: Frame[] = [];
  #wake: (() => void) | null = null;
  /** Every byte that came, for the canary scan; the owner takes it. */
  #received: Buffer[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake?.();
    });
  }

  /** Connects and starts a session; the answer to the start-up packet comes back too. */
  static async open(
    port: number,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly session: WireSession; readonly greeting: Answer }> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    const session = new WireSession(socket);
    const all = { user: 'dev', database: 'shop', client_encoding: 'UTF8', ...parameters };
    socket.write(
      encodeStartup({ protocol: { major: 3, minor: 0 }, parameters: new Map(Object.entries(all)) }),
    );
    return { session, greeting: await session.#untilReady() };
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Does one act and waits until the server side is ready again. */
  async act(act: Act): Promise<Answer> {
    if (this.#isClosed) return { frames: [], isClosed: true };
    this.#socket.write(bytesOf(act));
    return await this.#untilReady(act.kind === 'simple' ? act.copy : undefined);
  }

  /** Every byte since the last call. */
  takeReceived(): Buffer {
    const all = Buffer.concat(this.#received);
    this.#received = [];
    return all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#socket.end(encodeTerminate());
    const timer = setTimeout(() => this.#socket.destroy(), 5_000);
    if (!this.#isClosed) await once(this.#socket, 'close');
    clearTimeout(timer);
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk);
    try {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame !== null; frame = this.#reader.next())
        this.#frames.push(frame);
    } catch (thrown) {
      this.#failure = thrown instanceof Error ? thrown : new Error(String(thrown));
    }
    this.#wake?.();
  }

  async #untilReady(copy?: string): Promise<Answer> {
    const end = Date.now() + answerTimeoutMs;
    let answeredCopies = 0;
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const copies = this.#frames.filter(({ type }) => type === backendType.copyInResponse).length;
      if (copies > answeredCopies) {
        answeredCopies = copies;
        this.#socket.write(Buffer.concat([encodeCopyData(Buffer.from(copy ?? '')), encodeCopyDone()]));
      }
      const isReady = this.#frames.at(-1)?.type === backendType.readyForQuery;
      if (isReady || this.#isClosed) {
        const frames = this.#frames;
        this.#frames = [];
        return { frames, isClosed: this.#isClosed };
      }
      await this.#moreUntil(end);
    }
  }

  async #moreUntil(end: number): Promise<void> {
    const left = end - Date.now();
    if (left <= 0) {
      this.#socket.destroy();
      throw new Error('no ReadyForQuery came in time');
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}

function bytesOf(act: Act): Buffer {
  switch (act.kind) {
    case 'simple':
      return encodeQuery({ sql: act.sql });
    case 'raw':
      return act.bytes;
    case 'extended':
      return extendedBytes(act);
    default:
      return act satisfies never;
  }
}

/** Parse, Describe of both kinds, Bind, as many Executes as a limited one needs at most twice, Sync. */
function extendedBytes(act: Extract<Act, { kind: 'extended' }>): Buffer {
  const name = act.name ?? '';
  const execute = encodeExecute({ portal: '', maxRows: act.maxRows ?? 0 });
  return Buffer.concat([
    encodeParse({ name, sql: act.sql, parameterTypes: [] }),
    encodeDescribe({ target: 'statement', name }),
    encodeBind({
      portal: '',
      statement: name,
      parameterFormats: [],
      parameters: (act.parameters ?? []).map((value) => (value === null ? null : Buffer.from(value))),
      resultFormats: [act.format ?? 0],
    }),
    encodeDescribe({ target: 'portal', name: '' }),
    execute,
    ...(act.maxRows === undefined ? [] : [execute]),
    encodeSync(),
  ]);
}
