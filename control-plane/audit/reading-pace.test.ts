import { PassThrough, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { minBytesBetweenLooks, ReadingPace } from './reading-pace.ts';

/** An export without an end, into a body that the test reads. */
function endless() {
  const body = new PassThrough({ highWaterMark: 256 * 1024 });
  const pace = new ReadingPace(body);
  async function* texts() {
    for (;;) {
      yield 'x'.repeat(300_000);
      await setImmediate();
    }
  }
  const source = Readable.from(pace.pieces(texts()), { objectMode: true, highWaterMark: 2 });
  source.pipe(body);
  return {
    body,
    pace,
    [Symbol.dispose]: () => {
      source.destroy();
      body.destroy();
      pace[Symbol.dispose]();
    },
  };
}

async function take(body: PassThrough, bytes: number): Promise<void> {
  for (let taken = 0; taken < bytes; await setImmediate()) {
    const piece = body.read() as Buffer | null;
    taken += piece?.length ?? 0;
  }
  while (body.readableLength === 0) await setImmediate();
}

describe('the pace of a reader', () => {
  it('cuts off who takes nothing, and who takes less than the minimum', async () => {
    for (const taken of [1, 100_000]) {
      using run = endless();
      await take(run.body, 1);
      run.pace.look();
      await take(run.body, taken);
      run.pace.look();
      expect(run.pace.signal.reason).toMatchObject({ code: 'RATE_LIMITED' });
    }
  });

  it('lets everybody go on who takes the minimum, look for look', async () => {
    using run = endless();
    await take(run.body, 1);
    for (let looks = 0; looks < 5; looks += 1) {
      run.pace.look();
      // what lies in buffers between counts as taken late or early
      await take(run.body, minBytesBetweenLooks + 1_000_000);
    }
    expect(run.pace.signal.aborted).toBe(false);
    run.pace.look();
    run.pace.look();
    expect(run.pace.signal.aborted).toBe(true);
  });

  it('blames no reader for what is slow to be found', () => {
    const body = new PassThrough();
    using pace = new ReadingPace(body);
    for (let looks = 0; looks < 3; looks += 1) pace.look();
    expect(pace.signal.aborted).toBe(false);
  });

  it('hands every byte on', async () => {
    using pace = new ReadingPace(new PassThrough());
    async function* texts() {
      yield* ['ä'.repeat(100_000), '', 'end\n'];
      await setImmediate();
    }
    const pieces: Buffer[] = [];
    for await (const piece of pace.pieces(texts())) pieces.push(piece);
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(65_536);
    expect(Buffer.concat(pieces).toString('utf8')).toBe(`${'ä'.repeat(100_000)}end\n`);
  });
});
