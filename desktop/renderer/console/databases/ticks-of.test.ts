import { expect, it } from 'vitest';
import { isSetUp, type SetUpFacts, ticksOf } from './ticks-of.ts';

const now = Date.UTC(2026, 4, 2, 12);

function health(changes: Partial<NonNullable<NonNullable<SetUpFacts['agent']>['health']>> = {}) {
  return {
    at: new Date(now).toISOString(),
    status: 'healthy' as const,
    troubles: [],
    sessions: 0,
    upstream: { state: 'connected' as const, serverVersion: '18' },
    policy: 'live' as const,
    undelivered: 0,
    lease: null,
    path: null,
    ...changes,
  };
}

function states(changes: Partial<SetUpFacts>): string {
  return ticksOf(factsWith(changes))
    .map(({ state }) => state[0])
    .join('');
}

function factsWith(changes: Partial<SetUpFacts>): SetUpFacts {
  return { agent: null, doctor: null, tables: null, tokenEndsAt: now + 60_000, now, ...changes };
}

const agent = (changes: object = {}) => ({
  condition: 'online' as const,
  health: health(),
  version: '0.1.0',
  ...changes,
});
const finding = { severity: 'critical', message: 'The role may bypass row security.' } as never;

it('ticks one after the other, and is set up when the schema is there', () => {
  expect(states({})).toBe('wwwww');
  expect(states({ agent: agent({ condition: 'never-connected', health: null }) })).toBe('dwwww');
  expect(states({ agent: agent() })).toBe('dddww');
  expect(states({ agent: agent(), doctor: { findings: [] } })).toBe('ddddw');
  const all = ticksOf(factsWith({ agent: agent(), doctor: { findings: [] }, tables: 214 }));
  expect([isSetUp(all), all.at(-1)?.label]).toEqual([true, 'Schema reported: 214 tables']);
});

it('says at which one it stands, and why', () => {
  const failed = (changes: Partial<SetUpFacts>) => {
    const found = ticksOf(factsWith(changes)).find(({ state }) => state === 'failed');
    return found === undefined ? null : `${found.label}: ${found.detail}`;
  };
  expect(failed({ tokenEndsAt: now - 1 })).toContain('Token used, agent enrolled: The token ended');
  expect(failed({ agent: agent({ condition: 'offline' }) })).toContain('It was there and is away.');
  const failure = {
    code: 'UPSTREAM_AUTH_FAILED',
    message: 'The server refused the agent’s user or password.',
  };
  const away = health({
    troubles: ['upstream-away'],
    upstream: { state: 'disconnected', serverVersion: null, failure },
  });
  expect(failed({ agent: agent({ health: away }) })).toBe(
    'Database reached: The server refused the agent’s user or password. The agent tries again by itself.',
  );
  const older = health({
    troubles: ['upstream-away'],
    upstream: { state: 'disconnected', serverVersion: null },
  });
  expect(failed({ agent: agent({ health: older }) })).toContain('does not answer');
  expect(failed({ agent: agent(), doctor: { findings: [finding, finding] } })).toBe(
    'Privileges examined: The role may bypass row security. And 1 more: see Health.',
  );
});

it('waits while an agent has only begun to reach for its database', () => {
  const begun = health({ upstream: { state: 'disconnected', serverVersion: null } });
  expect(states({ agent: agent({ health: begun }) })).toBe('ddwww');
});
