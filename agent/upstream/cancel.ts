import type { BackendKeyData } from '@daam/shared/pgwire/backend-key-data';
import { encodeCancelRequest } from '@daam/shared/pgwire/cancel-request';
import { type Deadline, withinDeadline } from './deadline.ts';
import { dial, type Endpoint } from './dial.ts';
import { untilAny } from './socket-read.ts';

export interface CancelOptions extends Endpoint, Deadline {
  readonly key: BackendKeyData;
}

/**
 * Asks the server to interrupt what the session with this key is doing, and waits until the server has taken the
 * request (it closes the connection). Whether anything was interrupted shows on the session alone.
 * Throws UPSTREAM_UNAVAILABLE or CANCELLED.
 */
export function sendCancel(options: CancelOptions): Promise<void> {
  return withinDeadline(options, async (signal) => {
    const { socket } = await dial(options, signal);
    try {
      socket.write(encodeCancelRequest(options.key));
      // Flowing without a listener drops whatever comes: only the end matters.
      socket.resume();
      if (!socket.destroyed) await untilAny(socket, ['end', 'close'], signal);
      signal.throwIfAborted();
    } finally {
      socket.destroy();
    }
  });
}
