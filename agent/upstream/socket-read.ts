import type { Socket } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';

/**
 * The next chunk of a socket, pulled: nothing is read that was not asked for, so the socket can be handed over
 * afterwards without losing bytes. UPSTREAM_UNAVAILABLE when it ends or fails; the signal's reason when aborted.
 */
export async function readChunk(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    signal.throwIfAborted();
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) return chunk;
    if (socket.readableEnded || socket.destroyed) throw closed(socket.errored);
    await untilAny(socket, ['readable', 'end', 'close', 'error'], signal);
  }
}

/** Resolves at the first of the events or when the signal aborts; rejects never, so that the caller looks itself. */
export function untilAny(socket: Socket, events: readonly string[], signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    for (const event of events) socket.off(event, done);
    signal.removeEventListener('abort', done);
    resolve();
  };
  for (const event of events) socket.on(event, done);
  signal.addEventListener('abort', done);
  return promise;
}

/** The failure of a connection that went away. */
export function closed(cause: unknown): AppError {
  const detail = cause instanceof Error ? cause.message : 'the connection was closed';
  return new AppError('UPSTREAM_UNAVAILABLE', { detail, cause });
}
