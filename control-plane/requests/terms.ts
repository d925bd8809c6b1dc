import type { RequestSettings } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import { findExcess, parseTemporaryAccess } from '@daam/shared/policy/temporary-access';
import { PolicyEntity } from '../db/entities/policy.ts';
import type { Scope } from '../db/scope.ts';
import type { Terms } from './request-row.ts';

/** How far ahead a window may be planned, in milliseconds. */
const furthestStart = 30 * 86_400_000;

/** Terms as a body of the API gives them. */
export interface GivenTerms {
  readonly policy?: string | undefined;
  readonly access?: Readonly<Record<string, unknown>> | undefined;
  readonly minutes?: number | undefined;
  readonly startAt?: string | null | undefined;
}

export interface TermsContext {
  readonly database: string;
  readonly settings: RequestSettings;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Terms as they are asked for. */
export async function readTerms(
  scope: Scope,
  given: GivenTerms & { readonly minutes: number },
  context: TermsContext,
): Promise<Terms> {
  const longest = context.settings.maxMinutes;
  if (given.minutes > longest) {
    throw new AppError('INVALID_INPUT', {
      field: 'body.minutes',
      message: `body.minutes: the organization allows at most ${longest} minutes.`,
    });
  }
  return await completeTerms(scope, given, context);
}

/** Other terms for a request: what is not given stays. No ceiling but the API's: the approver decides. */
export async function changeTerms(
  scope: Scope,
  { current, given }: { readonly current: Terms; readonly given: GivenTerms },
  context: TermsContext,
): Promise<Terms> {
  const { policy, access, minutes = current.minutes, startAt } = given;
  if (policy !== undefined && access !== undefined) {
    throw new AppError('INVALID_INPUT', { field: 'body.access', message: 'Give either policy or access.' });
  }
  const what = policy === undefined && access === undefined ? null : { policy, access };
  const changed = await completeTerms(scope, { ...what, minutes, startAt }, context);
  return {
    ...changed,
    ...(what === null ? { policy: current.policy, access: current.access } : {}),
    ...(startAt === undefined ? { startAt: current.startAt } : {}),
  };
}

async function completeTerms(
  scope: Scope,
  { policy, access, minutes, startAt }: GivenTerms & { readonly minutes: number },
  { database, now }: TermsContext,
): Promise<Terms> {
  return {
    policy: policy === undefined ? null : await findPolicy(scope, database, policy),
    access: access === undefined ? null : parseTemporaryAccess(access),
    minutes,
    startAt: startAt === undefined || startAt === null ? null : startOf(startAt, now),
  };
}

async function findPolicy(scope: Scope, databaseId: string, name: string) {
  const policy = await scope.em.findOne(PolicyEntity, { databaseId, name, removedAt: null });
  if (policy === null) {
    throw new AppError('NOT_FOUND', { field: 'body.policy', message: 'There is no such policy.' });
  }
  return { id: policy.id, name: policy.name };
}

function startOf(text: string, now: number): number {
  const at = new Date(text).getTime();
  if (at > now && at <= now + furthestStart) return at;
  throw new AppError('INVALID_INPUT', {
    field: 'body.startAt',
    message: 'body.startAt: must be a time to come, within 30 days.',
  });
}

/** Where new terms give more than others: the name of what is more; null when they give the same or less. */
export function findMore(granted: Terms, current: Terms): string | null {
  if (granted.minutes > current.minutes) return 'minutes';
  if (current.startAt !== null && (granted.startAt === null || granted.startAt < current.startAt)) {
    return 'startAt';
  }
  if (granted.policy !== null) return granted.policy.id === current.policy?.id ? null : 'policy';
  if (granted.access === null || current.access === null) return 'access';
  if (granted.access === current.access) return null;
  const path = findExcess(granted.access, current.access);
  return path === null ? null : `access.${path}`;
}
