import { silentLogger } from '@daam/shared/base/logger';
import { describe, expect, it } from 'vitest';
import { FakeSession, FakeWebContents, RecordingElectron } from '../main/testing/recording-electron.ts';
import type { FakeFrame } from '../main/testing/recording-electron.ts';
import { isTrustedFrame } from '../main/trusted-frame.ts';
import type { DesktopBackend } from './backend.ts';
import { bridgeChannels, type PreloadBridge } from './electron-channels.ts';
import { serveElectronBridge } from './electron-server.ts';
import { connectPreload } from './electron-transport.ts';
import { maxClientMessageBytes } from './messages.ts';
import { testBridgeContract } from './testing/bridge-contract.ts';
import { MemoryBackend } from './testing/memory-backend.ts';
import { sampleDatabases, sampleStatus, sampleTime } from './testing/sample.ts';

function serve(backend: DesktopBackend) {
  const electron = new RecordingElectron();
  const contents = new FakeWebContents(new FakeSession());
  const server = serveElectronBridge({
    ipc: electron.port.ipcMain,
    backend,
    isTrusted: (event) => isTrustedFrame(event, contents as never),
    logger: silentLogger,
  });
  return { electron, contents, server };
}

/** What the preload script gives a page, over the fake. */
function preloadOf({ electron, contents }: ReturnType<typeof serve>): PreloadBridge {
  const ask = async (channel: string, ...args: unknown[]): Promise<string> =>
    (await electron.invoke(channel, { contents }, ...args)) as string;
  const listeners = new Set<(message: string) => void>();
  contents.send = (_channel, message) => {
    for (const listener of listeners) listener(message);
  };
  return {
    open: () => ask(bridgeChannels.open),
    call: (message) => ask(bridgeChannels.call, message),
    close: async () => void (await ask(bridgeChannels.close)),
    onMessage: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const sampleBackend = (): MemoryBackend =>
  new MemoryBackend({ databases: sampleDatabases, status: sampleStatus, now: sampleTime, user: 'dev' });

const statusCall = '{"kind":"call","id":1,"method":"status","params":{}}';

describe('the Electron transport', () => {
  testBridgeContract(async (backend) => {
    const served = serve(backend);
    const bridge = connectPreload(preloadOf(served));
    return {
      bridge,
      [Symbol.asyncDispose]: async () => {
        bridge.close();
        served.server[Symbol.dispose]();
      },
    };
  });

  it('subscribes once for a page that is loaded anew, and not at all for one that is gone', async () => {
    const backend = sampleBackend();
    const { electron, contents } = serve(backend);
    await electron.invoke(bridgeChannels.open, { contents });
    await electron.invoke(bridgeChannels.open, { contents });
    expect(backend.subscribers).toBe(1);
    contents.emit('destroyed');
    expect(backend.subscribers).toBe(0);
  });

  it('hears nothing of a page whose process died until it is loaded anew', async () => {
    const backend = sampleBackend();
    const { electron, contents } = serve(backend);
    await electron.invoke(bridgeChannels.open, { contents });
    contents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(backend.subscribers).toBe(0);
    await expect(electron.invoke(bridgeChannels.call, { contents }, statusCall)).rejects.toThrow('FORBIDDEN');
    await electron.invoke(bridgeChannels.open, { contents });
    expect(backend.subscribers).toBe(1);
  });

  it('handles no channel any more once it is disposed of', async () => {
    const { electron, contents, server } = serve(sampleBackend());
    await electron.invoke(bridgeChannels.open, { contents });
    server[Symbol.dispose]();
    expect(electron.ipcHandlers.size).toBe(0);
  });
});

describe('the bridge of the main process refuses', () => {
  const top: FakeFrame = { url: 'app://bundle/', parent: null };
  const senders: [name: string, frame: FakeFrame | null][] = [
    ['a frame inside the page', { url: 'app://bundle/', parent: top }],
    ['another top frame with the same address', { ...top }],
    ['a frame that is gone', null],
  ];
  it.each(senders)('%s', async (_name, frame) => {
    const { electron, contents } = serve(sampleBackend());
    await expect(electron.invoke(bridgeChannels.open, { contents, frame })).rejects.toThrow('FORBIDDEN');
  });

  it.each([
    'https://bundle/',
    'app://bundle.example/',
    'app://other/',
    'app://bundle@evil/',
    'app://x:y@bundle/',
    'file:///app/bundle/index.html',
    'javascript:0',
    'about:blank',
    '',
  ])('our window while it shows %s', async (url) => {
    const { electron, contents } = serve(sampleBackend());
    contents.mainFrame = { url, parent: null };
    await expect(electron.invoke(bridgeChannels.open, { contents })).rejects.toThrow('FORBIDDEN');
    await expect(electron.invoke(bridgeChannels.call, { contents }, statusCall)).rejects.toThrow('FORBIDDEN');
  });

  it('other contents that show our page', async () => {
    const { electron } = serve(sampleBackend());
    const contents = new FakeWebContents(new FakeSession());
    await expect(electron.invoke(bridgeChannels.open, { contents })).rejects.toThrow('FORBIDDEN');
  });

  it('calls before the bridge is open', async () => {
    const { electron, contents } = serve(sampleBackend());
    await expect(electron.invoke(bridgeChannels.call, { contents }, statusCall)).rejects.toThrow('FORBIDDEN');
  });

  it.each([
    ['no text', 42],
    ['an object', { kind: 'call', id: 1, method: 'status', params: {} }],
    ['nothing', undefined],
    ['no JSON', '{'],
    ['a hello', '{"kind":"hello","version":1,"token":"x"}'],
    ['a method of Object', '{"kind":"call","id":1,"method":"constructor","params":{}}'],
    ['a key more', '{"kind":"call","id":1,"method":"status","params":{},"as":"admin"}'],
  ])('what is %s', async (_name, message) => {
    const { electron, contents } = serve(sampleBackend());
    await electron.invoke(bridgeChannels.open, { contents });
    await expect(electron.invoke(bridgeChannels.call, { contents }, message)).rejects.toThrow(
      'INVALID_INPUT',
    );
  });

  it('a message above the ceiling, before it is parsed', async () => {
    const { electron, contents } = serve(sampleBackend());
    await electron.invoke(bridgeChannels.open, { contents });
    const message = `${' '.repeat(maxClientMessageBytes)}${statusCall}`;
    await expect(electron.invoke(bridgeChannels.call, { contents }, message)).rejects.toThrow('TOO_LARGE');
  });

  it('mangled messages, without the backend hearing of them', async () => {
    const backend = sampleBackend();
    const status = (): never => {
      throw new Error('the backend was asked');
    };
    const { electron, contents } = serve({
      capabilities: backend.capabilities,
      methods: { ...backend.methods, status },
      subscribe: () => () => {},
    });
    await electron.invoke(bridgeChannels.open, { contents });
    for (let at = 0; at < statusCall.length; at += 1) {
      for (const piece of ['', '"', '\\', '\u0000', '{', '9'.repeat(400), '__proto__']) {
        const message = statusCall.slice(0, at) + piece + statusCall.slice(at + 1);
        if (message === statusCall) continue;
        const outcome = electron.invoke(bridgeChannels.call, { contents }, message);
        await outcome.then(
          (answer) => expect(answer).toContain('"error"'),
          (thrown: Error) => expect(thrown.message).toMatch(/^(INVALID_INPUT|TOO_LARGE)$/),
        );
      }
    }
  });

  it('more calls at once than a page needs, and goes on afterwards', async () => {
    const backend = sampleBackend();
    const wait = Promise.withResolvers<void>();
    const status = async (): Promise<typeof sampleStatus> => {
      await wait.promise;
      return sampleStatus;
    };
    const slow: DesktopBackend = {
      capabilities: backend.capabilities,
      methods: { ...backend.methods, status },
      subscribe: () => () => {},
    };
    const { electron, contents } = serve(slow);
    await electron.invoke(bridgeChannels.open, { contents });
    const ask = async (): Promise<string> =>
      (await electron.invoke(bridgeChannels.call, { contents }, statusCall)) as string;
    const under = Array.from({ length: 64 }, ask);
    expect(await ask()).toContain('RATE_LIMITED');
    wait.resolve();
    await Promise.all(under);
    expect(await ask()).toContain('"result"');
  });
});
