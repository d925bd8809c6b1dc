import { type Explanation, explainAnswer, explainLimits } from '@daam/shared/api/explain';
import { maxAgentMessageBytes } from '@daam/shared/api/feed';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type {
  ExplainedMask,
  StatementExplanation,
  TextExplanation,
} from '@daam/shared/sql/explain/explanation';
import type { Denial, SessionNames } from '@daam/shared/sql/verdict';
import { describe, expect, it } from 'vitest';
import { type AccessView, emptyCaches } from './decisions.ts';
import { type ExplainRequest, explainStatement } from './explain.ts';

const origin = { policy: 'analyst', version: 3 };
const policy: EffectivePolicy = {
  database: 'shop',
  grants: [
    { schema: 'public', table: 'customers', operations: ['select'], origin },
    { schema: 'public', table: '*', operations: ['select', 'insert'], origin: { policy: 'all', version: 1 } },
    { schema: 'sales', table: '*', operations: ['select'], origin: { policy: 'sales', version: 1 } },
  ],
  masks: [],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

const emailMask: ExplainedMask = {
  schema: 'public',
  table: 'customers',
  column: 'email',
  preset: 'email',
  matchEquality: true,
  origin,
};

const statement: StatementExplanation = {
  text: 'SELECT email FROM customers',
  class: 'rewrite',
  command: 'SELECT',
  tier: 'elevated',
  taint: null,
  reason: null,
  tables: [
    {
      schema: 'public',
      name: 'customers',
      operation: 'select',
      masked: true,
      rowFilter: {
        conditions: [{ column: 'region', operator: 'eq', values: ["'north'"] }],
        origins: [origin],
      },
    },
  ],
  columns: [
    {
      name: 'email',
      kind: 'masked',
      masks: [emailMask],
    },
  ],
  matches: [],
  degraded: false,
  denial: null,
};

const text: TextExplanation = {
  outcome: 'allow',
  denial: null,
  tier: 'elevated',
  taint: null,
  rewritten: 'SELECT masked',
  statements: [statement],
};

const asked: SessionNames[] = [];

function times<Item>(count: number, item: Item): Item[] {
  return Array.from({ length: count }, () => item);
}

function request(answer: TextExplanation | Denial, changes: Partial<ExplainRequest> = {}): ExplainRequest {
  const view = {
    catalog: { defaultSearchPath: ['public', 'sales'] } as unknown as AccessView['catalog'],
    access: {} as AccessView['access'],
    gate: () => Promise.reject(new TypeError()) as never,
    hasMasks: true,
    ...emptyCaches(),
    analysis: {
      quick: () => null,
      later: () => Promise.reject(new TypeError()),
      explain: async (_: string, names: SessionNames) => {
        asked.push(names);
        return answer;
      },
    },
  };
  return { view, policy, epoch: 7, elevationEnabled: true, sql: 'SELECT 1', full: false, ...changes };
}

async function explained(answer: TextExplanation, full: boolean): Promise<Explanation> {
  const result = await explainStatement(request(answer, { full }));
  if (result.kind !== 'explained') throw new TypeError(result.code);
  expect(explainAnswer.parse(result)).toEqual(result);
  expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(maxAgentMessageBytes);
  return result.explanation;
}

describe('explaining', () => {
  it('names the policies that grant the operation on the table, and those alone', async () => {
    const { statements, epoch, truncated } = await explained(text, false);
    expect([epoch, truncated]).toEqual([7, false]);
    expect(statements[0]?.tables[0]?.policies).toEqual([origin, { policy: 'all', version: 1 }]);
    expect(statements[0]?.columns?.[0]?.masks[0]).toMatchObject({
      preset: 'email',
      match: 'equality',
      policy: origin,
    });
  });

  it('tells the rewritten text and the values of row filters only in full', async () => {
    const short = await explained(text, false);
    expect(short.rewritten).toBeUndefined();
    expect(JSON.stringify(short)).not.toContain('north');
    const full = await explained(text, true);
    expect(full.rewritten).toBe('SELECT masked');
    expect(full.statements[0]?.tables[0]?.rowFilter?.conditions[0]?.values).toEqual(["'north'"]);
  });

  it('asks about a session that is opened now, with the elevation that it would have', async () => {
    await explainStatement(request(text, { elevationEnabled: false }));
    expect(asked.at(-1)).toMatchObject({
      searchPath: ['public', 'sales'],
      elevationAvailable: false,
      opaqueObjects: false,
    });
  });

  it('keeps to its ceilings whatever it has to tell, and says that it did', async () => {
    const name = '"€'.repeat(400);
    const column = {
      name,
      kind: 'derived',
      masks: times(30, emailMask),
    } as const;
    const table = { ...statement.tables[0], name, rowFilter: null } as (typeof statement.tables)[number];
    const long = {
      ...statement,
      text: name,
      columns: times(2_000, column),
      tables: times(300, table),
    };
    for (const answer of [
      { ...text, rewritten: '€'.repeat(200_000) },
      { ...text, statements: [long] },
      { ...text, statements: times(500, long), rewritten: 'x'.repeat(70_000) },
      { ...text, statements: times(500, statement) },
    ]) {
      const { truncated, statements } = await explained(answer, true);
      expect(truncated).toBe(true);
      expect(statements.length).toBeLessThanOrEqual(explainLimits.statements);
    }
  });

  it('says why there is no answer', async () => {
    const denial: Denial = {
      sqlstate: '54001',
      rule: 'analysis-timeout',
      message: 'too long',
      detail: null,
      hint: 'Smaller.',
      table: null,
      position: null,
    };
    expect(await explainStatement(request(denial))).toEqual({
      kind: 'failed',
      code: 'STATEMENT_TOO_COMPLEX',
      message: 'too long',
      hint: 'Smaller.',
    });
    expect(await explainStatement(request({ ...denial, rule: 'analysis-busy' }))).toMatchObject({
      code: 'AGENT_UNAVAILABLE',
    });
    const { analysis: _, ...view } = request(text).view;
    expect(await explainStatement(request(text, { view }))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});
