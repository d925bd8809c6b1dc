import type { RequestPreview } from '@daam/shared/api/routes/requests';
import { findDatabase } from '../databases/find-database.ts';
import type { Scope } from '../db/scope.ts';
import type { Call } from '../http/call.ts';
import { findVisible } from './create-request.ts';
import { narrowerAlternatives } from './narrower.ts';
import { ruleFor } from './rules.ts';
import { checkRules, loadSettings } from './settings.ts';
import { readTerms } from './terms.ts';
import { usualTime } from './usual-time.ts';
import { candidatesOf, whoApproves } from './who-approves.ts';

/** What somebody may know before they ask: who decides, how long that takes, and what would open by itself. */
export async function previewRequest(
  scope: Scope,
  { caller, body }: Pick<Call<'previewRequest'>, 'caller' | 'body'>,
  now: number,
): Promise<RequestPreview> {
  const settings = await loadSettings(scope);
  const database = await findVisible(scope, { reference: body.database, caller, settings });
  const terms = await readTerms(scope, body, { database: database.id, settings, now });
  const asked = { ...terms, database };
  const rule = ruleFor(settings, asked);
  return {
    approval: whoApproves(rule, await candidatesOf(scope, rule), caller.id),
    usual: rule.automatic ? null : await usualTime(scope, database.id, now),
    pendingMinutes: settings.pendingMinutes,
    alternatives: narrowerAlternatives(settings, asked).map(({ access, minutes }) => ({
      access: { ...access },
      minutes,
    })),
  };
}

/** Who would approve under rules that somebody thinks of. */
export async function checkRequestRules(
  scope: Scope,
  { body }: Pick<Call<'checkRequestRules'>, 'body'>,
  now: number,
) {
  await checkRules(scope, body.rules);
  const settings = await loadSettings(scope);
  const database = await findDatabase(scope, body.database);
  const terms = await readTerms(scope, body, {
    database: database.id,
    // What is tried out may be longer than what may be asked for today.
    settings: { ...settings, maxMinutes: body.minutes },
    now,
  });
  const rule = ruleFor(body, { ...terms, database });
  const approval = whoApproves(rule, await candidatesOf(scope, rule), body.requester ?? null);
  return { ...approval, rule: rule.index };
}
