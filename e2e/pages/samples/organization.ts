/** The organization of the pictures: who is in it, what it has, and what its policies say. */

/** When it is in the samples, as in the app's own (desktop/ipc/testing/sample.ts). */
const sampleTime = '2030-01-15T09:41:00Z';

/** A stable id from a number. */
export function idOf(number: number): string {
  return `0b0f3c1e-8d1c-4c57-9f6e-${String(number).padStart(12, '0')}`;
}

/** So many minutes before the moment of the samples. */
export function ago(minutes: number): string {
  return new Date(Date.parse(sampleTime) - minutes * 60_000).toISOString();
}

const day = 24 * 60;

export const developer = { id: idOf(1), email: 'dev@example.com' };
export const administrator = { id: idOf(2), email: 'admin@example.com' };
export const analyst = { id: idOf(3), email: 'analyst@example.com' };
export const support = { id: idOf(4), email: 'support@example.com' };

export const users = [
  { ...administrator, name: 'Administrator', role: 'admin', createdAt: ago(200 * day) },
  {
    ...analyst,
    name: 'Analyst',
    role: 'member',
    attributes: { region: 'eu-west' },
    createdAt: ago(90 * day),
  },
  { ...developer, name: 'Developer', role: 'member', createdAt: ago(120 * day) },
  { ...support, name: 'Support', role: 'auditor', disabled: true, createdAt: ago(30 * day) },
];

export const groups = [
  { id: idOf(20), name: 'analysts', members: [analyst, developer] },
  { id: idOf(21), name: 'on call', members: [administrator] },
];

export const orders = { id: idOf(30), name: 'orders' };
const agentIds = { orders: idOf(40), billing: idOf(41), warehouse: idOf(42) };

const schemaSeen = { version: 4, at: ago(3 * day), confirmedAt: ago(2), tables: 3 };

export const databases = [
  {
    ...orders,
    databaseName: 'orders',
    environment: 'production',
    description: 'Orders, customers and payments of the shop.',
    elevation: true,
    stepUpMinutes: 60,
    epoch: 12,
    agent: {
      id: agentIds.orders,
      state: 'connected',
      appliedEpoch: 12,
      applied: { at: ago(30), tookMs: 41, sessions: { updated: 3, ended: 1 } },
    },
    agents: [{ id: agentIds.orders, condition: 'online' }],
    schema: schemaSeen,
    createdAt: ago(150 * day),
  },
  {
    id: idOf(31),
    name: 'billing',
    databaseName: 'billing',
    environment: 'staging',
    description: 'A copy of last night.',
    epoch: 3,
    agent: { id: agentIds.billing, state: 'connected', appliedEpoch: 2, applied: null },
    agents: [{ id: agentIds.billing, condition: 'degraded' }],
    createdAt: ago(60 * day),
  },
  {
    id: idOf(32),
    name: 'warehouse',
    databaseName: 'warehouse',
    description: 'Nightly aggregates.',
    environment: 'development',
    agent: { id: agentIds.warehouse, state: 'disconnected', appliedEpoch: 1, applied: null },
    agents: [{ id: agentIds.warehouse, condition: 'offline' }],
    createdAt: ago(10 * day),
  },
];

const upstream = { state: 'connected', serverVersion: '18.4' };

export const agents = [
  {
    id: agentIds.orders,
    database: orders,
    state: 'connected',
    condition: 'online',
    health: {
      at: ago(0),
      status: 'healthy',
      troubles: [],
      sessions: 5,
      upstream,
      policy: 'live',
      undelivered: 0,
      lease: 'holder',
      path: { direct: 2, relay: { name: 'fra1', isConnected: true } },
    },
    doctor: { at: ago(9), critical: 0, warning: 2, info: 1 },
    version: '0.1.0',
    appliedEpoch: 12,
    epoch: 12,
    applied: { at: ago(30), tookMs: 41, sessions: { updated: 3, ended: 1 } },
    lastSeenAt: ago(0),
    createdAt: ago(150 * day),
  },
  {
    id: agentIds.billing,
    database: { id: idOf(31), name: 'billing' },
    state: 'connected',
    condition: 'degraded',
    health: {
      at: ago(0),
      status: 'degraded',
      troubles: ['cached-policy', 'tunnel-degraded'],
      sessions: 1,
      upstream,
      policy: 'cache',
      undelivered: 12,
    },
    doctor: { at: ago(9), critical: 1, warning: 0, info: 0 },
    isBehind: true,
    version: '0.0.9',
    appliedEpoch: 2,
    epoch: 3,
    lastSeenAt: ago(0),
    createdAt: ago(60 * day),
  },
  {
    id: agentIds.warehouse,
    database: { id: idOf(32), name: 'warehouse' },
    state: 'disconnected',
    condition: 'offline',
    version: '0.1.0',
    appliedEpoch: 1,
    epoch: 1,
    lastSeenAt: ago(95),
    createdAt: ago(10 * day),
  },
];

export const policyDocument = {
  database: 'orders',
  policies: [
    {
      name: 'analyst',
      grants: [
        { table: 'public.customers', operations: ['select'] },
        { table: 'public.orders', operations: ['select'] },
      ],
      masks: [
        { column: 'public.customers.email', preset: 'email', match: 'equality' },
        { column: 'public.customers.phone', preset: 'phone' },
        { column: 'public.customers.ssn', preset: 'ssn' },
      ],
      rowFilters: [
        {
          table: 'public.customers',
          where: [{ column: 'region', operator: '=', value: '{{user.attributes.region}}' }],
        },
      ],
      limits: { maxRows: 50_000, statementTimeout: '30s' },
      assign: { users: [], groups: ['analysts'] },
    },
    {
      name: 'support',
      grants: [{ table: 'public.customers', operations: ['select', 'update'] }],
      masks: [{ column: 'public.customers.ssn', preset: 'null' }],
      assign: { users: [support.email], groups: [] },
    },
  ],
};

export const policyText = `database: orders
policies:
  - name: analyst
    grants:
      - { table: public.customers, operations: [select] }
      - { table: public.orders, operations: [select] }
    masks:
      - { column: public.customers.email, preset: email, match: equality }
      - { column: public.customers.phone, preset: phone }
      - { column: public.customers.ssn, preset: ssn }
    assign: { groups: [analysts] }
`;

const columnsOf = (names: readonly string[]) =>
  names.map((name) => ({ name, type: name.endsWith('id') ? 'bigint' : 'text', notNull: name === 'id' }));

const customerColumns = ['id', 'name', 'email', 'phone', 'ssn', 'region', 'created_at'];

export const tables = [
  { schema: 'public', name: 'customers', columns: columnsOf(customerColumns) },
  { schema: 'public', name: 'orders', columns: columnsOf(['id', 'customer_id', 'total', 'status']) },
  { schema: 'public', name: 'payments', columns: columnsOf(['id', 'order_id', 'card', 'amount']) },
].map((table) => ({ ...table, kind: 'table', primaryKey: ['id'] }));

export const schemaVersion = {
  ...schemaSeen,
  agent: agentIds.orders,
  hash: '5'.repeat(64),
};

const source = {
  policy: 'analyst',
  version: 12,
  pattern: 'public.customers',
  path: 'policies[0].grants[0]',
  line: 5,
};
const maskOf: Readonly<Record<string, string>> = { email: 'email', phone: 'phone', ssn: 'ssn' };

export const effectiveAccess = {
  database: orders,
  subject: { kind: 'user', ...analyst },
  epoch: 12,
  policies: [{ name: 'analyst', version: 12, assignedBy: [{ kind: 'group', group: 'analysts' }] }],
  schemaAt: ago(2),
  limits: [{ limit: 'maxRows', value: 50_000, text: '50,000 rows', policy: 'analyst' }],
  tables: [
    {
      schema: 'public',
      table: 'customers',
      isReported: true,
      operations: [{ operation: 'select', sources: [source] }],
      rowFilters: [{ text: 'region = eu-west', source }],
      columns: customerColumns.map((column) => ({
        column,
        type: 'text',
        state: maskOf[column] === undefined ? 'clear' : 'masked',
        mask: maskOf[column] === undefined ? null : { preset: maskOf[column], match: 'none' },
        sources: [source],
      })),
    },
  ],
};
