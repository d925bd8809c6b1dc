import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { bridgeChannels } from '../ipc/electron-channels.ts';
import { makePreloadBridge } from './preload-bridge.ts';

function start(answer: unknown = 'answer') {
  const asked: unknown[][] = [];
  const emitter = new EventEmitter();
  const ipc = Object.assign(emitter, {
    invoke: async (...args: unknown[]) => {
      asked.push(args);
      return answer;
    },
  });
  return { asked, emitter, bridge: makePreloadBridge(ipc as never, bridgeChannels) };
}

describe('what the preload script gives to the page', () => {
  it('asks on its own channels alone, whatever the page adds', async () => {
    const { asked, bridge } = start();
    await bridge.open();
    await (bridge.call as (...args: unknown[]) => Promise<string>)('{}', 'daam:other', () => {});
    await bridge.close();
    expect(asked).toEqual([[bridgeChannels.open], [bridgeChannels.call, '{}'], [bridgeChannels.close]]);
  });

  it.each([42, { toString: () => 'x' }, null, undefined, ['x']])(
    'passes text and not %s',
    async (message) => {
      const { asked, bridge } = start();
      await expect(bridge.call(message as string)).rejects.toThrow(TypeError);
      expect(asked).toEqual([]);
    },
  );

  it('hands on the text of a message and nothing of the event', () => {
    const { emitter, bridge } = start();
    const seen: unknown[][] = [];
    const stop = bridge.onMessage((...args: unknown[]) => void seen.push(args));
    emitter.emit(bridgeChannels.message, { sender: 'ipcRenderer' }, 'text', 'more');
    emitter.emit(bridgeChannels.message, {}, { not: 'text' });
    stop();
    emitter.emit(bridgeChannels.message, {}, 'late');
    expect(seen).toEqual([['text']]);
  });

  it('holds functions alone', () => {
    expect(Object.values(start().bridge).map((each) => typeof each)).toEqual(Array(4).fill('function'));
  });
});
