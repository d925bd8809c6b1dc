import { describe, expect, it } from 'vitest';
import { noticeMs, noticeWords, signInNotice } from './sign-in-notice.ts';

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

  it('has words that say what to do, and none for nothing', () => {
    expect(noticeWords({ kind: 'fine' })).toBeNull();
    expect(noticeWords({ kind: 'soon', leftMs: 20_000 })).toContain('1 min');
    expect(noticeWords({ kind: 'over' })).toContain('daam login');
  });
});
