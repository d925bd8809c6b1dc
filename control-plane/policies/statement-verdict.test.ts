import type { JudgedVerdict } from '@daam/shared/api/judge';
import { parsePolicyBody } from '@daam/shared/policy/document';
import { mergePolicies } from '@daam/shared/policy/merge';
import { compareAccess } from '@daam/shared/sql/access-impact';
import { resolveAccess } from '@daam/shared/sql/resolve-access';
import { catalogOfSchema } from '@daam/shared/sql/schema-catalog';
import { describe, expect, it } from 'vitest';
import { reportedShop } from '../testing/reported-shop.ts';
import type { RecordedStatements } from './recorded-statements.ts';
import { verdictOfAgent, verdictOfTables } from './statement-verdict.ts';

const catalog = catalogOfSchema(reportedShop);

function both(before: object, after: object) {
  const [was, is] = [before, after].map((body) =>
    resolveAccess(mergePolicies('shop', [{ name: 'p', version: 1, body: parsePolicyBody(body) }]), catalog),
  );
  if (was === undefined || is === undefined) throw new RangeError('two policies');
  return { before: was, after: is, impacts: compareAccess(was, is, catalog) };
}

function recorded(text: string, changes: Partial<RecordedStatements> = {}): RecordedStatements {
  return {
    agent: 'a',
    seq: 1,
    user: 'u',
    decision: 'allow',
    rule: null,
    fingerprint: 'f',
    text,
    isCut: false,
    tables: [{ schema: 'public', name: 'customers', operation: 'select', masked: false }],
    count: 1,
    lastAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

const read = { table: 'public.customers', operations: ['select'] };
const masked = { grants: [read], masks: [{ column: 'public.customers.email', preset: 'email' }] };

describe('a statement judged by its tables', () => {
  it('is refused when an operation is no longer granted', () => {
    const verdict = verdictOfTables(recorded('select 1 from customers'), both({ grants: [read] }, {}));
    expect(verdict).toEqual({ effect: 'refused', reason: 'No policy grants select on public.customers.' });
  });

  it.each([
    ['select email from customers', 'masked'],
    ['select "email" from customers', 'masked'],
    ['select * from customers', 'masked'],
    ['select id, email_sent from customers', 'same'],
  ])('%s is %s when the column gets a mask', (text, effect) => {
    expect(verdictOfTables(recorded(text), both({ grants: [read] }, masked)).effect).toBe(effect);
  });

  it('is unmasked when the mask goes', () => {
    const verdict = verdictOfTables(
      recorded('select email from customers'),
      both(masked, { grants: [read] }),
    );
    expect(verdict.effect).toBe('unmasked');
  });

  it('counts TRUNCATE as deleting, and leaves alone what was not granted before', () => {
    const truncate = recorded('truncate customers', {
      tables: [{ schema: 'public', name: 'customers', operation: 'truncate', masked: false }],
    });
    const deleting = { grants: [{ ...read, operations: ['select', 'delete'] }] };
    expect(verdictOfTables(truncate, both(deleting, { grants: [read] })).effect).toBe('refused');
    expect(verdictOfTables(truncate, both({ grants: [read] }, {})).effect).toBe('same');
  });

  it('is allowed when what refused it was a missing grant that comes, and unknown for other rules', () => {
    const denied = {
      decision: 'deny',
      tables: [{ schema: 'public', name: 'orders', operation: 'denied', masked: false }],
    } as const;
    const gain = both({}, { grants: [{ ...read, table: 'public.orders' }] });
    expect(verdictOfTables(recorded('x', { ...denied, rule: 'default-deny' }), gain).effect).toBe('allowed');
    expect(verdictOfTables(recorded('x', { ...denied, rule: 'default-deny' }), both({}, masked)).effect).toBe(
      'same',
    );
    expect(verdictOfTables(recorded('x', { ...denied, rule: 'function' }), gain).effect).toBe('unknown');
  });
});

describe('a statement judged by the agent', () => {
  const allow: JudgedVerdict = { outcome: 'allow', rule: null, message: null, masks: [] };
  const deny: JudgedVerdict = { ...allow, outcome: 'deny', rule: 'default-deny', message: 'no' };
  const hidden: JudgedVerdict = { ...allow, masks: ['public.customers.email email'] };

  it.each([
    [allow, allow, 'same'],
    [deny, deny, 'same'],
    [allow, deny, 'refused'],
    [deny, allow, 'allowed'],
    [allow, hidden, 'masked'],
    [hidden, allow, 'unmasked'],
  ])('from %j to %j is %s', (before, after, effect) => {
    expect(verdictOfAgent(before, after).effect).toBe(effect);
  });
});
