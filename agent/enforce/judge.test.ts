import { maxAgentMessageBytes } from '@daam/shared/api/feed';
import { judgeAnswer, judgeLimits } from '@daam/shared/api/judge';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type { OutputColumn, TextExplanation } from '@daam/shared/sql/explain/explanation';
import type { Denial } from '@daam/shared/sql/verdict';
import { describe, expect, it } from 'vitest';
import type { AccessView } from './decisions.ts';
import { judgeStatements } from './judge.ts';

const policyOf = (database: string): EffectivePolicy => ({
  database,
  grants: [],
  masks: [],
  rowFilters: [],
  limits: {},
  policies: [],
});
const [before, after] = [policyOf('before'), policyOf('after')];

const denial: Denial = {
  rule: 'default-deny',
  sqlstate: '42501',
  message: 'permission denied',
  detail: null,
  hint: null,
  table: null,
  position: null,
};

function explained(columns: readonly OutputColumn[] | null, refused: Denial | null = null): TextExplanation {
  const statement = {
    text: '',
    class: 'pass',
    command: 'SELECT',
    tier: null,
    taint: null,
    reason: null,
    tables: [],
    columns,
    matches: [],
    degraded: false,
    denial: refused,
  } as const;
  const outcome = refused === null ? 'allow' : 'deny';
  return { outcome, denial: refused, tier: null, taint: null, rewritten: null, statements: [statement] };
}

function masked(...columns: readonly string[]): readonly OutputColumn[] {
  return columns.map((column) => ({
    name: column,
    kind: 'masked',
    masks: [
      {
        schema: 'public',
        table: 'customers',
        column,
        preset: 'email',
        matchEquality: false,
        origin: { policy: 'p', version: 1 },
      },
    ],
  }));
}

/** Views whose analysis answers by the policy and the text. */
function viewsThat(explain: (policy: EffectivePolicy, sql: string) => TextExplanation | Denial) {
  return {
    of: (policy: EffectivePolicy) =>
      ({
        catalog: { defaultSearchPath: ['public'] },
        analysis: { explain: async (sql: string) => await Promise.resolve(explain(policy, sql)) },
      }) as unknown as AccessView,
  };
}

describe('judging statements under two policies', () => {
  it('says for each what would happen under both', async () => {
    const views = viewsThat((policy, sql) => {
      if (sql === 'delete' && policy === after) return explained(null, denial);
      return explained(policy === after ? masked('email', 'email', 'address') : []);
    });
    const answer = await judgeStatements({
      before,
      after,
      statements: ['select', 'delete'],
      views,
      elevationEnabled: true,
    });
    const allowed = { outcome: 'allow', rule: null, message: null, masks: [] };
    expect(answer).toEqual({
      kind: 'judged',
      statements: [
        {
          before: allowed,
          after: { ...allowed, masks: ['public.customers.address email', 'public.customers.email email'] },
        },
        {
          before: allowed,
          after: { outcome: 'deny', rule: 'default-deny', message: 'permission denied', masks: [] },
        },
      ],
    });
  });

  it('leaves out what could not be analysed under one of them', async () => {
    const views = viewsThat((policy) => (policy === after ? denial : explained([])));
    const answer = await judgeStatements({ before, after, statements: ['x'], views, elevationEnabled: true });
    expect(answer).toEqual({ kind: 'judged', statements: [null] });
  });

  it('judges nothing while the database is away', async () => {
    const asked = { before, after, statements: ['x'], views: null, elevationEnabled: true };
    expect(await judgeStatements(asked)).toEqual({ kind: 'failed', code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('keeps its answer within one message, whatever the names and texts are', async () => {
    const long = '\u20ac'.repeat(21);
    const columns = Array.from({ length: 60 }, (_, at) => `${at}${long}`.slice(0, 21));
    const longest = { ...denial, rule: 'r'.repeat(500), message: '\u20ac'.repeat(5_000) };
    const views = viewsThat((policy) => explained(masked(...columns), policy === after ? longest : null));
    const statements = Array.from({ length: judgeLimits.statements }, () => 'select');
    const answer = await judgeStatements({ before, after, statements, views, elevationEnabled: false });
    expect(judgeAnswer.parse(answer)).toEqual(answer);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(maxAgentMessageBytes - 1_024);
  });
});
