import { BridgeClient } from './bridge.ts';
import type { Bridge } from './bridge.ts';
import { closeCodes, parseServerMessage } from './messages.ts';
import { bridgeVersion } from './schema.ts';

/** Milliseconds; the last one repeats. */
const retryDelays = [250, 500, 1_000, 2_000, 5_000];

/** The part of the browser's WebSocket that is used, so that Node's or a fake fits. */
export interface WebSocketLike {
  send(data: string): void;
  close(): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
}

export interface WebSocketBridgeOptions {
  /** Opens a socket to the bridge; called again after a loss. */
  readonly open: () => WebSocketLike;
  /** Sent in the first message: never in a URL, which servers and browsers keep. */
  readonly token: string;
  /** Waits, then calls; `setTimeout` in a browser. Returns how to call it off. */
  readonly schedule: (callback: () => void, milliseconds: number) => () => void;
}

/** A bridge over a WebSocket. It reconnects by itself, unless the token was refused. */
export function connectWebSocket({ open, token, schedule }: WebSocketBridgeOptions): Bridge {
  let socket: WebSocketLike | null = null;
  let attempts = 0;
  let cancelRetry = (): void => {};
  let closed = false;

  const client: BridgeClient = new BridgeClient({
    send: (message) => socket?.send(JSON.stringify(message)),
    onClose: () => {
      closed = true;
      cancelRetry();
      socket?.close();
    },
  });

  function start(): void {
    const current = open();
    socket = current;
    current.addEventListener('open', () => {
      current.send(JSON.stringify({ kind: 'hello', version: bridgeVersion, token }));
    });
    current.addEventListener('message', ({ data }) => {
      if (socket === current && typeof data === 'string') receive(data);
    });
    current.addEventListener('close', ({ code }) => {
      if (socket === current) lost(code);
    });
  }

  function receive(data: string): void {
    try {
      const message = parseServerMessage(data);
      if (message.kind === 'welcome') attempts = 0;
      client.receive(message);
    } catch {
      // An engine that speaks another version: the socket is of no use.
      socket?.close();
    }
  }

  function lost(code: number): void {
    socket = null;
    if (closed) return;
    if (code === closeCodes.unauthenticated) return client.setState({ kind: 'refused' });
    client.setState({ kind: 'lost' });
    const delay = retryDelays[Math.min(attempts++, retryDelays.length - 1)] ?? 5_000;
    cancelRetry = schedule(start, delay);
  }

  start();
  return client;
}
