import type { ConnectionView, StatementView } from '@daam/shared/api/routes/audit';
import { expect, it } from 'vitest';
import { missingPieces, type RecordingFacts } from './missing-pieces.ts';

const at = '2026-05-02T12:00:00.000Z';
const end = (statements: number): ConnectionView['end'] => ({
  at,
  durationMs: 5,
  reason: 'client',
  statements,
  rows: 1,
  bytesIn: 1,
  bytesOut: 1,
});

function statement(event: Record<string, unknown> = {}, hasEnd = true): StatementView {
  return {
    agent: 'a',
    seq: 1,
    at,
    receivedAt: at,
    kind: 'statement',
    database: 'd',
    user: 'u',
    session: 's',
    hash: '',
    class: 'read',
    fingerprint: null,
    end: hasEnd ? { at, durationMs: 3, rows: 2, tag: 'SELECT 2', sqlstate: null } : null,
    event: { decision: 'allow', ...event },
  };
}

function facts(changes: Partial<RecordingFacts> & { readonly ended?: ConnectionView['end'] } = {}) {
  const { ended = end(1), ...others } = changes;
  return missingPieces({
    session: { at, receivedAt: at, end: ended },
    statements: [statement()],
    hasMore: false,
    keptDays: 90,
    agent: { isAway: false, undelivered: 0 },
    now: Date.parse(at) + 60_000,
    ...others,
  });
}

it('says nothing of a recording that is whole', () => {
  expect(facts()).toEqual([]);
  expect(facts({ ended: null, statements: [statement({}, false)] })).toEqual([]);
  expect(facts({ statements: [statement({ decision: 'deny' }, false)] })).toEqual([]);
});

it('says how many statements are missing, and why: retention, an agent that is away, one that has not delivered', () => {
  expect(facts({ ended: end(3) })).toEqual([
    '2 statements are missing: the agent has not delivered them yet, or they were removed. Verify tells which.',
  ]);
  expect(facts({ ended: end(2), now: Date.parse(at) + 91 * 86_400_000 })[0]).toContain('kept for 90 days');
  expect(facts({ ended: end(2), agent: { isAway: true, undelivered: 4 } })[0]).toContain(
    'is away and keeps its records until it is back. It had 4 records to deliver.',
  );
  expect(facts({ ended: end(2), agent: { isAway: false, undelivered: 1 } })[0]).toContain(
    '1 record that it has',
  );
  expect(facts({ ended: end(900), hasMore: true })).toEqual([]);
});

it('says that a live session’s agent is away, that texts were cut, and that ends are not known', () => {
  expect(facts({ ended: null, agent: { isAway: true, undelivered: 0 } })).toEqual([
    'What happened since is not shown: the agent is away and keeps its records until it is back.',
  ]);
  expect(facts({ statements: [statement({ truncated: true }, false)] })).toHaveLength(2);
});
