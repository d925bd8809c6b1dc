import { beforeEach, describe, expect, it } from 'vitest';
import { changeWords, comparePlans } from './compare-plans.ts';
import { forgetPlans, keepPlan, keepPlansOf, plansOf } from './earlier-plans.ts';
import { parsePlan } from './parse-plan.ts';
import type { PlanNode } from './parse-plan.ts';

interface Raw {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Total Cost': number;
  readonly Plans?: readonly Raw[];
}

function scan(type: string, relation: string, cost: number): Raw {
  return { 'Node Type': type, 'Relation Name': relation, 'Total Cost': cost };
}

function plan(Plan: Raw): PlanNode[] {
  const nodes = parsePlan(JSON.stringify([{ Plan }]));
  if (nodes === null) throw new Error('no plan');
  return nodes;
}

const join = (cost: number, ...Plans: Raw[]): Raw => ({
  'Node Type': 'Hash Join',
  'Total Cost': cost,
  Plans,
});

describe('two plans', () => {
  it('have the nodes in common that are reached the same way', () => {
    const before = plan(
      join(100, scan('Seq Scan', 'a', 90), scan('Seq Scan', 'b', 5), scan('Seq Scan', 'b', 6)),
    );
    const after = plan(
      join(20, scan('Index Scan', 'a', 8), scan('Seq Scan', 'b', 5), scan('Seq Scan', 'b', 7)),
    );
    const { before: known, gone } = comparePlans(before, after);
    expect(after.map(({ id }) => known.get(id)?.totalCost ?? null)).toEqual([100, null, 5, 6]);
    expect(gone.map(({ title }) => title)).toEqual(['Seq Scan on a']);
  });

  it('differ by so much', () => {
    expect([changeWords(100, 20), changeWords(20, 100), changeWords(20, 20)]).toEqual([
      '−80 %',
      '+400 %',
      'the same',
    ]);
    expect([changeWords(null, 1), changeWords(1, null), changeWords(0, 1)]).toEqual([null, null, null]);
  });

  it('lead to the slowest part by its way from the top', () => {
    const nodes = plan(
      join(100, scan('Seq Scan', 'a', 30), join(60, scan('Seq Scan', 'b', 50), scan('Seq Scan', 'c', 5))),
    );
    expect(nodes.filter(({ isOnSlowestPath }) => isOnSlowestPath).map(({ title }) => title)).toEqual([
      'Hash Join',
      'Hash Join',
      'Seq Scan on b',
    ]);
  });
});

describe('plans that were looked at', () => {
  beforeEach(() => keepPlansOf(new Set()));
  const kept = (id: string, tab = 't', json = '[]') => ({
    id,
    tab,
    json,
    name: 'x',
    at: '2026-01-01T00:00:00Z',
  });

  it('are kept by tab, the newest first, ten of them, and go with the tab', () => {
    for (let n = 1; n <= 12; n += 1) keepPlan(kept(`p${n}`));
    keepPlan(kept('p12'));
    keepPlan(kept('other', 'u'));
    keepPlan(kept('large', 't', 'x'.repeat(1_000_001)));
    expect(plansOf('t', 'p12').map(({ id }) => id)).toEqual(
      [11, 10, 9, 8, 7, 6, 5, 4, 3].map((n) => `p${n}`),
    );
    forgetPlans('t');
    expect([plansOf('t', ''), plansOf('u', '').length]).toEqual([[], 1]);
    keepPlansOf(new Set(['t']));
    expect(plansOf('u', '')).toEqual([]);
  });
});
