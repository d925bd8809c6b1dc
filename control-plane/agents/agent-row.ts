import type { SessionCounts } from '@daam/shared/api/feed';
import type { AgentMessage } from '@daam/shared/api/feed';
import { announce } from '../db/notifications.ts';
import { query } from '../db/query.ts';
import { scopeTo } from '../db/scope.ts';
import type { AgentCaller } from '../http/call.ts';
import type { Services } from '../services.ts';
import type { StoredHealth } from './health.ts';

/**
 * What a feed writes about its agent. Every statement names the feed: when the agent has connected anew
 * (here or at another replica), or was revoked, an older feed writes nothing.
 */
export interface FeedIdentity {
  readonly agent: AgentCaller;
  /** Random, for each connection. */
  readonly feed: string;
}

type Deps = Pick<Services, 'store' | 'clock'>;

/** Takes the agent over for this feed; others close theirs. False when it was revoked meanwhile. */
export async function claimAgent(
  { store, clock }: Deps,
  { agent, feed }: FeedIdentity,
  hello: Extract<AgentMessage, { type: 'hello' }>,
): Promise<boolean> {
  return await scopeTo(store.em(), agent.org).em.transactional(async (em) => {
    const rows = await query(
      em,
      `update agents set state = 'connected', feed_id = ?, version = ?, applied_epoch = ?, last_seen_at = ?,
              listen_host = coalesce(?, listen_host), listen_port = coalesce(?, listen_port)
        where org_id = ? and id = ? and state not in ('pending', 'revoked') returning id`,
      [
        feed,
        hello.version,
        hello.epoch,
        new Date(clock.now()),
        hello.listen?.host ?? null,
        hello.listen?.port ?? null,
        agent.org,
        agent.id,
      ],
    );
    await announce(em, { kind: 'agent', agent: agent.id, feed });
    return rows.length === 1;
  });
}

/** Writes that the agent is alive, and in which state or at which epoch. */
export async function noteAgent(
  { store, clock }: Deps,
  { agent, feed }: FeedIdentity,
  news: {
    readonly state?: 'connected' | 'draining' | 'disconnected';
    readonly health?: StoredHealth;
    readonly applied?: {
      readonly epoch: number;
      readonly tookMs: number;
      readonly sessions: SessionCounts | null;
    };
  },
): Promise<void> {
  await query(
    scopeTo(store.em(), agent.org).em,
    `update agents set last_seen_at = ?, state = coalesce(?, state),
            health = coalesce(?::jsonb, health), health_at = case when ? then ? else health_at end,
            applied_at = case when ?::bigint >= applied_epoch then ? else applied_at end,
            applied_ms = case when ?::bigint >= applied_epoch then ? else applied_ms end,
            applied_sessions = case when ?::bigint >= applied_epoch then ?::jsonb else applied_sessions end,
            applied_epoch = greatest(applied_epoch, coalesce(?::bigint, applied_epoch)),
            feed_id = case when ? = 'disconnected' then null else feed_id end
      where org_id = ? and id = ? and feed_id = ?`,
    [
      new Date(clock.now()),
      news.state ?? null,
      news.health === undefined ? null : JSON.stringify(news.health),
      news.health !== undefined,
      new Date(clock.now()),
      news.applied?.epoch ?? null,
      new Date(clock.now()),
      news.applied?.epoch ?? null,
      news.applied?.tookMs ?? null,
      news.applied?.epoch ?? null,
      sessionsOf(news.applied),
      news.applied?.epoch ?? null,
      news.state ?? null,
      agent.org,
      agent.id,
      feed,
    ],
  );
}

function sessionsOf(applied: { readonly sessions: SessionCounts | null } | undefined): string | null {
  const sessions = applied?.sessions ?? null;
  return sessions === null ? null : JSON.stringify(sessions);
}
