import { AppError } from '@daam/shared/errors/app-error';

const lineFeed = 0x0a;

/**
 * Lines of a stream as bytes, without their line feeds, in memory for one line. What follows the last line
 * feed is a line too, unless it is nothing. A line above the ceiling is TOO_LARGE.
 */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stream) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const part = chunk.subarray(start, end);
      yield waiting.length === 0 ? part : Buffer.concat([...waiting, part]);
      waiting = [];
      size = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    waiting.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > maxBytes)
      throw new AppError('TOO_LARGE', { message: `A line has more than ${maxBytes} bytes.` });
  }
  if (size > 0) yield Buffer.concat(waiting);
}
