import { randomBytes } from 'node:crypto';
import { maxSealedBytes } from '@daam/shared/identity/sealed';
import { testRandom } from '@daam/shared/testing/random';
import { describe, expect, it } from 'vitest';
import { FailureCounter } from './failure-counter.ts';
import { type KnockDrop, KnockQueue, type KnockQueueOptions } from './knock-queue.ts';

function setUp(changes: Partial<KnockQueueOptions> = {}) {
  const drops: KnockDrop[] = [];
  const answers: string[] = [];
  const opened: { readonly key: string; readonly finish: (answer: Buffer | null) => void }[] = [];
  const failures = new FailureCounter({ limit: 2, windowMs: 60_000, maxAddresses: 10, now: () => 0 });
  const queue = new KnockQueue({
    take: (key) => new Promise((resolve) => opened.push({ key, finish: resolve })),
    answer: async (key, sealed) => void answers.push(`${key} ${sealed.toString('utf8')}`),
    failures,
    onDropped: (drop) => drops.push(drop),
    maxWaiting: 3,
    maxOfKey: 2,
    maxRunning: 1,
    ...changes,
  });
  return { queue, drops, answers, opened, failures };
}

const payload = randomBytes(32).toString('base64url');

describe('the queue of knocks', () => {
  it('opens one after the other, and answers those that are answered', async () => {
    const { queue, opened, answers } = setUp();
    queue.push('a', payload);
    queue.push('b', payload);
    expect(opened.map(({ key }) => key)).toEqual(['a']);
    opened[0]?.finish(Buffer.from('yes'));
    await expect.poll(() => opened.map(({ key }) => key)).toEqual(['a', 'b']);
    opened[1]?.finish(null);
    queue.push('c', payload);
    await expect.poll(() => opened.length).toBe(3);
    expect(answers).toEqual(['a yes']);
  });

  it('lets one key wait only a few times, so that it cannot keep the others out', () => {
    const { queue, drops } = setUp();
    for (let turn = 0; turn < 4; turn += 1) queue.push('a', payload);
    queue.push('b', payload);
    expect(drops).toEqual(['key-queue', 'key-queue']);
  });

  it('is bounded', () => {
    const { queue, drops } = setUp();
    for (const key of 'abcdef') queue.push(key, payload);
    expect(drops).toEqual(['queue', 'queue']);
  });

  it('does not even open what is too large, and what comes of a key that failed too often', () => {
    const { queue, drops, opened, failures } = setUp();
    queue.push('a', 'A'.repeat(maxSealedBytes * 2));
    failures.add('b');
    failures.add('b');
    queue.push('b', payload);
    expect([drops, opened]).toEqual([['too-large', 'barred'], []]);
  });

  it('opens the largest that a device may seal', () => {
    const { queue, opened } = setUp();
    queue.push('a', randomBytes(maxSealedBytes).toString('base64url'));
    expect(opened).toHaveLength(1);
  });

  it('comes back to nothing, whatever came and failed to be answered', async () => {
    let open = 0;
    let most = 0;
    const random = testRandom(7);
    const { queue, drops } = setUp({
      take: async () => {
        open += 1;
        most = Math.max(most, open);
        await Promise.resolve();
        open -= 1;
        return random.chance(0.5) ? Buffer.alloc(1) : null;
      },
      answer: () => Promise.reject(new Error('the device is gone')),
      maxRunning: 2,
    });
    for (let turn = 0; turn < 500; turn += 1) {
      queue.push(String(random.int(6)), payload);
      if (random.chance(0.3)) await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => open).toBe(0);
    expect(most).toBe(2);
    drops.length = 0;
    queue.push('last', payload);
    expect(drops).toEqual([]);
  });
});
