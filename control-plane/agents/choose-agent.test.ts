import { describe, expect, it } from 'vitest';
import type { Agent } from '../db/entities/agent.ts';
import { bestAgent } from './choose-agent.ts';
import { isOlder } from './show-agent.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

function agent(id: string, over: Partial<Agent> = {}): Agent {
  return {
    id,
    state: 'connected',
    lastSeenAt: new Date(now),
    health: null,
    healthAt: null,
    tunnelKey: null,
    tunnelCandidates: [],
    ...over,
  } as Agent;
}

function withStatus(id: string, status: string): Agent {
  const health = {
    status,
    troubles: [],
    sessions: 0,
    upstream: { state: 'connected', serverVersion: null },
    policy: 'live',
    undelivered: 0,
    lease: null,
    relay: null,
  };
  return agent(id, { health, healthAt: new Date(now) });
}

describe('the agent that people are sent to', () => {
  it('is the one that is best off', () => {
    const ranked = [
      withStatus('a', 'healthy'),
      withStatus('b', 'degraded'),
      withStatus('c', 'unhealthy'),
      agent('d', { state: 'draining' }),
      agent('e', { lastSeenAt: new Date(now - 61_000) }),
      agent('f', { state: 'registered' }),
    ];
    for (let at = 0; at < ranked.length; at += 1) {
      expect(bestAgent(ranked.slice(at).toReversed(), { now, person: 'mina' })?.id).toBe(ranked[at]?.id);
    }
    expect(bestAgent([], { now })).toBeNull();
  });

  it('is the same for one person, spreads people, and moves only those of one that goes', () => {
    const agents = ['a', 'b', 'c'].map((id) => agent(id));
    const people = Array.from({ length: 300 }, (_, index) => `person-${index}`);
    const choose = (from: readonly Agent[]) =>
      new Map(people.map((person) => [person, bestAgent(from, { now, person })?.id]));
    const before = choose(agents);
    expect(choose(agents.toReversed())).toEqual(before);
    for (const { id } of agents) {
      expect([...before.values()].filter((each) => each === id).length).toBeGreaterThan(60);
    }
    const after = choose(agents.filter(({ id }) => id !== 'b'));
    for (const person of people.filter((each) => before.get(each) !== 'b')) {
      expect(after.get(person)).toBe(before.get(person));
    }
  });
});

describe('versions', () => {
  it.each([
    ['0.1.0', '0.2.0', true],
    ['0.9.9', '1.0.0', true],
    ['0.10.0', '0.9.0', false],
    ['0.1.0', '0.1.0', false],
    ['0.1.1', '0.1.0', false],
    ['nonsense', '0.1.0', false],
    ['99999999.0.0', '0.1.0', false],
  ])('%s is older than %s: %s', (a, b, expected) => {
    expect(isOlder(a, b)).toBe(expected);
  });
});
