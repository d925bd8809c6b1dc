import { toAppError } from '@daam/shared/errors/app-error';
import { BridgeClient } from './bridge.ts';
import type { Bridge } from './bridge.ts';
import type { PreloadBridge } from './electron-channels.ts';
import { toBridgeError } from './errors.ts';
import { parseServerMessage } from './messages.ts';
import type { ClientMessage } from './messages.ts';

/**
 * A bridge from the app's own page to its main process, through what the preload script gave it. Who the page is, the
 * main process sees by the frame that asks; so there is no token. It cannot be lost: the page ends with the process.
 */
export function connectPreload(preload: PreloadBridge): Bridge {
  let stopListening = (): void => {};
  const client: BridgeClient = new BridgeClient({
    send,
    onClose: () => {
      stopListening();
      preload.close().catch(() => {});
    },
  });
  stopListening = preload.onMessage(receive);
  preload.open().then(receive, () => client.setState({ kind: 'refused' }));

  function receive(text: string): void {
    try {
      client.receive(parseServerMessage(text));
    } catch {
      // A main process that speaks another version than its own page: nothing it says can be used.
      client.setState({ kind: 'refused' });
    }
  }

  function send(message: ClientMessage): void {
    preload.call(JSON.stringify(message)).then(receive, (thrown: unknown) => {
      if (message.kind !== 'call') return;
      client.receive({ kind: 'error', id: message.id, error: toBridgeError(toAppError(thrown)) });
    });
  }

  return client;
}
