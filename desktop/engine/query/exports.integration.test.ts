import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Exports } from './exports.ts';

let folder: string;
let exports: Exports;
const states: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-exports-'));
  states.length = 0;
  exports = new Exports({
    folder: async () => await Promise.resolve(folder),
    emit: (event) => {
      if (event.event === 'exportChanged') states.push(event.payload.export.state);
    },
    now: () => 0,
  });
});
afterEach(async () => {
  await exports[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A stream that says one line, then nothing for as long as it lives. */
function endless(): { readonly stream: ReadableStream<Uint8Array>; readonly isCancelled: () => boolean } {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from('{"one":1}\n')),
    cancel: () => void (isCancelled = true),
  });
  return { stream, isCancelled: () => isCancelled };
}

describe('exports of one who signs out', () => {
  it('end at once, leave no half file and are not listed for the next one', async () => {
    const { stream, isCancelled } = endless();
    await exports.ofStream('audit', async () => await Promise.resolve(stream), 'jsonl');
    expect(await readdir(folder)).toHaveLength(1);
    await exports.forget().forgotten;
    expect([exports.list, await readdir(folder), isCancelled()]).toEqual([[], [], true]);
    expect(states.at(-1)).toBe('cancelled');
  });

  it('do not begin when they were asked for before', async () => {
    const { stream, isCancelled } = endless();
    const opening = Promise.withResolvers<ReadableStream<Uint8Array>>();
    const starting = exports.ofStream('audit', async () => await opening.promise, 'jsonl');
    await exports.forget().forgotten;
    opening.resolve(stream);
    await expect(starting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([exports.list, await readdir(folder), isCancelled()]).toEqual([[], [], true]);
  });

  it('that are done are not listed either, and their files stay', async () => {
    const whole = new Blob(['{"one":1}\n']).stream();
    await exports.ofStream('audit', async () => await Promise.resolve(whole), 'jsonl');
    await expect.poll(() => exports.list.map(({ state }) => state)).toEqual(['done']);
    await exports.forget().forgotten;
    expect(exports.list).toEqual([]);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('do not stand in the way of the next one’s', async () => {
    await exports.forget().forgotten;
    const whole = new Blob(['{"one":1}\n']).stream();
    await exports.ofStream('audit', async () => await Promise.resolve(whole), 'jsonl');
    await expect.poll(() => exports.list.map(({ state, rows }) => [state, rows])).toEqual([['done', 1]]);
  });
});
