import { describe, expect, it } from 'vitest';
import { misestimate, parsePlan } from './parse-plan.ts';

const measured = JSON.stringify([
  {
    Plan: {
      'Node Type': 'Hash Join',
      'Join Type': 'Left',
      'Plan Rows': 100,
      'Actual Rows': 1_000,
      'Actual Loops': 1,
      'Actual Total Time': 10,
      'Total Cost': 50,
      Plans: [
        {
          'Node Type': 'Seq Scan',
          'Relation Name': 'refunds',
          Filter: '(amount > 5)',
          'Plan Rows': 10,
          'Actual Rows': 10,
          'Actual Loops': 2,
          'Actual Total Time': 4,
          'Total Cost': 20,
        },
      ],
    },
  },
]);

describe('a plan', () => {
  it('gives each node the time that it took by itself, over all loops', () => {
    const nodes = parsePlan(measured);
    expect(nodes?.map(({ title, level, totalMs, selfMs }) => ({ title, level, totalMs, selfMs }))).toEqual([
      { title: 'Hash Join (Left)', level: 1, totalMs: 10, selfMs: 2 },
      { title: 'Seq Scan on refunds', level: 2, totalMs: 8, selfMs: 8 },
    ]);
    expect(nodes?.map(({ isSlowest }) => isSlowest)).toEqual([false, true]);
    expect(nodes?.map(({ isOnSlowestPath }) => isOnSlowestPath)).toEqual([true, true]);
    expect(nodes?.[1]?.details).toEqual([['Filter', '(amount > 5)']]);
  });

  it('says how far an estimate was off', () => {
    expect(parsePlan(measured)?.map(misestimate)).toEqual([10, 2]);
  });

  it('goes by cost where nothing was measured', () => {
    const nodes = parsePlan('[{"Plan":{"Node Type":"Seq Scan","Total Cost":10,"Plan Rows":5}}]');
    expect(nodes?.[0]).toMatchObject({ totalMs: null, share: 1, actualRows: null });
    expect(misestimate(nodes![0]!)).toBeNull();
  });

  it('is not read from what is nested without end', () => {
    const depth = 200_000;
    const node = '{"Node Type":"Append","Plans":[';
    expect(parsePlan(`[{"Plan":${node.repeat(depth)}${']}'.repeat(depth)}}]`)).toBeNull();
  });

  it.each(['', '{}', '[]', '[{"Plan":{}}]', 'null', '[{"Plan":{"Node Type":1}}]'])(
    'is not read from %j',
    (text) => {
      expect(parsePlan(text)).toBeNull();
    },
  );
});
