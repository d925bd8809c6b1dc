import { expect, it } from 'vitest';
import { explanationText } from './explanation-text.ts';

type Result = Parameters<typeof explanationText>[0];
type Statement = Result['explanation']['statements'][number];

const policy = { policy: 'support', version: 2 };
const table: Statement['tables'][number] = {
  schema: 'public',
  name: 'customers',
  operation: 'select',
  masked: true,
  policies: [policy],
  rowFilter: null,
};
const email = {
  schema: 'public',
  table: 'customers',
  column: 'email',
  preset: 'email',
  match: 'equality',
  policy,
} as const;
const statement: Statement = {
  text: 'select …',
  class: 'rewrite',
  command: 'SELECT',
  tier: 'elevated',
  taint: null,
  reason: null,
  tables: [table],
  columns: [
    { name: 'name', kind: 'plain', masks: [] },
    { name: 'email', kind: 'masked', masks: [email] },
    {
      name: null,
      kind: 'derived',
      masks: [email, { ...email, column: 'ssn', preset: 'ssn', match: 'none' }],
    },
  ],
  matches: [{ schema: 'public', table: 'customers', column: 'email', literals: 1 }],
  degraded: false,
  denial: null,
};

function resultOf(explanation: Partial<Result['explanation']>): Result {
  return {
    database: { id: '', name: 'shop' },
    user: { id: '', email: 'dev@example.com' },
    explanation: {
      outcome: 'allow',
      denial: null,
      tier: 'elevated',
      taint: null,
      statements: [statement],
      epoch: 7,
      truncated: false,
      ...explanation,
    },
  };
}

it('says what is allowed, on which tables, and what each column shows', () => {
  expect(explanationText(resultOf({})).split('\n')).toEqual([
    'shop as dev@example.com, policy epoch 7: allowed, elevated (its masks read real',
    '  values)',
    '',
    'REWRITE SELECT',
    '  tables',
    '    select  public.customers  by support v2',
    '  columns',
    '    name      as it is',
    '    email     masked: email (support v2, = sees the real value)',
    '    ?column?  from masks: email of public.customers.email (support v2, = sees',
    '              the real value), ssn of public.customers.ssn (support v2)',
    '  compares the real public.customers.email with 1 value',
  ]);
});

it('names the rule that refuses, once, with its hint', () => {
  const denial = {
    rule: 'default-deny',
    sqlstate: '42501',
    message: 'permission denied for table payments',
    detail: 'No policy grants select on public.payments.',
    hint: 'Ask for it.',
    position: 15,
  };
  const refused: Statement = { ...statement, class: 'deny', denial, tables: [], columns: null, matches: [] };
  const text = explanationText(resultOf({ outcome: 'deny', denial, tier: null, statements: [refused] }));
  expect(text.split('\n')).toEqual([
    'shop as dev@example.com, policy epoch 7: REFUSED',
    '',
    'DENY SELECT',
    '  refused by rule "default-deny" (42501): permission denied for table payments',
    '  No policy grants select on public.payments.',
    '  hint: Ask for it.',
  ]);
});

it('keeps to 80 columns and lets no name move the cursor, whatever it is given', () => {
  const long = `${'x'.repeat(200)} \u001b[2J ${'y z '.repeat(60)}`;
  const text = explanationText(
    resultOf({
      rewritten: long.repeat(3),
      truncated: true,
      statements: [
        {
          ...statement,
          reason: long,
          degraded: true,
          tables: [
            {
              ...table,
              name: long,
              rowFilter: {
                conditions: [{ column: long, operator: 'in', values: ['1', '2'] }],
                policies: [policy],
              },
            },
          ],
          columns: [{ name: long, kind: 'derived', masks: [{ ...email, column: long }] }],
        },
        statement,
      ],
    }),
  );
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
});
