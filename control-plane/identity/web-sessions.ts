import { randomUUID } from 'node:crypto';
import type { Secret } from '@daam/shared/base/secret';
import { query } from '../db/query.ts';
import type { Em } from '../db/store.ts';
import type { Person } from '../http/call.ts';
import type { Asserted } from './assertion.ts';
import { isUseDue, type PersonRow, personOf } from './person-row.ts';
import { createToken, hashToken, isTokenOf } from './tokens.ts';

/** A browser's session ends after this long, and after this long without a call. Milliseconds. */
export const sessionMs = 8 * 3_600_000;
const idleMs = 60 * 60_000;

/** Starts a session for who just used a passkey. Its token goes into the cookie and nowhere else. */
export async function startSession(
  em: Em,
  asserted: Asserted,
  now: number,
): Promise<{ readonly id: string; readonly token: Secret }> {
  const id = randomUUID();
  const { token, hash } = createToken('session');
  await query(em, 'delete from web_sessions where org_id = ? and user_id = ? and expires_at < ?', [
    asserted.org,
    asserted.user.id,
    new Date(now),
  ]);
  await query(
    em,
    `insert into web_sessions (hash, id, org_id, user_id, passkey_id, auth_time, last_used_at, expires_at)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      hash,
      id,
      asserted.org,
      asserted.user.id,
      asserted.passkeyId,
      new Date(asserted.authTime),
      new Date(now),
      new Date(now + sessionMs),
    ],
  );
  return { id, token };
}

/** Ends a session; one that is none is left alone. */
export async function endSession(em: Em, text: string | null, now: number): Promise<void> {
  if (text === null || !isTokenOf('session', text)) return;
  await query(em, 'update web_sessions set ended_at = ? where hash = ? and ended_at is null', [
    new Date(now),
    hashToken(text),
  ]);
}

/** Who is behind a session's cookie; null for whatever is none. */
export async function personOfSession(em: Em, text: string | null, now: number): Promise<Person | null> {
  if (text === null || !isTokenOf('session', text)) return null;
  const [row] = await query<SessionRow[]>(
    em,
    `select s.id as session_id, s.passkey_id, s.auth_time, s.last_used_at, u.id, u.org_id, u.email, u.role
       from web_sessions s
       join users u on u.org_id = s.org_id and u.id = s.user_id
       join passkeys p on p.org_id = s.org_id and p.id = s.passkey_id
      where s.hash = ? and s.ended_at is null and s.expires_at > ? and s.last_used_at > ?
        and u.disabled_at is null and p.revoked_at is null and not p.is_held`,
    [hashToken(text), new Date(now), new Date(now - idleMs)],
  );
  if (row === undefined) return null;
  if (isUseDue(row, now)) {
    await query(em, 'update web_sessions set last_used_at = ? where id = ?', [new Date(now), row.session_id]);
  }
  const session = { passkeyId: row.passkey_id, authTime: new Date(row.auth_time).getTime() };
  return personOf(row, { tokenId: row.session_id, via: 'session', device: null, session });
}

interface SessionRow extends PersonRow {
  readonly session_id: string;
  readonly passkey_id: string;
  readonly auth_time: Date | string;
}
