import { describe, expect, it } from 'vitest';
import { closeCodes } from './messages.ts';
import { bridgeVersion } from './schema.ts';
import { connectWebSocket } from './web-socket-transport.ts';
import type { WebSocketLike } from './web-socket-transport.ts';

/** A socket that the test plays the other end of. */
class FakeSocket implements WebSocketLike {
  readonly sent: string[] = [];
  readonly #listeners = new Map<string, (event: never) => void>();

  send(data: string): void {
    this.sent.push(data);
  }

  close(): void {
    this.emit('close', { code: 1_000 });
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener);
  }

  emit(type: string, event: unknown = {}): void {
    this.#listeners.get(type)?.(event as never);
  }

  welcome(): void {
    this.emit('open');
    const capabilities = {
      tunnel: true,
      localPort: true,
      queryEditor: false,
      tray: false,
      openInTool: false,
    };
    this.emit('message', { data: JSON.stringify({ kind: 'welcome', version: bridgeVersion, capabilities }) });
  }
}

function start() {
  const sockets: FakeSocket[] = [];
  const retries: { run: () => void; delay: number }[] = [];
  const bridge = connectWebSocket({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    token: 'the-token',
    schedule: (run, delay) => {
      const retry = { run, delay };
      retries.push(retry);
      return () => void retries.splice(retries.indexOf(retry), 1);
    },
  });
  const newest = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  };
  return { bridge, sockets, retries, newest };
}

describe('the WebSocket transport', () => {
  it('says hello with the token first, and is open only when it is welcomed', () => {
    const { bridge, newest } = start();
    newest().emit('open');
    expect(JSON.parse(newest().sent[0] ?? '')).toEqual({
      kind: 'hello',
      version: bridgeVersion,
      token: 'the-token',
    });
    expect(bridge.state().kind).toBe('connecting');
    newest().welcome();
    expect(bridge.state().kind).toBe('open');
  });

  it('fails what waits when the socket is lost', async () => {
    const { bridge, newest } = start();
    newest().welcome();
    const call = bridge.call('status', {});
    newest().emit('close', { code: 1_006 });
    await expect(call).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(bridge.state().kind).toBe('lost');
  });

  it('tries again ever more slowly, and at once again after a welcome', () => {
    const { retries, newest } = start();
    for (let loss = 0; loss < 7; loss += 1) {
      newest().emit('close', { code: 1_006 });
      retries.at(-1)?.run();
    }
    expect(retries.map(({ delay }) => delay)).toEqual([250, 500, 1_000, 2_000, 5_000, 5_000, 5_000]);
    newest().welcome();
    newest().emit('close', { code: 1_006 });
    expect(retries.at(-1)?.delay).toBe(250);
  });

  it('does not try again when the token is refused', () => {
    const { bridge, retries, newest } = start();
    newest().emit('close', { code: closeCodes.unauthenticated });
    expect(bridge.state().kind).toBe('refused');
    expect(retries).toEqual([]);
  });

  it('closes a socket whose messages it cannot read', () => {
    const { bridge, retries, newest } = start();
    newest().welcome();
    newest().emit('message', { data: '{"kind":"gossip"}' });
    expect(bridge.state().kind).toBe('lost');
    expect(retries).toHaveLength(1);
  });

  it('drops an event whose payload the schema does not know', () => {
    const { bridge, newest } = start();
    newest().welcome();
    let heard = 0;
    bridge.on('statusChanged', () => (heard += 1));
    newest().emit('message', { data: '{"kind":"event","event":"statusChanged","payload":{"status":{}}}' });
    expect(heard).toBe(0);
    expect(bridge.state().kind).toBe('open');
  });

  it('calls off the next try when it is closed', () => {
    const { bridge, retries, newest } = start();
    newest().emit('close', { code: 1_006 });
    bridge.close();
    expect(retries).toEqual([]);
  });
});
