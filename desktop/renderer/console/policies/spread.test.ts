import { describe, expect, it } from 'vitest';
import { spread } from './spread.ts';

type Agents = NonNullable<Parameters<typeof spread>[0]>;
type One = Agents[number];

function agent(changes: Partial<One> = {}): One {
  const applied = { at: '2026-01-01T00:00:00Z', tookMs: 40, sessions: { updated: 2, ended: 1 } };
  return { condition: 'online', appliedEpoch: 13, applied, health: null, ...changes };
}

describe('how far a publication has come', () => {
  it('adds up what the agents acknowledged, and takes the slowest of them', () => {
    const slow = { at: '2026-01-01T00:00:00Z', tookMs: 600, sessions: { updated: 3, ended: 0 } };
    expect(spread([agent(), agent({ applied: slow })], 13)).toEqual({
      serving: 2,
      applied: 2,
      isEverywhere: true,
      slowestMs: 600,
      words: '5 open sessions updated, 1 ended',
    });
  });

  it('counts no agent that is behind, and does not wait for one that is offline', () => {
    const behind = spread([agent(), agent({ appliedEpoch: 12 })], 13);
    expect([behind.applied, behind.serving, behind.isEverywhere]).toEqual([1, 2, false]);
    const offline = spread([agent(), agent({ appliedEpoch: 12, condition: 'offline' })], 13);
    expect([offline.applied, offline.serving, offline.isEverywhere]).toEqual([1, 1, true]);
  });

  it('claims nothing before the agents are known, nor for agents that do not count', () => {
    expect(spread(undefined, 13).isEverywhere).toBe(false);
    const applied = { at: '2026-01-01T00:00:00Z', tookMs: 40, sessions: null };
    const old = spread([agent({ applied })], 13);
    expect(old.words).toBe('In force in all 0 open sessions');
  });
});
