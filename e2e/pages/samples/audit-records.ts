/** What was recorded in the organization of the pictures. */
import { administrator, ago, analyst, developer, idOf, orders } from './organization.ts';

const agent = idOf(40);
export const recordedSession = 'session-7f3a';

const record = (seq: number, minutes: number) => ({
  agent,
  seq,
  at: ago(minutes),
  receivedAt: ago(minutes),
  database: orders.id,
  user: developer.id,
  session: recordedSession,
  hash: String(seq % 10).repeat(64),
});

const opened = (email: string, application: string) => ({
  email,
  application,
  device: 'laptop',
  path: 'direct',
  policies: [{ policy: 'analyst', version: 12 }],
});

export const connections = [
  {
    ...record(90, 4),
    kind: 'session.opened',
    session: 'session-9c01',
    user: analyst.id,
    event: opened(analyst.email, 'DBeaver 25.1'),
  },
  {
    ...record(84, 190),
    kind: 'session.opened',
    session: 'session-4d20',
    user: administrator.id,
    event: opened(administrator.email, 'DataGrip 2026.2'),
    unreachableSince: ago(25),
  },
  {
    ...record(60, 95),
    kind: 'session.opened',
    event: opened(developer.email, 'psql'),
    end: {
      at: ago(55),
      durationMs: 2_400_000,
      reason: 'client',
      statements: 4,
      rows: 2_310,
      bytesIn: 4_096,
      bytesOut: 310_000,
    },
  },
  {
    ...record(31, 300),
    kind: 'session.opened',
    session: 'session-11aa',
    event: opened(developer.email, 'node-postgres'),
    end: { at: ago(299), durationMs: 31_000, reason: 'idle', statements: 2, rows: 12 },
  },
];

const customers = [{ schema: 'public', name: 'customers', masked: true }];
const payments = [{ schema: 'public', name: 'payments', masked: false }];

const statement = (
  seq: number,
  minutes: number,
  event: { readonly command: string; readonly text: string } & Readonly<Record<string, unknown>>,
) => ({
  ...record(seq, minutes),
  kind: 'statement',
  class: event.command === 'UPDATE' ? 'write' : 'read',
  fingerprint: String(seq % 10).repeat(16),
  event: { decision: 'allow', epoch: 12, rule: 'analyst: public.customers', ...event },
  end:
    event['decision'] === 'deny'
      ? null
      : { at: ago(minutes), durationMs: 12 + seq, rows: seq, tag: `SELECT ${seq}`, sqlstate: null },
});

export const statements = [
  statement(75, 61, {
    command: 'SELECT',
    text: "select id, name, email from customers where region = 'eu-west' order by id limit 100",
    tables: customers,
  }),
  statement(74, 70, {
    command: 'SELECT',
    text: 'select * from payments',
    tables: payments,
    decision: 'deny',
    rule: 'default deny',
    sqlstate: '42501',
  }),
  statement(72, 78, {
    command: 'UPDATE',
    text: "update customers set region = 'eu-north' where id = 42",
    tables: customers,
  }),
  statement(66, 90, { command: 'SELECT', text: 'select count(*) from orders', tables: [] }),
];

const admin = { kind: 'user', id: administrator.id, label: administrator.email };

export const activity = [
  {
    seq: 41,
    at: ago(30),
    action: 'policy.published',
    actor: admin,
    target: { kind: 'database', id: orders.id, label: 'orders' },
    detail: { revision: 12 },
    before: { revision: 11 },
    after: { revision: 12 },
    hash: '4'.repeat(64),
  },
  {
    seq: 40,
    at: ago(130),
    action: 'request.approved',
    actor: admin,
    target: { kind: 'request', id: idOf(50), label: 'orders' },
    detail: {},
    hash: '5'.repeat(64),
  },
  {
    seq: 39,
    at: ago(1_500),
    action: 'user.created',
    actor: admin,
    target: { kind: 'user', id: analyst.id, label: analyst.email },
    detail: {},
    hash: '6'.repeat(64),
  },
];

/** The developer's own part of it. */
export const mySessions = connections
  .filter(({ user }) => user === developer.id)
  .map((connection) => ({
    session: connection.session,
    database: orders,
    openedAt: connection.at,
    program: connection.event.application,
    path: connection.event.path,
    policies: connection.event.policies,
    end: 'end' in connection ? connection.end : null,
  }));

export const myStatements = statements.map(({ event, ...rest }) => {
  const { text, decision, rule, sqlstate } = event as Readonly<Record<string, unknown>>;
  const used = (event as { readonly tables?: readonly object[] }).tables ?? [];
  return {
    ...rest,
    database: orders,
    text,
    decision,
    rule,
    sqlstate: sqlstate ?? null,
    tables: used.map((table) => ({ ...table, operation: 'select' })),
  };
});
