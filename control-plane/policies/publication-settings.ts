import { type PolicySettings, policySettings } from '@daam/shared/api/routes/publications';
import { AppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';

/** What the organization asks of whoever puts policies in force; the defaults before anybody set anything. */
export async function loadPolicySettings(scope: Scope): Promise<PolicySettings> {
  const [row] = await query<{ touch: PolicySettings['touch']; second_approver: boolean }[]>(
    scope.em,
    'select touch, second_approver from policy_settings where org_id = ?',
    [scope.org],
  );
  if (row === undefined) return policySettings.parse({});
  return { touch: row.touch, secondApprover: row.second_approver };
}

const strictness = { never: 0, auto: 1, always: 2 } as const;

/** Whether settings ask for less than those before. */
export function isLaxer(before: PolicySettings, after: PolicySettings): boolean {
  const takesOne = before.secondApprover && !after.secondApprover;
  return takesOne || strictness[after.touch] < strictness[before.touch];
}

/** Keeps settings. CONFLICT for two administrators where there is one: nothing could be published any more. */
export async function savePolicySettings(
  scope: Scope,
  { touch, secondApprover }: PolicySettings,
  now: number,
): Promise<void> {
  if (secondApprover && (await countAdministrators(scope)) < 2) {
    throw new AppError('CONFLICT', {
      field: 'body.secondApprover',
      message: 'There is one administrator: nobody could publish what they propose.',
      hint: 'Make another person an administrator first.',
    });
  }
  await query(
    scope.em,
    `insert into policy_settings (org_id, touch, second_approver, changed_at) values (?, ?, ?, ?)
       on conflict (org_id) do update
         set touch = excluded.touch, second_approver = excluded.second_approver, changed_at = excluded.changed_at`,
    [scope.org, touch, secondApprover, new Date(now)],
  );
}

async function countAdministrators(scope: Scope): Promise<number> {
  const [row] = await query<{ count: number }[]>(
    scope.em,
    `select count(*)::int as count from users
      where org_id = ? and role = 'admin' and kind = 'person' and disabled_at is null`,
    [scope.org],
  );
  return row?.count ?? 0;
}
