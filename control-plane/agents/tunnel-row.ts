import type { PasskeyStanding } from '@daam/shared/api/feed';
import type { RelayTicket, TunnelTarget } from '@daam/shared/api/schemas';
import { query } from '../db/query.ts';
import { readSnapshot, scopeTo } from '../db/scope.ts';
import { homeRelay, issueTicket } from '../relays/tickets.ts';
import type { Services } from '../services.ts';
import type { FeedIdentity } from './agent-row.ts';

/** Keeps where the agent's tunnel is found, unless the feed is no longer the agent's. */
export async function keepTunnel(
  { store }: Pick<Services, 'store'>,
  { agent, feed }: FeedIdentity,
  tunnel: TunnelTarget,
): Promise<void> {
  await query(
    scopeTo(store.em(), agent.org).em,
    `update agents set tunnel_key = ?, tunnel_candidates = ?::jsonb where org_id = ? and id = ? and feed_id = ?`,
    [tunnel.publicKey, JSON.stringify(tunnel.candidates), agent.org, agent.id, feed],
  );
}

/** Keeps which passkeys the agent trusts, in place of what it said before. */
export async function keepPasskeyStandings(
  { store, clock }: Pick<Services, 'store' | 'clock'>,
  { agent, feed }: FeedIdentity,
  items: readonly PasskeyStanding[],
): Promise<void> {
  await query(
    scopeTo(store.em(), agent.org).em,
    `insert into agent_passkeys (agent_id, org_id, at, items)
     select a.id, a.org_id, ?, ?::jsonb from agents a where a.org_id = ? and a.id = ? and a.feed_id = ?
     on conflict (agent_id) do update set at = excluded.at, items = excluded.items`,
    [new Date(clock.now()), JSON.stringify(items), agent.org, agent.id, feed],
  );
}

/** The agent's admission to its home relay; null without a relay. It reaches nobody of itself: devices reach it. */
export async function ticketForAgent(
  services: Pick<Services, 'store' | 'clock' | 'signer' | 'relays'>,
  { agent }: FeedIdentity,
  publicKey: string,
): Promise<RelayTicket | null> {
  const relay = homeRelay(services.relays, agent.id);
  if (relay === null) return null;
  return await readSnapshot(
    services.store,
    agent.org,
    async (scope) => await issueTicket(services, scope, { relay, publicKey, counterparts: [] }),
  );
}
