import type { StatementView } from '@daam/shared/api/routes/audit';
import { describe, expect, it } from 'vitest';
import { density, policyMarks, replaySteps, stepAtTime, waitBetween } from './replay-model.ts';

const start = Date.parse('2026-05-02T12:00:00.000Z');

function statement(seq: number, afterMs: number, event: Record<string, unknown>): StatementView {
  const at = new Date(start + afterMs).toISOString();
  return {
    agent: 'a',
    seq,
    at,
    receivedAt: at,
    kind: 'statement',
    database: 'd',
    user: 'u',
    session: 's',
    hash: '',
    class: 'read',
    fingerprint: null,
    end:
      event['decision'] === 'deny' ? null : { at, durationMs: 3, rows: 2, tag: 'SELECT 2', sqlstate: null },
    event: { command: 'SELECT', decision: 'allow', text: `statement ${seq}`, tables: [], ...event },
  };
}

const catalogue = { tables: [{ schema: 'pg_catalog', name: 'pg_class', masked: false }] };
const masked = { tables: [{ schema: 'public', name: 'customers', masked: true }] };

describe('the steps of a session', () => {
  it('are in the order of time, with what clients ask at their start folded into one', () => {
    const steps = replaySteps([
      statement(4, 3_000, { decision: 'deny', rule: 'default-deny', sqlstate: '42501' }),
      statement(3, 2_000, masked),
      statement(2, 20, catalogue),
      statement(1, 10, catalogue),
    ]);
    expect(steps.map(({ kind, count, isRefused, isMasked }) => [kind, count, isRefused, isMasked])).toEqual([
      ['folded', 2, false, false],
      ['statement', 1, false, true],
      ['statement', 1, true, false],
    ]);
    expect(steps[0]).toMatchObject({ tookMs: 6, rows: 4 });
    expect(steps[2]).toMatchObject({ rule: 'default-deny', sqlstate: '42501', tookMs: null });
  });

  it('keep a refused look at the catalogue for itself', () => {
    const steps = replaySteps([
      statement(1, 0, catalogue),
      statement(2, 1, { ...catalogue, decision: 'deny' }),
    ]);
    expect(steps.map(({ kind }) => kind)).toEqual(['statement', 'statement']);
  });
});

describe('the timeline', () => {
  it('counts by parts of the time, and says where something was refused or masked', () => {
    const steps = replaySteps([
      statement(1, 0, {}),
      statement(2, 100, masked),
      statement(3, 1_000, { decision: 'deny' }),
    ]);
    expect(density(steps, 2)).toEqual([
      { count: 2, refused: 0, masked: 1 },
      { count: 1, refused: 1, masked: 0 },
    ]);
    expect(density([], 2)).toHaveLength(2);
  });

  it('goes on at its speed, and cuts long silences when asked to', () => {
    const [one, two] = replaySteps([statement(1, 0, {}), statement(2, 60_000, {})]);
    if (one === undefined || two === undefined) throw new Error('two steps');
    expect(waitBetween(one, two, { speed: 4, skipsIdle: false })).toBe(15_000);
    expect(waitBetween(one, two, { speed: 4, skipsIdle: true })).toBe(500);
    expect(waitBetween(one, one, { speed: 1, skipsIdle: true })).toBe(100);
  });
});

describe('the marks of policy changes', () => {
  it('stand where a statement ran under others than the one before, or than the session began with', () => {
    const steps = replaySteps([
      statement(1, 0, { epoch: 12 }),
      statement(2, 10, { epoch: 12 }),
      statement(3, 20, { epoch: 13 }),
      statement(4, 30, {}),
      statement(5, 40, { epoch: 15 }),
    ]);
    const marks = (opened: number | null) =>
      policyMarks(steps, opened).map(({ step, from, to }) => [step, from, to]);
    expect(marks(12)).toEqual([
      ['a-3', 12, 13],
      ['a-5', 13, 15],
    ]);
    expect(marks(11)[0]).toEqual(['a-1', 11, 12]);
    expect(marks(null)).toEqual(marks(12));
  });
});

describe('a time of day', () => {
  const local = new Date(2026, 4, 2, 23, 50).getTime() - start;
  const steps = replaySteps([
    statement(1, local, {}),
    statement(2, local + 5 * 60_000, {}),
    statement(3, local + 15 * 60_000, {}),
  ]);

  it('leads to the first statement at or after it, over midnight too', () => {
    const found = (text: string) => stepAtTime(steps, text)?.id ?? null;
    expect([found('23:50'), found('23:51'), found('23:55:01'), found('0:01')]).toEqual([
      'a-1',
      'a-2',
      'a-3',
      'a-3',
    ]);
    expect(found('0:30')).toBe('a-3');
  });

  it('is nothing when it is no time', () => {
    expect(['', 'noon', '24:00', '9:61', '9:1'].map((text) => stepAtTime(steps, text))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(stepAtTime([], '9:00')).toBeNull();
  });
});
