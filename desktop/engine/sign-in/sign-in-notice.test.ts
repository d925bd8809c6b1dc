import { describe, expect, it } from 'vitest';
import { nextNoticeAt, noticeMs, noticeWords, signInNotice } from './sign-in-notice.ts';

const now = 1_000_000_000;
const notice = (signedInWith: 'token' | 'passkey' | null, leftMs: number | null) =>
  signInNotice({
    account: signedInWith === null ? null : { signedInWith },
    certificateExpiresAt: leftMs === null ? null : now + leftMs,
    now,
  });

describe('the end of a sign-in', () => {
  it('is told half an hour before, and when it has come', () => {
    expect(notice('passkey', noticeMs + 1)).toEqual({ kind: 'fine' });
    expect(notice('passkey', noticeMs)).toEqual({ kind: 'soon', leftMs: noticeMs });
    expect(notice('passkey', 0)).toEqual({ kind: 'over' });
    expect(notice('passkey', null)).toEqual({ kind: 'over' });
  });

  it('is no matter where a token renews it, or where nobody is signed in', () => {
    expect(notice('token', 1)).toEqual({ kind: 'fine' });
    expect(notice(null, null)).toEqual({ kind: 'fine' });
  });

  it('says when it will be another one by itself', () => {
    const next = (signedInWith: 'token' | 'passkey', leftMs: number | null) =>
      nextNoticeAt({
        account: { signedInWith },
        certificateExpiresAt: leftMs === null ? null : now + leftMs,
        now,
      });
    expect(next('passkey', noticeMs + 5)).toBe(now + 5);
    expect(next('passkey', noticeMs)).toBe(now + noticeMs);
    expect([next('passkey', 0), next('passkey', null), next('token', 5)]).toEqual([null, null, null]);
  });

  it('has words that say what to do, and none for nothing', () => {
    expect(noticeWords({ kind: 'fine' })).toBeNull();
    expect(noticeWords({ kind: 'soon', leftMs: 20_000 })).toContain('1 min');
    expect(noticeWords({ kind: 'over' })).toContain('daam login');
  });
});
