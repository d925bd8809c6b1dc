import { describe, expect, it, vi } from 'vitest';
import { type PendingEntry, PendingQueue } from './pending.ts';

function entry(kind: PendingEntry['kind'], more: Partial<PendingEntry> = {}): PendingEntry {
  return {
    kind,
    own: false,
    denial: null,
    running: null,
    touchesMasked: false,
    rewritten: false,
    onFailed: null,
    ownParameters: 0,
    ofQuery: null,
    copyEnds: 0,
    ...more,
  };
}

describe('PendingQueue', () => {
  it('gives entries in the order of their messages, however many there are', () => {
    const queue = new PendingQueue();
    for (let n = 0; n < 3_000; n += 1) queue.push(entry('bind', { copyEnds: n }));
    for (let n = 0; n < 3_000; n += 1) expect(queue.shift()?.copyEnds).toBe(n);
    expect(queue.shift()).toBeNull();
  });

  it('drops what the server skips after an error, up to the Sync that is on its way', () => {
    const failed = vi.fn<() => void>();
    const queue = new PendingQueue();
    queue.push(entry('parse', { onFailed: failed }));
    queue.push(entry('bind'));
    queue.push(entry('sync'));
    queue.push(entry('parse'));
    expect(queue.skipToSync()).toBe(true);
    expect(failed).toHaveBeenCalledOnce();
    expect(queue.head?.kind).toBe('sync');
    expect(queue.size).toBe(2);
  });

  it('says so when no Sync was sent yet', () => {
    const queue = new PendingQueue();
    queue.push(entry('parse'));
    queue.push(entry('execute'));
    expect(queue.skipToSync()).toBe(false);
    expect(queue.size).toBe(0);
  });

  it('drops a Sync that a COPY swallows, and keeps the one behind CopyDone', () => {
    const queue = new PendingQueue();
    queue.push(entry('execute'));
    queue.push(entry('sync'));
    queue.push(entry('sync', { copyEnds: 1 }));
    queue.dropSyncsBehindHead(0);
    expect(queue.size).toBe(2);
    queue.shift();
    expect(queue.head?.copyEnds).toBe(1);
  });

  it('drops a Sync that the second COPY of one text swallows', () => {
    const queue = new PendingQueue();
    queue.push(entry('query'));
    queue.push(entry('sync', { copyEnds: 1 }));
    queue.push(entry('sync', { copyEnds: 2 }));
    queue.dropSyncsBehindHead(1);
    expect(queue.size).toBe(2);
    queue.shift();
    expect(queue.head?.copyEnds).toBe(2);
  });

  it('wakes who waits when the last answer came, and when the session ends', async () => {
    const queue = new PendingQueue();
    queue.push(entry('query'));
    const drained = queue.drained();
    queue.shift();
    await drained;
    queue.push(entry('query'));
    const abandoned = queue.drained();
    queue.abandon();
    await abandoned;
    expect(queue.size).toBe(0);
  });
});
