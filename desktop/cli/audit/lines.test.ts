import { describe, expect, it } from 'vitest';
import { linesOf } from './lines.ts';

async function collect(pieces: readonly string[], maxBytes = 100): Promise<string[]> {
  async function* stream() {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const lines: string[] = [];
  for await (const line of linesOf(stream(), maxBytes)) lines.push(Buffer.from(line).toString());
  return lines;
}

describe('lines of a stream', () => {
  it('are the same however the stream is cut', async () => {
    const text = 'one\n\ntwo é\nthree';
    for (let size = 1; size <= text.length; size += 1) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      );
      expect(await collect(pieces)).toEqual(['one', '', 'two é', 'three']);
    }
    expect(await collect(['a\n'])).toEqual(['a']);
    expect(await collect([])).toEqual([]);
  });

  it('have a ceiling', async () => {
    await expect(collect(['x'.repeat(60), 'x'.repeat(60)])).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });
});
