import { type RequestSettings, requestSettings } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { checkExtent, checkRule } from './rules.ts';

/** How the organization handles requests; the defaults before anybody set anything. */
export async function loadSettings(scope: Scope): Promise<RequestSettings> {
  const [row] = await query<{ document: unknown }[]>(
    scope.em,
    'select document from request_settings where org_id = ?',
    [scope.org],
  );
  return requestSettings.parse(row?.document ?? {});
}

/** Keeps settings. People, groups and databases that do not exist throw NOT_FOUND with the field. */
export async function saveSettings(scope: Scope, settings: RequestSettings, now: number): Promise<void> {
  const { rules, emergency, discoverable } = settings;
  await checkRules(scope, rules, {
    groups: emergency.groups,
    databases: discoverable === 'all' ? [] : discoverable,
  });
  await query(
    scope.em,
    `insert into request_settings (org_id, document, changed_at) values (?, ?::jsonb, ?)
       on conflict (org_id) do update set document = excluded.document, changed_at = excluded.changed_at`,
    [scope.org, JSON.stringify(settings), new Date(now)],
  );
}

/** Rules, and what stands beside them. INVALID_INPUT or NOT_FOUND with the field. */
export async function checkRules(
  scope: Scope,
  rules: RequestSettings['rules'],
  beside: { readonly groups: readonly string[]; readonly databases: readonly string[] } = {
    groups: [],
    databases: [],
  },
): Promise<void> {
  checkExtent(rules, 'body.rules');
  const approvers = rules.flatMap((rule) => [
    rule.approvers,
    ...(rule.escalation === null ? [] : [rule.escalation.approvers]),
  ]);
  await refuseUnknown(
    scope,
    'users',
    approvers.flatMap(({ users }) => users),
  );
  await refuseUnknown(scope, 'groups', [...approvers.flatMap(({ groups }) => groups), ...beside.groups]);
  await refuseUnknown(scope, 'databases', [
    ...rules.flatMap(({ database }) => database ?? []),
    ...beside.databases,
  ]);
  for (const [at, rule] of rules.entries()) checkRule(rule, `body.rules.${at}`);
}

async function refuseUnknown(
  scope: Scope,
  table: 'users' | 'groups' | 'databases',
  ids: readonly string[],
): Promise<void> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return;
  const live = table === 'databases' ? 'and deleted_at is null' : '';
  const rows = await query<{ id: string }[]>(
    scope.em,
    `select id from ${table} where org_id = ? and id = any(?::uuid[]) ${live}`,
    [scope.org, wanted],
  );
  if (rows.length === wanted.length) return;
  throw new AppError('NOT_FOUND', { field: 'body', message: `There are no such ${table}.` });
}
