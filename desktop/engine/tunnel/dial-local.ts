import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '@daam/shared/errors/app-error';
import { connectTo, type LocalAddress } from '../local-address.ts';

/** Connects to a local port. TUNNEL_FAILED when nobody takes the connection. */
export function dialLocal(at: LocalAddress, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...connectTo(at), noDelay: true, allowHalfOpen: true });
    const settle = (act: () => void): void => {
      socket.off('error', fail);
      socket.off('connect', onConnect);
      signal.removeEventListener('abort', onAbort);
      // Whoever uses the socket adds a listener; until then, a reset must not end the process.
      socket.on('error', () => {});
      act();
    };
    const fail = (cause: unknown): void =>
      settle(() => {
        socket.destroy();
        reject(new AppError('TUNNEL_FAILED', { detail: 'the forward does not take connections', cause }));
      });
    const onConnect = (): void => settle(() => resolve(socket));
    const onAbort = (): void => fail(signal.reason);
    socket.once('error', fail);
    socket.once('connect', onConnect);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}
