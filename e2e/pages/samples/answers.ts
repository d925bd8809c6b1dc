/** What the control plane answers in the screens' tests and pictures: any route, whole and as its contract says. */
import { type RouteName, apiRoutes } from '@daam/shared/api/routes';
import { AppError } from '@daam/shared/errors/app-error';
import { activity, connections, mySessions, myStatements, statements } from './audit-records.ts';
import { fillIn } from './fill-in.ts';
import * as org from './organization.ts';

export interface AskedRoute {
  readonly route: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
}

type Answers = Readonly<Partial<Record<RouteName, (asked: AskedRoute) => unknown>>>;

export const sampleRequestIds = { mine: org.idOf(50), waiting: org.idOf(51), ended: org.idOf(52) };

const terms = {
  policy: null,
  access: { tables: [{ table: 'public.payments', operations: ['select'] }] },
  minutes: 60,
  startAt: null,
};
const approval = { required: 1, given: [], approvers: { users: [], groups: [], admins: true } };
const pending = {
  state: 'pending',
  database: org.orders,
  asked: terms,
  granted: terms,
  reason: 'Checking the refunds of last week',
  ticket: 'SHOP-1187',
  createdAt: org.ago(14),
  pendingUntil: '2030-01-16T09:27:00.000Z',
};
const requests = [
  { ...pending, id: sampleRequestIds.mine, requester: org.developer, approval },
  { ...pending, id: sampleRequestIds.waiting, requester: org.analyst, approval: { ...approval, mine: true } },
  {
    ...pending,
    id: sampleRequestIds.ended,
    state: 'denied',
    requester: org.developer,
    approval,
    createdAt: org.ago(2_000),
    ended: { by: org.administrator, at: org.ago(1_990), note: 'The masked table answers this.' },
  },
];

const policyState = {
  database: org.orders,
  epoch: 12,
  revision: 12,
  policies: [
    { id: org.idOf(60), name: 'analyst', version: 12 },
    { id: org.idOf(61), name: 'support', version: 3 },
  ],
  document: org.policyDocument,
  text: org.policyText,
};

const suggestions = [
  ['email', 'email', 'high', 'the column is called email'],
  ['phone', 'phone', 'high', 'the column is called phone'],
  ['name', 'name', 'medium', 'the column is called name'],
].map(([column, preset, confidence, reason]) => ({
  schema: 'public',
  table: 'customers',
  column,
  type: 'text',
  preset,
  match: 'none',
  confidence,
  reason,
  exposedBy: column === 'name' ? ['analyst'] : [],
  isCovered: column !== 'name',
}));

const drift = {
  kind: 'gone',
  severity: 'warning',
  rule: { policy: 'analyst', path: 'masks[1]', pattern: 'public.customers.fax' },
  object: 'public.customers.fax',
  message: 'The column public.customers.fax is gone.',
  since: org.ago(4_000),
};

const finding = {
  check: 'public-create',
  severity: 'warning',
  object: 'schema public',
  message: 'Everybody may create objects in the schema public.',
  mend: 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;',
};

const answers: Answers = {
  listRequests: ({ query }) => ({
    items: requests.filter(
      ({ state }) => query?.['review'] === undefined && [undefined, state].includes(text(query?.['state'])),
    ),
  }),
  getRequest: ({ params }) => ({
    ...(requests.find(({ id }) => id === params?.['id']) ?? requests[0]),
    comments: [{ id: org.idOf(55), by: org.administrator, at: org.ago(8), text: 'Which orders exactly?' }],
  }),
  previewRequest: () => ({
    approval: { required: 1, total: 1, people: [org.administrator] },
    usual: { minutes: 24, of: 12 },
    pendingMinutes: 1_440,
    alternatives: [
      { access: { tables: [{ table: 'public.payments', operations: ['select'] }] }, minutes: 30 },
    ],
  }),
  getRequestContext: ({ params }) => ({
    routing: {
      rule: 2,
      database: false,
      environment: 'production',
      tables: true,
      maxMinutes: 240,
      required: 2,
      moreTime: false,
    },
    requester: { groups: ['support'], devices: ['laptop'], lastSignInAt: org.ago(30) },
    difference: {
      isReported: true,
      tables: [
        {
          schema: 'public',
          table: 'payments',
          gained: ['select'],
          columns: [
            {
              columns: ['iban'],
              before: { state: 'none' },
              after: { state: 'masked', preset: 'redact' },
              effect: 'gain',
            },
          ],
        },
      ],
    },
    statement: {
      text: 'select email from public.customers',
      marks: [{ from: 7, to: 12, column: 'public.customers.email', preset: 'email' }],
    },
    similar: requests.filter(({ id, state }) => id !== params?.['id'] && state === 'denied'),
  }),
  approveRequest: () => {
    throw new AppError('TOUCH_REQUIRED');
  },
  beginDecision: () => ({
    url: 'https://daam.example.com/decide#secret',
    expiresAt: '2100-01-01T00:00:00.000Z',
  }),
  getMe: () => ({ ...org.users[0], org: { id: org.idOf(99), name: 'Example' } }),
  listDevices: () => ({ items: devices }),
  listOrganizationDevices: () => ({ items: devices.map((device) => ({ ...device, user: org.developer })) }),
  listPasskeys: () => ({ items: passkeys }),
  listOrganizationPasskeys: () => ({ items: passkeys }),
  listUsers: () => ({ items: org.users }),
  listGroups: () => ({ items: org.groups }),
  listDatabases: () => ({ items: org.databases }),
  listAgents: ({ query }) => ({
    items: org.agents.filter(({ database }) =>
      [undefined, database.id, database.name].includes(text(query?.['database'])),
    ),
  }),
  getSchema: () => ({
    database: org.orders,
    versions: [org.schemaVersion],
    received: { version: org.schemaVersion, searchPath: ['public'], tables: org.tables, changes: [] },
  }),
  getDrift: ({ params }) => ({
    database: org.orders,
    version: org.schemaVersion,
    items: params?.['database'] === org.orders.id || params?.['database'] === 'orders' ? [drift] : [],
  }),
  getDoctorReport: () => ({
    database: org.orders,
    received: {
      at: org.ago(9),
      agent: org.idOf(40),
      report: {
        checkedAt: org.ago(9),
        database: 'orders',
        serverVersion: '18.4',
        policyEpoch: 12,
        findings: [finding],
      },
    },
  }),
  listMaskSuggestions: () => ({ database: org.orders, version: org.schemaVersion, items: suggestions }),
  getPolicies: () => policyState,
  getPolicyDraft: () => {
    throw new AppError('NOT_FOUND');
  },
  listPolicyRevisions: () => ({
    items: [12, 11].map((revision) => ({
      revision,
      comment: revision === 12 ? 'Mask the phone numbers' : 'Support may update customers',
      author: org.administrator,
      createdAt: org.ago(revision === 12 ? 30 : 9_000),
      policies: policyState.policies,
      changed: ['analyst'],
    })),
  }),
  listPolicyAssignments: () => ({
    items: [
      {
        database: org.orders,
        policy: policyState.policies[0],
        group: { id: org.idOf(20), name: 'analysts' },
        since: org.ago(9_000),
      },
      { database: org.orders, policy: policyState.policies[1], user: org.support, since: org.ago(20_000) },
    ],
  }),
  getEffectiveAccess: () => org.effectiveAccess,
  previewAccess: () => org.effectiveAccess,
  listConnections: ({ query }) => ({
    items: connections.filter(({ session }) => [undefined, session].includes(text(query?.['session']))),
  }),
  listStatements: ({ query }) => ({
    items: statements.filter(({ event }) => query?.['decision'] !== 'deny' || event.decision === 'deny'),
  }),
  listActivity: () => ({ items: activity }),
  listMySessions: () => ({ items: mySessions }),
  listMyStatements: () => ({ items: myStatements }),
  listDiscoverableDatabases: () => ({
    items: [
      {
        id: org.idOf(33),
        name: 'ledger',
        environment: 'production',
        ownerWords: 'Ask the finance team first.',
        usualMinutes: 24,
      },
    ],
  }),
  verifyAudit: () => ({
    ok: true,
    chains: [
      { chain: 'orders', records: 4_120, ok: true },
      { chain: 'activity', records: 41, ok: true },
    ],
  }),
  getAuditRetention: () => ({ connections: 400, statements: 400, activity: null }),
  getRequestSettings: () => ({
    rules: [{ database: org.orders.id, approvers: { admins: true }, required: 2 }],
  }),
  listWebhooks: () => ({
    items: [
      {
        id: org.idOf(70),
        name: 'Chat',
        url: 'https://chat.example.com/hooks/daam',
        events: ['request.*'],
        enabled: true,
        createdAt: org.ago(9_000),
      },
    ],
  }),
  listServiceAccounts: () => ({
    items: [
      {
        id: org.idOf(75),
        name: 'Policies from the repository',
        email: 'service-policies@example.com',
        scopes: ['policies:read'],
        createdAt: org.ago(20_000),
      },
    ],
  }),
  getMailStatus: () => ({ isConfigured: true, from: 'daam@example.com', lastDay: { sent: 12, failed: 0 } }),
};

const devices = [
  {
    id: org.idOf(80),
    name: 'laptop',
    os: 'linux',
    createdAt: org.ago(40_000),
    certificateExpiresAt: '2030-01-15T17:41:00.000Z',
    lastUsedAt: org.ago(1),
    isCurrent: true,
  },
  {
    id: org.idOf(81),
    name: 'old laptop',
    os: 'darwin',
    createdAt: org.ago(400_000),
    revokedAt: org.ago(50_000),
  },
];

const passkeys = [
  {
    id: org.idOf(85),
    user: org.developer,
    name: 'laptop',
    fingerprint: 'JK7Q-2M4P-9XCD',
    isSynced: true,
    createdAt: org.ago(40_000),
  },
];

/** A whole answer; a route without a sample answers the emptiest thing that its contract allows. */
export function sampleAnswer(asked: AskedRoute): unknown {
  return fillIn(contractOf(asked.route).response, answers[asked.route as RouteName]?.(asked));
}

/** The same of an organization that has nothing yet. */
export function emptyAnswer(asked: AskedRoute): unknown {
  if (nothingYet.has(asked.route)) throw new AppError('NOT_FOUND');
  const whole = sampleAnswer(asked);
  return isList(whole) ? { ...whole, items: [] } : whole;
}

/** Of what is not there at all, the control plane says so. */
const nothingYet = new Set(['getPolicyDraft']);

function contractOf(route: string) {
  if (!Object.hasOwn(apiRoutes, route)) throw new AppError('NOT_FOUND', { field: route });
  return apiRoutes[route as RouteName];
}

function isList(value: unknown): value is { readonly items: unknown } {
  return typeof value === 'object' && value !== null && 'items' in value;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
