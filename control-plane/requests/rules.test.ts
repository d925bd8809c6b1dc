import { type RequestRule, requestSettings } from '@daam/shared/api/routes/requests';
import { parseTemporaryAccess } from '@daam/shared/policy/temporary-access';
import { codeOf } from '@daam/shared/testing/code-of';
import { describe, expect, it } from 'vitest';
import { narrowerAlternatives } from './narrower.ts';
import { type Asked, checkExtent, checkRule, ruleFor } from './rules.ts';
import { whoApproves } from './who-approves.ts';

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const settingsOf = (...rules: object[]) => requestSettings.parse({ rules });
const access = (document: object) => parseTemporaryAccess(document);
const asked = (changes: Partial<Asked> = {}): Asked => ({
  database: { id: uuid(1), environment: 'production' },
  policy: null,
  access: access({ tables: [{ table: 'sales.orders' }] }),
  minutes: 60,
  ...changes,
});
const reading = { tables: [{ table: 'sales.*', operations: ['select'] }] };
const quick = { approvers: {}, within: reading, maxMinutes: 30, automatic: true };

describe('the rule of a request', () => {
  it('is one administrator when no rule says otherwise, else what the first that fits says', () => {
    expect(ruleFor(settingsOf(), asked())).toMatchObject({
      index: null,
      approvers: { users: [], groups: [], admins: true },
      required: 1,
    });
    const settings = settingsOf(
      { database: uuid(1), approvers: { groups: [uuid(9)], admins: false }, required: 2 },
      { approvers: {}, required: 3 },
    );
    const elsewhere = asked({ database: { id: uuid(2), environment: 'production' } });
    expect([ruleFor(settings, asked()), ruleFor(settings, elsewhere)]).toMatchObject([
      { index: 0, required: 2 },
      { index: 1, required: 3 },
    ]);
  });

  it.each([
    ['another environment', { environment: 'staging' }, {}, null],
    ['the environment', { environment: 'production' }, {}, 0],
    ['a longer time', { maxMinutes: 59 }, {}, null],
    ['no longer a time', { maxMinutes: 60 }, {}, 0],
    ['no more than its tables', { within: reading }, {}, 0],
    [
      'an operation more',
      { within: reading },
      { tables: [{ table: 'sales.orders', operations: ['select', 'update'] }] },
      null,
    ],
    [
      'a table beside',
      { within: reading },
      { tables: [{ table: 'sales.orders' }, { table: 'hr.salaries' }] },
      null,
    ],
    ['a pattern that reaches further', { within: reading }, { tables: [{ table: '*.orders' }] }, null],
    [
      'a column without its mask',
      { within: reading },
      { tables: [{ table: 'sales.orders' }], unmask: [{ column: 'sales.orders.email' }] },
      null,
    ],
  ])('looks at what is asked for: %s', (_, rule, document, index) => {
    const wants = Object.keys(document).length === 0 ? asked() : asked({ access: access(document) });
    expect(ruleFor(settingsOf({ approvers: {}, ...rule }), wants).index).toBe(index);
  });

  it('never takes a policy for something that is no more than a document', () => {
    const policy = { policy: { id: uuid(5), name: 'support' }, access: null };
    expect(ruleFor(settingsOf({ approvers: {}, within: reading }), asked(policy)).index).toBeNull();
    expect(ruleFor(settingsOf(quick), asked({ ...policy, minutes: 10 }))).toMatchObject({
      automatic: false,
      required: 1,
    });
  });

  it('that nobody has to approve needs no approval', () => {
    expect(ruleFor(settingsOf(quick), asked({ minutes: 30 }))).toMatchObject({
      automatic: true,
      required: 0,
    });
  });
});

describe('a rule', () => {
  const codeFor = (rule: object) =>
    codeOf(() => checkRule(settingsOf({ approvers: {}, ...rule }).rules[0] as RequestRule, 'body.rules.0'));

  it.each([
    ['opens nothing by itself without tables', { automatic: true, maxMinutes: 30 }],
    ['opens nothing by itself without a longest window', { automatic: true, within: reading }],
    ['opens nothing by itself for longer than a working day', { ...quick, maxMinutes: 481 }],
    ['opens no column by itself', { ...quick, within: { ...reading, unmask: [{ column: 'a.b.c' }] } }],
    ['names tables as requests do', { within: { tables: [{ table: 'orders' }] } }],
    ['names somebody', { approvers: { admins: false } }],
    ['names somebody to go on to', { escalation: { minutes: 5, approvers: { admins: false } } }],
  ])('%s', (_, rule) => {
    expect(codeFor(rule)).toBe('INVALID_INPUT');
  });

  it('is taken when it says all that', () => {
    expect(codeFor(quick)).toBeNull();
    expect(codeFor({ escalation: { minutes: 5, approvers: { groups: [uuid(3)] } } })).toBeNull();
  });
});

describe('less that opens by itself', () => {
  const wants = asked({
    access: access({
      tables: [{ table: 'sales.orders', operations: ['select', 'update'] }],
      unmask: [{ column: 'sales.orders.email' }],
    }),
  });

  it('is without unmasking, for reading, for a shorter time', () => {
    expect(narrowerAlternatives(settingsOf(quick), wants)).toEqual([
      { access: access({ tables: [{ table: 'sales.orders', operations: ['select'] }] }), minutes: 30 },
    ]);
    const writing = {
      ...quick,
      maxMinutes: 60,
      within: { tables: [{ table: 'sales.*', operations: ['select', 'update'] }] },
    };
    expect(narrowerAlternatives(settingsOf(quick, writing), wants).map(({ minutes }) => minutes)).toEqual([
      60, 60,
    ]);
  });

  it('is nothing where the whole opens by itself, where no rule does, and for a policy', () => {
    expect(narrowerAlternatives(settingsOf(quick), asked({ minutes: 30 }))).toEqual([]);
    expect(narrowerAlternatives(settingsOf({ approvers: {} }), wants)).toEqual([]);
    expect(
      narrowerAlternatives(settingsOf(quick), asked({ policy: { id: uuid(5), name: 'x' }, access: null })),
    ).toEqual([]);
  });

  it('really opens by itself', () => {
    const settings = settingsOf(quick);
    for (const { access: less, minutes } of narrowerAlternatives(settings, wants)) {
      expect(ruleFor(settings, { ...wants, access: less, minutes }).automatic).toBe(true);
    }
  });
});

describe('who would approve', () => {
  const people = [
    { id: 'ada', email: 'ada@x.example', role: 'member' as const, groups: [uuid(9)] },
    { id: 'root', email: 'root@x.example', role: 'admin' as const, groups: [] },
    { id: 'eve', email: 'eve@x.example', role: 'auditor' as const, groups: [uuid(9)] },
  ];
  const settings = settingsOf({
    approvers: { groups: [uuid(9)], admins: false },
    escalation: { minutes: 20, approvers: { admins: true } },
  });

  it('is whoever the rule names, without the requester and auditors, and those it goes on to', () => {
    const answer = whoApproves(ruleFor(settings, asked()), people, null);
    expect(answer).toMatchObject({ automatic: false, required: 1, total: 1, people: [{ id: 'ada' }] });
    expect(answer.escalation).toMatchObject({ minutes: 20, people: [{ id: 'root' }] });
    expect(whoApproves(ruleFor(settings, asked()), people, 'ada').total).toBe(0);
  });

  it('is nobody where it opens by itself, and names no more than a screen shows', () => {
    expect(whoApproves(ruleFor(settingsOf(quick), asked({ minutes: 5 })), people, null)).toMatchObject({
      automatic: true,
      people: [],
    });
    const many = Array.from({ length: 30 }, (_, n) => ({
      id: `a${n}`,
      email: `a${n}@x.example`,
      role: 'admin' as const,
      groups: [],
    }));
    const answer = whoApproves(ruleFor(settingsOf(), asked()), many, null);
    expect([answer.people.length, answer.total]).toEqual([20, 30]);
  });
});

describe('the extent of all rules', () => {
  const rulesOf = (count: number, tables: number) =>
    settingsOf(
      ...Array.from({ length: count }, () => ({
        approvers: {},
        within: { tables: Array.from({ length: tables }, (_, at) => ({ table: `sales.t${at}` })) },
      })),
    ).rules;

  it('is bounded in what they name together, not only in each', () => {
    expect(() => checkExtent(rulesOf(50, 100), 'body.rules')).not.toThrow();
    expect(codeOf(() => checkExtent(rulesOf(51, 100), 'body.rules'))).toBe('INVALID_INPUT');
  });
});
