import type { RequestSettings } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Person } from '../http/call.ts';

/**
 * Whoever gives access away, or changes how that is done, was there a moment ago: opening access for an emergency, and
 * changing the settings of requests need a passkey's touch of the last minutes. A device proves it by the
 * newest certificate that a passkey signed for it, a browser by its session; an API token cannot. `auto` asks this of
 * everybody who has a passkey. Throws STEP_UP_REQUIRED.
 */
export async function requireFreshSignIn(
  scope: Scope,
  caller: Person,
  { freshSignIn, now }: { readonly freshSignIn: RequestSettings['freshSignIn']; readonly now: number },
): Promise<void> {
  const { required, minutes } = freshSignIn;
  if (required === 'never') return;
  if (required === 'auto' && !(await hasPasskey(scope, caller.id))) return;
  const touchedAt = caller.session?.authTime ?? (await lastTouch(scope, caller));
  if (touchedAt !== null && now - touchedAt <= minutes * 60_000) return;
  throw new AppError('STEP_UP_REQUIRED', {
    message: `This needs a sign-in with a passkey of the last ${minutes} minutes.`,
    hint: 'Run "daam login" again, then repeat it.',
  });
}

/** What making a credential asks of whoever has a passkey, whatever the settings of requests say. */
export const credentialSignIn = { required: 'auto', minutes: 15 } as const;

/** What opens a way past the touch of each publication asks of whoever has a passkey: programs that publish, laxer settings. */
export const publishingSignIn = { ...credentialSignIn, minutes: 5 } as const;

/** Whether somebody has a passkey that was not removed. */
export async function hasPasskey(scope: Scope, user: string): Promise<boolean> {
  const rows = await query(
    scope.em,
    'select 1 from passkeys where org_id = ? and user_id = ? and revoked_at is null limit 1',
    [scope.org, user],
  );
  return rows.length > 0;
}

/** Milliseconds since the Unix epoch. A passkey that was revoked meanwhile does not count. */
async function lastTouch(scope: Scope, { id, device }: Person): Promise<number | null> {
  if (device === null) return null;
  const [row] = await query<{ at: Date | string | null }[]>(
    scope.em,
    `select max(c.auth_time) as at
       from device_certificates c
       join devices d on d.org_id = c.org_id and d.id = c.device_id
       join passkeys p on p.org_id = c.org_id and p.id = c.passkey_id and p.user_id = d.user_id
      where c.org_id = ? and c.device_id = ? and d.user_id = ? and d.revoked_at is null and p.revoked_at is null
        and not p.is_held`,
    [scope.org, device, id],
  );
  return row === undefined || row.at === null ? null : new Date(row.at).getTime();
}
