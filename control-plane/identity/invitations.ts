import { email as emailSchema } from '@daam/shared/api/schemas';
import type { Clock } from '@daam/shared/base/clock';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { type ActivityActor, recordActivity } from '../audit/activity.ts';
import { UserEntity, type User } from '../db/entities/user.ts';
import { query } from '../db/query.ts';
import { changeOrganization, type Scope, systemScope } from '../db/scope.ts';
import type { Store } from '../db/store.ts';
import { invitation } from './flows.ts';
import { createCode } from './one-time-codes.ts';

export interface Invitation {
  /** The secret is in the fragment, which browsers send nowhere. */
  readonly url: string;
  readonly expiresAt: string;
}

/** A link with which a person makes a passkey, once; an older one of theirs stops working. */
export async function inviteUserRow(
  scope: Scope,
  asked: { readonly user: User; readonly url: string; readonly actor: ActivityActor; readonly now: number },
): Promise<Invitation> {
  const { user, url, actor, now } = asked;
  await query(
    scope.em,
    `update one_time_codes set used_at = ?
      where kind = ? and org_id = ? and data ->> 'user' = ? and used_at is null`,
    [new Date(now), invitation.name, scope.org, user.id],
  );
  const data = { user: user.id, by: actor.kind === 'user' ? actor.id : null };
  const { text, expiresAt } = await createCode(scope.em, invitation, { org: scope.org, data, now });
  await recordActivity(scope, now, {
    action: 'user.invited',
    actor,
    target: { kind: 'user', id: user.id, label: user.email },
    detail: { expiresAt: expiresAt.toISOString() },
  });
  return { url: `${url}/enroll#${text}`, expiresAt: expiresAt.toISOString() };
}

/** As `inviteUserRow`, for whoever can start the control plane: no administrator has a passkey at first. */
export async function inviteByEmail(
  deps: { readonly store: Store; readonly clock: Clock; readonly url: string },
  asked: { readonly email: string; readonly org: string | null },
): Promise<Invitation> {
  const email = emailSchema.safeParse(asked.email);
  if (!email.success) throw new AppError('INVALID_INPUT', { field: 'email', message: 'email: is not valid' });
  const rows = await query<{ id: string; org_id: string }[]>(
    systemScope(deps.store, 'operator'),
    `select u.id, u.org_id from users u join organizations o on o.id = u.org_id
      where u.email = ? and u.kind = 'person' and u.disabled_at is null and o.name = coalesce(?, o.name)`,
    [email.data, asked.org],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NOT_FOUND', { message: 'There is no such user.' });
  if (rows.length > 1) {
    throw new AppError('CONFLICT', {
      field: 'org',
      message: 'Several organizations have this user.',
      hint: 'Say which one with --org NAME.',
    });
  }
  return await changeOrganization(deps.store, asId<OrgId>(row.org_id), async (scope) => {
    const user = await scope.em.findOneOrFail(UserEntity, { id: row.id });
    const actor = { kind: 'system', id: null, label: 'daam-control-plane invite' } as const;
    return await inviteUserRow(scope, { user, url: deps.url, actor, now: deps.clock.now() });
  });
}
