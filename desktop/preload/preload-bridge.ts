import type { IpcRenderer, IpcRendererEvent } from 'electron';
import type { bridgeChannels, PreloadBridge } from '../ipc/electron-channels.ts';

/** What the page is given. Only text goes either way: an argument that is none is refused here already. */
export function makePreloadBridge(
  ipc: Pick<IpcRenderer, 'invoke' | 'on' | 'off'>,
  channels: typeof bridgeChannels,
): PreloadBridge {
  const ask = async (channel: string, ...message: string[]): Promise<string> => {
    const answer: unknown = await ipc.invoke(channel, ...message);
    return typeof answer === 'string' ? answer : '';
  };
  return {
    open: () => ask(channels.open),
    call: (message) => (typeof message === 'string' ? ask(channels.call, message) : refuse()),
    close: async () => void (await ask(channels.close)),
    onMessage: (listener) => {
      // The event has the sender in it, which a page must not hold.
      const forward = (_event: IpcRendererEvent, message: unknown): void => {
        if (typeof message === 'string') listener(message);
      };
      ipc.on(channels.message, forward);
      return () => void ipc.off(channels.message, forward);
    },
  };
}

function refuse(): Promise<never> {
  return Promise.reject(new TypeError('A message is text.'));
}
