import type { Readable } from 'node:stream';
import { AppError } from '@daam/shared/errors/app-error';
import type { PrefaceLines } from '@daam/shared/identity/preface';

/**
 * The next line of the preface. What came after it stays in `lines`; nothing is read from the stream beyond the
 * chunk that completed the line, and no listener stays behind. TIMEOUT when the signal fires first, UPSTREAM_UNAVAILABLE
 * when the peer closes.
 */
export function readPrefaceLine(stream: Readable, lines: PrefaceLines, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      stream.off('readable', onReadable);
      stream.off('end', onClosed);
      stream.off('close', onClosed);
      stream.off('error', onClosed);
      signal.removeEventListener('abort', onTimeout);
      act();
    };
    const onTimeout = (): void =>
      settle(() => reject(new AppError('TIMEOUT', { message: 'The agent did not answer in time.' })));
    const onClosed = (): void =>
      settle(() =>
        reject(new AppError('UPSTREAM_UNAVAILABLE', { message: 'The agent closed the connection.' })),
      );
    const onReadable = (): void => {
      try {
        let line = lines.next();
        while (line === null) {
          const chunk = stream.read() as Buffer | null;
          if (chunk === null) return;
          lines.push(chunk);
          line = lines.next();
        }
        settle(() => resolve(line));
      } catch (failure) {
        settle(() => reject(failure));
      }
    };
    if (signal.aborted) return onTimeout();
    if (stream.destroyed || stream.readableEnded) return onClosed();
    stream.on('end', onClosed);
    stream.on('close', onClosed);
    stream.on('error', onClosed);
    signal.addEventListener('abort', onTimeout);
    stream.on('readable', onReadable);
    onReadable();
  });
}
