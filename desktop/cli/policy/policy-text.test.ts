import type { ColumnExplanation, DryRun, EffectiveAccess } from '@daam/shared/api/policies';
import { parsePolicyDocument } from '@daam/shared/policy/document';
import { compareDocuments } from '@daam/shared/policy/document-difference';
import { describe, expect, it } from 'vitest';
import { accessText, columnText } from './access-text.ts';
import { differenceText, signedLines } from '@daam/shared/api/difference-text';
import { dryRunText } from './dry-run-text.ts';

const id = '00000000-0000-4000-8000-000000000001';

function differenceOf(before: readonly object[], after: readonly object[]): DryRun['difference'] {
  const [was, is] = [before, after].map((policies) => parsePolicyDocument({ database: 'shop', policies }));
  if (was === undefined || is === undefined) throw new RangeError('two documents');
  return structuredClone(compareDocuments(was, is)) as DryRun['difference'];
}

const support = {
  name: 'support',
  grants: [{ table: 'public.customers', operations: ['select'] }],
  masks: [{ column: 'public.customers.code', preset: 'partial', prefix: 2 }],
  assign: { users: ['ada@example.com'] },
};

describe('a difference in words', () => {
  it('has a line for each right, with its direction', () => {
    const after = {
      ...support,
      grants: [{ table: 'public.customers', operations: ['update'] }],
      masks: [{ column: 'public.customers.code', preset: 'null' }],
      rowFilters: [{ table: 'public.customers', where: [{ column: 'region', operator: 'eq', value: 'EU' }] }],
      limits: { maxRows: 10 },
      assign: { groups: ['staff'] },
    };
    expect(differenceText(differenceOf([support], [after])).split('\n')).toEqual([
      'policy support: changed',
      '  + update on public.customers',
      '  - select on public.customers',
      '  - mask of public.customers.code: partial(2/0) -> null (stricter)',
      '  - rows of public.customers: all -> region eq EU',
      '  ~ maxRows: none -> 10',
      '  - user ada@example.com',
      '  + group staff',
    ]);
    expect(differenceText(differenceOf([support], [support]))).toBe('No difference in rights.');
  });

  it('lets no name move the cursor', () => {
    const difference = differenceOf([], [support]);
    for (const policy of difference.policies) {
      policy.grants = [{ table: 'public.\u001b[2Jx\r', added: ['select'], removed: [] }];
    }
    expect(differenceText(difference)).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('lets no value be a line or a condition of its own, and shows all values of a list', () => {
    const where = [
      { column: 'region', operator: 'eq', value: 'EU\n  + user eve@example.com\u202e and x' },
      { column: 'code', operator: 'in', value: Array.from({ length: 12 }, (_, n) => `c${n}`) },
    ];
    const after = { ...support, rowFilters: [{ table: 'public.customers', where }] };
    const lines = signedLines(differenceOf([support], [after]));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('region eq "EU\\n  + user eve@example.com\\u{202e} and x" and code in (c0,');
    expect(lines[1]).toContain('c10, c11)');
  });

  it('has first what gives more, for whoever signs it', () => {
    const other = { name: 'first', grants: [{ table: 'public.orders', operations: ['select'] }] };
    const more = { ...support, assign: { users: ['eve@example.com'] } };
    expect(signedLines(differenceOf([other, support], [{ name: 'first' }, more]))).toEqual([
      'policy support: changed',
      '  + user eve@example.com',
      'policy first: changed, fewer rights',
      '  - select on public.orders',
      'policy support: changed, fewer rights',
      '  - user ada@example.com',
    ]);
  });
});

describe('a dry run in words', () => {
  const result: DryRun = {
    current: 1,
    difference: differenceOf([support], []),
    unified: '',
    warnings: [{ field: 'policies[0].masks[1]', message: 'public.x.y names nothing', line: 8, column: 9 }],
    people: {
      basis: 'schema',
      considered: 4,
      affected: 3,
      groups: [],
      summary: ['3 people: lose email of public.customers (now masked as email)'],
      truncated: false,
    },
    statements: {
      days: 7,
      since: '2026-11-14T00:00:00.000Z',
      considered: 1204,
      counts: { same: 1201, refused: 3, allowed: 0, masked: 0, unmasked: 0, unknown: 0 },
      judgedBy: { agent: 0, tables: 3 },
      withoutAgent: 'The database’s agent is not connected.',
      items: [
        {
          effect: 'refused',
          judgedBy: 'tables',
          user: { id, email: 'ada@example.com' },
          fingerprint: 'f',
          text: 'select\u001b[31m *\nfrom customers',
          count: 3,
          lastAt: '2026-11-20T00:00:00.000Z',
          record: { agent: id, seq: 7 },
          reason: 'No policy grants select on public.customers.',
        },
      ],
      truncated: false,
    },
  };

  it('tells people and statements, and how they were judged', () => {
    const text = dryRunText(result);
    expect(text).toContain('policy support: removed');
    expect(text).toContain('warning: public.x.y names nothing (policies[0].masks[1], line 8)');
    expect(text).toContain('3 of 4 people with access are affected.');
    expect(text).toContain('Of 1204 recorded statements since 2026-11-14T00:00:00.000Z: 3 refused.');
    expect(text).toContain('3 were judged by tables and operations alone.');
    expect(text).toMatch(/refused +3 +ada@example\.com +select\[31m \* from customers +No policy grants/);
    expect(text).not.toContain('\u001b');
  });

  it('says nothing of statements that nobody asked for', () => {
    expect(dryRunText({ ...result, statements: null })).not.toContain('recorded');
  });
});

describe('access in words', () => {
  const source = {
    policy: 'support',
    version: 2,
    pattern: 'public.customers',
    path: 'policies[0].grants[0]',
    line: 5,
  };
  const access: EffectiveAccess = {
    database: { id, name: 'shop' },
    subject: { kind: 'user', id, email: 'ada@example.com' },
    epoch: 1,
    policies: [
      { name: 'support', version: 2, assignedBy: [{ kind: 'group', group: 'staff' }, { kind: 'user' }] },
    ],
    schemaAt: null,
    limits: [{ limit: 'maxRows', value: 10, text: 'at most 10 rows of a result', policy: 'support' }],
    tables: [
      {
        schema: 'public',
        table: 'customers',
        isReported: true,
        refusal: null,
        operations: [{ operation: 'select', sources: [source] }],
        rowFilters: [{ text: 'region eq EU', source: { ...source, line: 9 } }],
        columns: [
          {
            column: 'email',
            type: 'text',
            state: 'masked',
            mask: { preset: 'email', prefix: 0, suffix: 0, as: null, match: 'none' },
            isInherited: false,
            sources: [{ ...source, policy: 'privacy', line: null }],
          },
        ],
      },
    ],
    next: null,
  };

  it('names the policy and the line of every right', () => {
    const text = accessText(access);
    expect(text).toContain('support v2: through group staff, directly');
    expect(text).toContain('at most 10 rows of a result (support)');
    expect(text).toMatch(/public\.customers +select +support:5/);
    expect(text).toMatch(/rows +region eq EU +support:9/);
    expect(text).toMatch(/email +email +privacy/);
  });

  it('answers why, rule by rule', () => {
    const explanation: ColumnExplanation = {
      database: access.database,
      subject: access.subject,
      schema: 'public',
      table: 'customers',
      column: 'email',
      operation: 'select',
      isReported: true,
      state: 'masked',
      mask: null,
      answer: 'public.customers.email is shown as its mask email.',
      rules: [
        {
          kind: 'mask',
          text: 'Policy support masks it.',
          decisive: true,
          source,
          assignedBy: [{ kind: 'request', request: id, until: '2026-11-20T00:00:00.000Z' }],
        },
      ],
      nextStep: 'Ask for it.',
    };
    expect(columnText(explanation).split('\n')).toEqual([
      'public.customers.email is shown as its mask email.',
      '  * Policy support masks it. Assigned: by request 00000000 until 2026-11-20T00:00:00.000Z. [support:5]',
      'Ask for it.',
    ]);
  });
});
