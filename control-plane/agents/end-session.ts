import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { hasEnded } from '../audit/session-ends.ts';
import { query } from '../db/query.ts';
import { changeOrganization, type Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { credentialSignIn, requireFreshSignIn } from '../requests/fresh-sign-in.ts';
import { actorOf, type Services } from '../services.ts';
import type { EndAtAgent } from './questions.ts';

/** A session as the audit has it, open as far as is known here. */
interface OpenSession {
  readonly agent: string;
  readonly database: string;
  readonly user: string | null;
  readonly email: string;
}

/** Somebody was there a moment ago: a token that was left somewhere ends nobody's work. Minutes. */
const endingSignIn = { ...credentialSignIn, minutes: 5 } as const;

/**
 * Ending one session: the audit says at which agent it is, that agent ends it and answers. That it was asked is recorded
 * before, with who and why; that it ended, once the agent said so. The agent's own chain has the end itself.
 */
export function endSessionHandlers(
  { store, clock }: Services,
  endAt: EndAtAgent,
): Handlers<'endDatabaseSession'> {
  return {
    endDatabaseSession: async ({ caller, params: { session }, body: { reason } }) => {
      const record = async (scope: Scope, found: OpenSession, action: Ending): Promise<void> =>
        await recordEnding(scope, clock.now(), { caller, session, reason, found, ...action });
      const found = await changeOrganization(store, caller.org, async (scope) => {
        await requireFreshSignIn(scope, caller, { freshSignIn: endingSignIn, now: clock.now() });
        const open = await findOpenSession(scope, session);
        await record(scope, open, { isEnded: false });
        return open;
      });
      const answer = await endAt(
        { id: found.database, orgId: caller.org, agent: found.agent },
        { session, reason },
      );
      if (answer.kind === 'failed') throw new AppError(answer.code);
      if (answer.kind === 'not-open') throw notOpen();
      await changeOrganization(
        store,
        caller.org,
        async (scope) => await record(scope, found, { isEnded: true, tookMs: answer.tookMs }),
      );
      return { session, endedAt: new Date(clock.now()).toISOString(), tookMs: answer.tookMs };
    },
  };
}

async function findOpenSession({ em, org }: Scope, session: string): Promise<OpenSession> {
  const rows = await query<
    {
      agent_id: string;
      database_id: string;
      user_id: string | null;
      email: string | null;
      has_ended: boolean;
    }[]
  >(
    em,
    `select distinct on (agent_id) agent_id, database_id, user_id, event ->> 'email' as email, ${hasEnded} as has_ended
       from audit_connections
      where org_id = ? and session_id = ? and kind = 'session.opened' limit 10`,
    [org, session],
  );
  const [opened, ...others] = rows;
  if (opened === undefined) throw new AppError('NOT_FOUND', { message: 'There is no such session.' });
  if (others.length > 0) {
    throw new AppError('CONFLICT', {
      message: 'Several agents claim this session.',
      hint: 'One of them is not what it should be: look at both in the audit, and revoke it.',
    });
  }
  if (opened.has_ended) throw notOpen();
  const { agent_id: agent, database_id: database, user_id: user, email } = opened;
  return { agent, database, user, email: email ?? '' };
}

type Ending = { readonly isEnded: false } | { readonly isEnded: true; readonly tookMs: number };

async function recordEnding(
  scope: Scope,
  now: number,
  ending: Ending & {
    readonly caller: Person;
    readonly session: string;
    readonly reason: string;
    readonly found: OpenSession;
  },
): Promise<void> {
  const { caller, session, reason, found } = ending;
  const { agent, database, user, email } = found;
  const actor = actorOf(caller);
  const target = { kind: 'session', id: session, label: email };
  if (!ending.isEnded) {
    const detail = { reason, agent, database, user };
    return await recordActivity(scope, now, { action: 'session.end_asked', actor, target, detail });
  }
  await recordActivity(scope, now, {
    action: 'session.ended',
    actor,
    target,
    detail: { reason, agent, database, user, tookMs: ending.tookMs },
    before: { state: 'open' },
    after: { state: 'ended' },
  });
}

function notOpen(): AppError {
  return new AppError('CONFLICT', {
    message: 'This session is not open any more.',
    hint: 'It ended by itself meanwhile, or with its agent’s process. The audit says how as soon as the agent has delivered its records.',
  });
}
