import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { maxPrefaceLine, PrefaceLines } from './preface.ts';
import { readPrefaceLine } from './read-preface-line.ts';

const never = new AbortController().signal;

function listeners(stream: PassThrough): number {
  return ['readable', 'end', 'close', 'error'].reduce((sum, name) => sum + stream.listenerCount(name), 0);
}

describe('reading a line of the preface', () => {
  it('puts pieces together, leaves the rest where it is, and no listener behind', async () => {
    const stream = new PassThrough();
    const before = listeners(stream);
    const lines = new PrefaceLines();
    const first = readPrefaceLine(stream, lines, never);
    for (const piece of ['{"a"', ':1}\n{"b"', ':2}\nrest']) stream.write(piece);
    expect(await first).toBe('{"a":1}');
    expect(await readPrefaceLine(stream, lines, never)).toBe('{"b":2}');
    expect(lines.rest().toString()).toBe('rest');
    expect(listeners(stream)).toBe(before);
  });

  it('ends when it takes too long, also when that was so before', async () => {
    const stop = new AbortController();
    const reading = readPrefaceLine(new PassThrough(), new PrefaceLines(), stop.signal);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: 'TIMEOUT' });
    const again = readPrefaceLine(new PassThrough(), new PrefaceLines(), stop.signal);
    await expect(again).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('ends in the words of its side when the other one closes in the middle of a line', async () => {
    const stream = new PassThrough();
    const reading = readPrefaceLine(stream, new PrefaceLines(), never);
    stream.end('{"half"');
    await expect(reading).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    const gone = (): AppError => new AppError('UPSTREAM_UNAVAILABLE');
    const after = readPrefaceLine(stream, new PrefaceLines(), never, gone);
    await expect(after).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('ends at a line without end', async () => {
    const stream = new PassThrough();
    const reading = readPrefaceLine(stream, new PrefaceLines(), never);
    stream.write('x'.repeat(maxPrefaceLine + 1));
    await expect(reading).rejects.toMatchObject({ code: 'FRAME_TOO_LARGE' });
  });
});
