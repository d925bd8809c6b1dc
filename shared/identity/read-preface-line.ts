import { AppError } from '../errors/app-error.ts';
import type { PrefaceLines } from './preface.ts';

type StreamEvent = 'readable' | 'end' | 'close' | 'error';

/** The part of a readable stream of Node that is used. */
export interface PrefaceStream {
  readonly destroyed: boolean;
  readonly readableEnded: boolean;
  /** A Buffer, or null while there is none. */
  read(): unknown;
  on(event: StreamEvent, listener: () => void): unknown;
  off(event: StreamEvent, listener: () => void): unknown;
}

/**
 * The next line of the preface. What came after it stays in `lines`; nothing is read from the stream beyond the chunk that
 * completed the line, and no listener stays behind. TIMEOUT when the signal fires first; `closed` (PROTOCOL_VIOLATION) when
 * the other side closes; FRAME_TOO_LARGE for a line without end.
 */
export function readPrefaceLine(
  stream: PrefaceStream,
  lines: PrefaceLines,
  signal: AbortSignal,
  closed: () => AppError = closedTooEarly,
): Promise<string> {
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
      settle(() => reject(new AppError('TIMEOUT', { message: 'The other side did not answer in time.' })));
    const onClosed = (): void => settle(() => reject(closed()));
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

function closedTooEarly(): AppError {
  return new AppError('PROTOCOL_VIOLATION', { message: 'The other side closed before it was known.' });
}
