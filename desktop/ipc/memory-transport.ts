import { answerCall } from './answer-call.ts';
import type { DesktopBackend } from './backend.ts';
import { BridgeClient } from './bridge.ts';
import type { Bridge } from './bridge.ts';
import { parseClientMessage, parseServerMessage } from './messages.ts';
import type { ClientMessage, ServerMessage } from './messages.ts';
import { bridgeVersion } from './schema.ts';
import { tellEvent } from './tell-event.ts';

/**
 * A bridge straight to a backend in the same process. Messages still become text and are parsed, so a test over it
 * meets the same schema as a browser does.
 */
export function connectInMemory(backend: DesktopBackend): Bridge {
  const client: BridgeClient = new BridgeClient({ send, onClose: () => unsubscribe() });
  const deliver = (message: ServerMessage | null): void => {
    if (message !== null) client.receive(parseServerMessage(JSON.stringify(message)));
  };
  const unsubscribe = backend.subscribe((event) => deliver(tellEvent(event)));

  function send(message: ClientMessage): void {
    const parsed = parseClientMessage(JSON.stringify(message));
    if (parsed.kind === 'call') void answerCall(backend, parsed).then(deliver);
  }

  deliver({ kind: 'welcome', version: bridgeVersion, capabilities: backend.capabilities });
  return client;
}
