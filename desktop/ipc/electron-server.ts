/**
 * The main process's side of the bridge. Every message is checked in this order: the frame that sends it (only the top
 * frame of the app's own window, on the app's own page), its type and size, its shape (zod, both ways), how many are
 * under way. What fails a check is refused without the backend hearing of it.
 */
import type { Logger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { answerCall } from './answer-call.ts';
import type { DesktopBackend } from './backend.ts';
import { bridgeChannels } from './electron-channels.ts';
import { toBridgeError } from './errors.ts';
import { maxClientMessageBytes, parseClientMessage } from './messages.ts';
import type { ClientMessage, ServerMessage } from './messages.ts';
import { bridgeVersion } from './schema.ts';
import { tellEvent } from './tell-event.ts';

/** The part of Electron that is used. */
export type IpcPort = Pick<IpcMain, 'handle' | 'removeHandler'>;

export interface ElectronBridgeOptions {
  readonly ipc: IpcPort;
  readonly backend: DesktopBackend;
  /** Whether this frame is the app's own page. */
  readonly isTrusted: (event: IpcMainInvokeEvent) => boolean;
  readonly logger: Logger;
}

type Sender = IpcMainInvokeEvent['sender'];

/** Screens page through results, so some calls run at once; a page that asks for more than this is not ours. */
const maxCallsAtOnce = 64;

/** Answers the app's page until disposed. */
export function serveElectronBridge(options: ElectronBridgeOptions): Disposable {
  const { ipc } = options;
  const sessions = new Map<number, PageSession>();

  const trusted = (event: IpcMainInvokeEvent): Sender => {
    if (options.isTrusted(event)) return event.sender;
    options.logger.warn({ frame: event.frameId }, 'a frame that is not the app asked the bridge');
    throw new AppError('FORBIDDEN');
  };
  const handlers = {
    [bridgeChannels.open]: (event: IpcMainInvokeEvent) => {
      const sender = trusted(event);
      const before = sessions.get(sender.id);
      before?.end();
      if (before === undefined) {
        sender.once('destroyed', () => sessions.get(sender.id)?.end());
        sender.on('render-process-gone', () => sessions.get(sender.id)?.end());
      }
      const session = new PageSession(sender, options);
      sessions.set(sender.id, session);
      return session.open();
    },
    [bridgeChannels.call]: (event: IpcMainInvokeEvent, message: unknown) => {
      const session = sessions.get(trusted(event).id);
      if (session?.isOpen !== true) throw new AppError('FORBIDDEN');
      return session.call(message);
    },
    [bridgeChannels.close]: (event: IpcMainInvokeEvent) => sessions.get(trusted(event).id)?.end(),
  };
  for (const [channel, handler] of Object.entries(handlers)) {
    const run = async (event: IpcMainInvokeEvent, message: unknown): Promise<unknown> =>
      await handler(event, message);
    ipc.handle(channel, (event, message: unknown) =>
      run(event, message).catch((thrown: unknown) => Promise.reject(codeOnly(thrown))),
    );
  }
  return {
    [Symbol.dispose]: () => {
      for (const channel of Object.keys(handlers)) ipc.removeHandler(channel);
      for (const session of sessions.values()) session.end();
    },
  };
}

/** What a handler throws Electron shows to the page with its text: only the code may get there. */
function codeOnly(thrown: unknown): Error {
  return new Error(toBridgeError(thrown).code);
}

class PageSession {
  readonly #sender: Sender;
  readonly #options: ElectronBridgeOptions;
  #unsubscribe: (() => void) | null = null;
  #calls = 0;

  constructor(sender: Sender, options: ElectronBridgeOptions) {
    this.#sender = sender;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#unsubscribe !== null;
  }

  open(): string {
    const { backend, logger } = this.#options;
    this.#unsubscribe = backend.subscribe((event) => {
      const message = tellEvent(event);
      if (message === null) logger.error({ event: event.event }, 'an event is not what the bridge says');
      else this.#tell(message);
    });
    return JSON.stringify({ kind: 'welcome', version: bridgeVersion, capabilities: backend.capabilities });
  }

  async call(message: unknown): Promise<string> {
    const call = readCall(message);
    if (this.#calls >= maxCallsAtOnce) {
      const error = toBridgeError(new AppError('RATE_LIMITED'));
      return JSON.stringify({ kind: 'error', id: call.id, error } satisfies ServerMessage);
    }
    this.#calls += 1;
    try {
      return JSON.stringify(await answerCall(this.#options.backend, call));
    } finally {
      this.#calls -= 1;
    }
  }

  end(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #tell(message: ServerMessage): void {
    if (this.#sender.isDestroyed()) return this.end();
    this.#sender.send(bridgeChannels.message, JSON.stringify(message));
  }
}

/** A call and nothing else: no `hello`, which is for transports with a token. INVALID_INPUT otherwise. */
function readCall(message: unknown): Extract<ClientMessage, { kind: 'call' }> {
  if (typeof message !== 'string') throw new AppError('INVALID_INPUT');
  if (Buffer.byteLength(message) > maxClientMessageBytes) throw new AppError('TOO_LARGE');
  const parsed = parseClientMessage(message);
  if (parsed.kind === 'call') return parsed;
  throw new AppError('INVALID_INPUT');
}
