import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NoticeWatch } from './notice-watch.ts';
import { type Held, noticeMs } from './sign-in-notice.ts';

const day = 86_400_000;
let held: Held;
let changes: number;
let watch: NoticeWatch;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  held = { account: { signedInWith: 'passkey' }, certificateExpiresAt: noticeMs + 60_000 };
  changes = 0;
  const clock = { now: () => Date.now() };
  watch = new NoticeWatch({ held: async () => held, clock, onChange: () => void (changes += 1) });
});
afterEach(() => {
  watch[Symbol.dispose]();
  vi.useRealTimers();
});

describe('waiting for the end of a sign-in', () => {
  it('tells half an hour before, at the end, and then nothing more', async () => {
    await watch.look();
    await vi.advanceTimersByTimeAsync(59_999);
    expect(changes).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(changes).toBe(1);
    await vi.advanceTimersByTimeAsync(noticeMs);
    expect(changes).toBe(2);
    await vi.advanceTimersByTimeAsync(10 * day);
    expect(changes).toBe(2);
  });

  it('waits for the new end after another sign-in, however often it looks', async () => {
    await Promise.all([watch.look(), watch.look(), watch.look()]);
    held = { ...held, certificateExpiresAt: noticeMs + day };
    await watch.look();
    await vi.advanceTimersByTimeAsync(day - 1);
    expect(changes).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(changes).toBe(1);
  });

  it('takes a time that no timer can be set to', async () => {
    held = { ...held, certificateExpiresAt: 60 * day };
    await watch.look();
    await vi.advanceTimersByTimeAsync(60 * day - noticeMs - 1);
    expect(changes).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(changes).toBe(1);
  });

  it('tells nothing once it is disposed of, also when that was while it looked', async () => {
    const looking = watch.look();
    watch[Symbol.dispose]();
    await looking;
    await vi.advanceTimersByTimeAsync(day);
    expect(changes).toBe(0);
  });
});
