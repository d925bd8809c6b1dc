/** The console's sessions and audit in a browser, over a control plane in memory with as many records as one wants. */
import { MemoryBackend } from '@daam/desktop/ipc/testing/memory-backend';
import { sampleDatabases, sampleStatus } from '@daam/desktop/ipc/testing/sample';
import type { Params } from '@daam/desktop/ipc/schema';
import { startDesktopWeb } from '@daam/desktop/web/app';
import type { AuditView, ConnectionView, StatementView } from '@daam/shared/api/routes/audit';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { AppPage } from '../pages/app-page.ts';

export const liveSession = '5f6a1d52-0b6f-4f57-8c1e-1f6a2d7c1b01';
export const pastSession = '5f6a1d52-0b6f-4f57-8c1e-1f6a2d7c1b02';
const agent = '5f6a1d52-0b6f-4f57-8c1e-1f6a2d7c1b03';
const database = { id: '5f6a1d52-0b6f-4f57-8c1e-1f6a2d7c1b04', name: 'orders' };
const person = { id: '5f6a1d52-0b6f-4f57-8c1e-1f6a2d7c1b05', email: 'dev@example.com' };
const opened = {
  email: person.email,
  application: 'psql',
  device: 'd1',
  path: 'direct',
  epoch: 12,
  policies: [{ policy: 'analyst', version: 12 }],
};
const minute = 60_000;

export interface RecordsWorld extends AsyncDisposable {
  readonly app: AppPage;
  readonly url: string;
  /** What the screens asked of the control plane, by route. */
  readonly asked: readonly Params<'callApi'>[];
}

/** `records`: how many statements there are. `begin`: when the past session began, in milliseconds. */
export async function startRecords(options: {
  readonly browser: Browser;
  readonly assetsDir: string;
  readonly records: number;
  readonly begin?: number;
  readonly context?: BrowserContextOptions;
}): Promise<RecordsWorld> {
  const begin = options.begin ?? Date.now() - 40 * minute;
  const asked: Params<'callApi'>[] = [];
  const answers = answersFor({ records: options.records, begin });
  const account = sampleStatus.account === null ? null : { ...sampleStatus.account, role: 'admin' as const };
  const backend = new MemoryBackend({
    databases: sampleDatabases,
    status: { ...sampleStatus, account },
    now: new Date().toISOString(),
    user: 'dev',
    api: async (call) => {
      asked.push(call);
      const answer = answers[call.route];
      if (answer === undefined) throw new AppError('NOT_FOUND', { field: call.route });
      return await Promise.resolve(answer(call));
    },
  });
  const web = await startDesktopWeb({
    backend,
    port: 0,
    token: new Secret('token-of-the-records-world-0123456789-012345'),
    assetsDir: options.assetsDir,
    logger: silentLogger,
  });
  const context = await options.browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options.context,
  });
  context.setDefaultTimeout(30_000);
  const app = new AppPage(await context.newPage());
  await app.open(web.openUrl.reveal());
  return {
    app,
    url: web.url,
    asked,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await web[Symbol.asyncDispose]();
    },
  };
}

type Answer = (asked: Params<'callApi'>) => unknown;

function answersFor({
  records,
  begin,
}: {
  readonly records: number;
  readonly begin: number;
}): Readonly<Record<string, Answer>> {
  const ended = new Set<string>();
  let views: AuditView[] = [];
  return {
    listDatabases: () => ({ items: [database] }),
    listUsers: () => ({ items: [{ ...person, name: 'Dev', role: 'member' }], next: null }),
    listAgents: () => ({ items: [] }),
    getAuditRetention: () => ({ connections: null, statements: 90, activity: null }),
    listConnections: ({ query }) => ({
      items: sessions(begin)
        .filter(({ session }) => query?.['session'] === undefined || query['session'] === session)
        .map((one) => (ended.has(one.session ?? '') ? { ...one, end: endOf(begin, 'SESSION_ENDED') } : one))
        .filter(
          ({ end }) => query?.['state'] === undefined || (end === null) === (query['state'] === 'open'),
        ),
      next: null,
    }),
    endDatabaseSession: ({ params }) => {
      const session = String(params?.['session']);
      ended.add(session);
      return { session, endedAt: new Date().toISOString(), tookMs: 9 };
    },
    listStatements: ({ query }) => pageOf(query ?? {}, { records, begin }),
    verifyAudit: () => ({
      ok: false,
      chains: [
        { chain: agent, records, purged: 0, ok: false, brokenAt: 7, fault: 'changed' },
        { chain: 'activity', records: 3, purged: 0, ok: true, brokenAt: null, fault: null },
      ],
    }),
    getAuditViews: () => ({ views }),
    putAuditViews: ({ body }) => {
      ({ views } = body as { views: AuditView[] });
      return { views };
    },
  };
}

function sessions(begin: number): ConnectionView[] {
  const base = { ...placeOf(begin), kind: 'session.opened', event: opened };
  return [
    { ...base, seq: 900, session: liveSession, end: null },
    { ...base, seq: 800, session: pastSession, end: endOf(begin, 'client') },
  ];
}

function endOf(begin: number, reason: string): ConnectionView['end'] {
  const at = new Date(begin + 20 * minute).toISOString();
  const counts = { statements: 9, rows: 2_310, bytesIn: 4_096, bytesOut: 31_000, refused: 1, masked: 2 };
  return { at, durationMs: 20 * minute, reason, ...counts };
}

const placeOf = (at: number) => ({
  agent,
  at: new Date(at).toISOString(),
  receivedAt: new Date(at).toISOString(),
  database: database.id,
  user: person.id,
  hash: 'ab'.repeat(32),
});

/** Of a session its eight statements; of the whole audit as many as there are, newest first. */
function pageOf(
  query: Readonly<Record<string, unknown>>,
  { records, begin }: { readonly records: number; readonly begin: number },
): { readonly items: readonly StatementView[]; readonly next: string | null } {
  if (query['session'] !== undefined) return { items: sessionStatements(begin), next: null };
  const isOldest = query['order'] === 'oldest';
  const from = typeof query['from'] === 'string' ? Date.parse(query['from']) : -Infinity;
  const until = typeof query['until'] === 'string' ? Date.parse(query['until']) : Infinity;
  const all = Array.from({ length: records }, (_, index) => (isOldest ? index + 1 : records - index)).filter(
    (seq) => begin + seq * 1_000 >= from && begin + seq * 1_000 < until,
  );
  const start = typeof query['after'] === 'string' ? Number(query['after']) : 0;
  // A real page has 500 at most; here the screen gets to its many rows in a few.
  const size = Math.min(all.length, Math.max(Number(query['limit'] ?? 100), records / 10));
  const items = all.slice(start, start + size).map((seq) => statementAt(seq, begin + seq * 1_000));
  return { items, next: start + size < all.length ? String(start + size) : null };
}

function statementAt(seq: number, at: number, event: Readonly<Record<string, unknown>> = {}): StatementView {
  const isRefused = event['decision'] === 'deny';
  return {
    ...placeOf(at),
    seq,
    kind: 'statement',
    session: pastSession,
    class: 'read',
    fingerprint: null,
    event: {
      command: 'SELECT',
      decision: 'allow',
      text: `select ${seq} from public.orders`,
      tables: [{ schema: 'public', name: 'orders', operation: 'select', masked: false }],
      epoch: 12,
      ...event,
    },
    end: isRefused
      ? null
      : { at: new Date(at).toISOString(), durationMs: 3, rows: 2, tag: 'SELECT 2', sqlstate: null },
  };
}

function sessionStatements(begin: number): StatementView[] {
  const catalogue = {
    tables: [{ schema: 'pg_catalog', name: 'pg_class', operation: 'select', masked: false }],
  };
  const masked = { tables: [{ schema: 'public', name: 'customers', operation: 'select', masked: true }] };
  return [
    statementAt(1, begin + 10, catalogue),
    statementAt(2, begin + 20, catalogue),
    statementAt(3, begin + minute, masked),
    statementAt(4, begin + 3 * minute),
    statementAt(5, begin + 5 * minute, { decision: 'deny', rule: 'default deny', sqlstate: '42501' }),
    statementAt(6, begin + 10 * minute, { ...masked, epoch: 13 }),
    statementAt(7, begin + 15 * minute, { epoch: 13 }),
    statementAt(8, begin + 20 * minute, { epoch: 13, text: '<img src=x onerror="document.title=1">' }),
  ].toReversed();
}
