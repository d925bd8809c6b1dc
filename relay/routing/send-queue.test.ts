import { describe, expect, it } from 'vitest';
import { SendQueue } from './send-queue.ts';

function setUp(maxBytes: number) {
  const messages: string[] = [];
  const drops: string[] = [];
  let release: (() => void) | undefined;
  const queue = new SendQueue({
    maxBytes,
    sink: (message, sent) => {
      messages.push(message.toString());
      release = sent;
    },
    onDrop: (reason) => void drops.push(reason),
  });
  return { queue, messages, drops, release: () => release?.() };
}

describe('the send queue', () => {
  it('sends at once when nothing is under way, and joins what waited into one message', () => {
    const { queue, messages, release } = setUp(100);
    for (const text of ['a', 'b', 'c']) queue.push(Buffer.from(text));
    expect(messages).toEqual(['a']);
    release();
    expect(messages).toEqual(['a', 'bc']);
    release();
    expect(messages).toHaveLength(2);
  });

  it('drops the oldest that waits when it is full, and says so', () => {
    const { queue, messages, drops, release } = setUp(4);
    for (const text of ['first', '11', '22', '33']) queue.push(Buffer.from(text));
    // "first" alone exceeds the bound, so it never left.
    expect(messages).toEqual(['11']);
    queue.push(Buffer.from('44'));
    expect(drops).toEqual(['queue-full', 'queue-full']);
    expect(queue.bytes).toBe(4);
    release();
    expect(messages).toEqual(['11', '3344']);
  });

  it('keeps messages below the size that is joined', () => {
    const { queue, messages, release } = setUp(1_000_000);
    for (let n = 0; n < 9; n += 1) queue.push(Buffer.alloc(16_000));
    for (let n = 0; n < 9; n += 1) release();
    expect(messages.map((message) => message.length)).toEqual([16_000, 48_000, 48_000, 32_000]);
  });

  it('forgets everything when it is closed', () => {
    const { queue, messages, release } = setUp(100);
    queue.push(Buffer.from('a'));
    queue.push(Buffer.from('b'));
    queue.close();
    release();
    queue.push(Buffer.from('c'));
    expect(messages).toEqual(['a']);
  });
});
