import { silentLogger } from '@daam/shared/base/logger';
import type { SessionNames, Verdict } from '@daam/shared/sql/verdict';
import { freshNames, shopAccess, shopCatalog } from '@daam/shared/testing/catalog';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Analysis, type AnalysisLimits, type ViewAnalysis } from './analysis.ts';
import { createGate, type Gate, type GateParts } from '@daam/shared/sql/gate/decide';
import { loadGateParts } from './gate-parts.ts';

const hint = (table: { readonly name: string } | null, operation: string | null): string =>
  `Ask for ${operation ?? 'access'} on ${table?.name ?? 'it'}.`;
const view = { catalog: shopCatalog(18), access: shopAccess() };
let parts: GateParts;
let gate: Gate;

beforeAll(async () => {
  parts = await loadGateParts(18);
  gate = createGate(parts);
});

function open(limits: Partial<AnalysisLimits> = {}, threadMain?: URL): Analysis {
  return new Analysis({
    major: 18,
    parts,
    hint,
    logger: silentLogger,
    limits,
    ...(threadMain === undefined ? {} : { threadMain }),
  });
}

function directly(sql: string, names: SessionNames = freshNames()): Verdict {
  return gate.decide({ ...view, sql, names, hint });
}

function rows(count: number): string {
  const values = Array.from(
    { length: count },
    (_, i) => `(${i}, ${i * 7}, ${i % 90}, 'memo text number ${i}')`,
  );
  return `INSERT INTO orders (id, customer_id, total, memo) VALUES ${values.join(', ')}`;
}

function ruleOf(verdict: Verdict): string {
  return verdict.kind === 'deny' ? verdict.denial.rule : 'allowed';
}

describe('the analysis thread', () => {
  let analysis: Analysis;
  let shop: ViewAnalysis;

  beforeAll(() => {
    analysis = open();
    shop = analysis.of(view);
  });

  afterAll(async () => await analysis[Symbol.asyncDispose]());

  it.each([
    ['an INSERT of 18 KB', rows(400)],
    ['a masked read', 'SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id'],
    ['a match', "SELECT id FROM customers WHERE email IN ('a@b.c', 'd@e.f')"],
    ['a table that nothing grants', 'SELECT * FROM payments'],
    ['a write that is not granted', "UPDATE sales.leads SET phone = 'x'"],
    ['what does not parse', 'SELECT * FORM orders'],
    ['what the gate refuses by its kind', 'ALTER SYSTEM SET work_mem = 1'],
    ['a text of many statements', 'BEGIN; CREATE TEMP TABLE t AS SELECT 1 AS a; SELECT * FROM t; COMMIT'],
    ['nothing', ''],
  ])('gives the verdict that the gate gives here: %s', async (_, sql) => {
    expect(await shop.later(sql, freshNames())).toEqual(directly(sql));
  });

  it('knows what the session has done to names', async () => {
    const names = freshNames({
      searchPath: ['sales'],
      searchPathTouched: true,
      tempRelations: new Set(['scratch']),
      elevationAvailable: false,
    });
    for (const sql of [
      'SELECT * FROM leads',
      'SELECT * FROM scratch',
      'SELECT email FROM public.customers',
    ]) {
      expect(await shop.later(sql, names)).toEqual(directly(sql, names));
    }
  });

  it('keeps the accesses of different people apart', async () => {
    const nothing = { ...view, access: { ...view.access, relations: new Map() } };
    const other = analysis.of(nothing);
    const [first, second, third] = await Promise.all([
      shop.later('SELECT id FROM orders', freshNames()),
      other.later('SELECT id FROM orders', freshNames()),
      shop.later('SELECT id FROM orders', freshNames()),
    ]);
    expect([first, second, third].map(ruleOf)).toEqual(['allowed', 'default-deny', 'allowed']);
  });

  it('lets this thread go on with other statements, in their own time', async () => {
    const order: string[] = [];
    let turns = 0;
    const turn = setInterval(() => (turns += 1), 0);
    const long = shop
      .later(rows(20_000), freshNames())
      .then((verdict) => order.push(`long ${ruleOf(verdict)}`));
    while (order.length === 0) {
      const verdict = shop.quick('SELECT id FROM orders WHERE id = 1', freshNames());
      order.push(`short ${verdict === null ? 'later' : ruleOf(verdict)}`);
      if (order.length < 20) await new Promise((resolve) => setImmediate(resolve));
    }
    await long;
    clearInterval(turn);
    expect(order.at(-1)).toBe('long allowed');
    expect(order[0]).toBe('short allowed');
    expect(turns).toBeGreaterThan(2);
  });
});

describe('what is judged at once', () => {
  it('is what is short, and what does not become long by its masks', async () => {
    await using analysis = open();
    const shop = analysis.of(view);
    const short = 'SELECT id, email FROM customers WHERE id = 1';
    expect(shop.quick(short, freshNames())).toEqual(directly(short));
    expect(shop.quick('SELECT * FROM payments', freshNames())).toEqual(directly('SELECT * FROM payments'));
    expect(shop.quick(rows(400), freshNames())).toBeNull();
    const masks = `SELECT * FROM ${Array.from({ length: 30 }, (_, i) => `customers c${i}`).join(', ')}`;
    expect(shop.quick(masks, freshNames())).toBeNull();
    expect(await shop.later(masks, freshNames())).toEqual(directly(masks));
  });
});

describe('a thread that fails', () => {
  const double = new URL('./testing/analysis-double.ts', import.meta.url);

  it.each([
    ['takes too long', 'hang', 'analysis-timeout', '54001'],
    ['ends', 'exit', 'analysis-failed', 'XX000'],
    ['throws', 'throw', 'analysis-failed', 'XX000'],
    ['runs out of memory', 'fill', 'analysis-memory', '54001'],
  ])('refuses the statement and serves the next one: it %s', async (_, sql, rule, sqlstate) => {
    await using analysis = open({ timeLimitMs: sql === 'hang' ? 1_000 : 60_000, maxHeapMiB: 32 }, double);
    const shop = analysis.of(view);
    const failed = shop.later(sql, freshNames());
    const next = shop.later('next', freshNames());
    expect(await failed).toMatchObject({ kind: 'deny', denial: { rule, sqlstate } });
    expect(ruleOf(await next)).toBe('double');
  });

  it('gives way to a new one when it holds too much memory', async () => {
    await using analysis = open({}, double);
    const shop = analysis.of(view);
    expect(ruleOf(await shop.later('large', freshNames()))).toBe('double');
    expect(ruleOf(await shop.later('next', freshNames()))).toBe('double');
  });

  it('bounds the line of those who wait, by number and by length', async () => {
    await using analysis = open({ timeLimitMs: 1_000, maxWaiting: 2, maxWaitingCharacters: 10 }, double);
    const shop = analysis.of(view);
    const all = ['hang', 'a', 'b', 'c'].map((sql) => shop.later(sql, freshNames()));
    expect(ruleOf((await all[3]) as Verdict)).toBe('analysis-busy');
    expect((await Promise.all(all)).map(ruleOf)).toEqual([
      'analysis-timeout',
      'double',
      'double',
      'analysis-busy',
    ]);
    const tooLong = [shop.later('hang', freshNames()), shop.later('x'.repeat(11), freshNames())];
    expect((await Promise.all(tooLong)).map(ruleOf)).toEqual(['analysis-timeout', 'analysis-busy']);
  });

  it('leaves nobody waiting when the agent ends', async () => {
    const analysis = open({}, double);
    const shop = analysis.of(view);
    const all = ['hang', 'a', 'b'].map((sql) => shop.later(sql, freshNames()));
    await new Promise((resolve) => setImmediate(resolve));
    await analysis[Symbol.asyncDispose]();
    expect((await Promise.all(all)).map(ruleOf)).toEqual([
      'analysis-failed',
      'analysis-busy',
      'analysis-busy',
    ]);
  });

  it('refuses by the time limit what really takes long', async () => {
    await using analysis = open({ timeLimitMs: 1 });
    const verdict = await analysis.of(view).later(rows(15_000), freshNames());
    expect(ruleOf(verdict)).toBe('analysis-timeout');
  });
});
