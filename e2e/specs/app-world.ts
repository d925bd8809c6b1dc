/** The app in a browser over a backend in memory, with a control plane that answers from samples. */
import type { RequestView } from '@daam/shared/api/routes/requests';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import type { Capabilities } from '@daam/desktop/ipc/schema';
import { MemoryBackend } from '@daam/desktop/ipc/testing/memory-backend';
import { sampleDatabases, sampleStatus, sampleTime } from '@daam/desktop/ipc/testing/sample';
import { startDesktopWeb } from '@daam/desktop/web/app';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { AppPage } from '../pages/app-page.ts';

export const me = { id: '0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a01', email: 'dev@example.com' };
const approver = { id: '0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a02', email: 'approver@example.com' };
const database = { id: '0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a03', name: 'orders' };

/** A request with the usual values, changed where the test says. */
export function sampleRequest(changes: Partial<RequestView> = {}): RequestView {
  const terms = {
    policy: null,
    access: { tables: [{ table: 'public.payments', operations: ['select'] }] },
    minutes: 60,
    startAt: null,
  };
  return {
    id: '0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a10',
    state: 'pending',
    requester: me,
    database,
    asked: terms,
    granted: terms,
    reason: 'Checking the refunds of last week',
    ticket: null,
    emergency: false,
    extends: null,
    createdAt: sampleTime,
    pendingUntil: '2030-01-16T09:41:00.000Z',
    window: null,
    approval: {
      required: 1,
      given: [],
      approvers: { users: [], groups: [], admins: true },
      escalatesAt: null,
      mine: false,
    },
    ended: null,
    review: null,
    ...changes,
  };
}

export interface Asked {
  readonly route: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body: unknown;
}

export interface AppWorld extends AsyncDisposable {
  readonly backend: MemoryBackend;
  readonly app: AppPage;
  readonly url: string;
  /** What the screens asked of the control plane. */
  readonly asked: readonly Asked[];
}

export interface AppWorldOptions {
  /** What autocomplete and the palette know; a few tables unless told. */
  readonly objects?: NonNullable<ConstructorParameters<typeof MemoryBackend>[0]['objects']>;
  readonly browser: Browser;
  readonly assetsDir: string;
  readonly context?: BrowserContextOptions;
  readonly requests?: readonly RequestView[];
  readonly capabilities?: Partial<Capabilities>;
  /** What the control plane answers to these routes, before anything else. */
  readonly answers?: Readonly<Record<string, (asked: Asked) => unknown>>;
  /** Of the person who is signed in. */
  readonly account?: { readonly role: 'admin' | 'member'; readonly userId: string };
}

export async function startApp(options: AppWorldOptions): Promise<AppWorld> {
  const asked: Asked[] = [];
  const requests = options.requests ?? [
    sampleRequest(),
    sampleRequest({
      id: '0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a11',
      requester: approver,
      approval: { ...sampleRequest().approval, mine: true },
    }),
  ];
  const backend = new MemoryBackend({
    ...(options.objects === undefined ? {} : { objects: options.objects }),
    databases: sampleDatabases,
    status: statusOf(options.account),
    now: sampleTime,
    user: 'dev',
    ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
    api: async ({ route, params, query, body }) => {
      asked.push({ route, body });
      const answer = options.answers?.[route];
      if (answer !== undefined) return answer({ route, params, query, body });
      const found = requests.find(({ id }) => id === params?.['id']);
      switch (route) {
        case 'listRequests':
          return { items: requests, next: null };
        case 'createRequest':
          return sampleRequest();
        case 'getRequest':
          return { ...(found ?? sampleRequest()), comments: [] };
        case 'approveRequest':
          throw new AppError('TOUCH_REQUIRED');
        case 'beginDecision':
          return { url: 'https://daam.example.com/decide#secret', expiresAt: '2100-01-01T00:00:00.000Z' };
        case 'listDiscoverableDatabases':
          return {
            items: [
              {
                id: '0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a30',
                name: 'hr',
                environment: 'production',
                ownerWords: 'owned by the people team',
                usualMinutes: 24.2,
              },
            ],
          };
        case 'listDevices':
          return { items: [] };
        case 'getNotificationPreferences':
          return { requests: { mine: true, inbox: true }, events: [] };
        case 'putNotificationPreferences':
          return body;
        default:
          throw new AppError('NOT_FOUND', { field: route });
      }
    },
  });
  const web = await startDesktopWeb({
    backend,
    port: 0,
    token: new Secret('token-of-the-app-world-0123456789-0123456789'),
    assetsDir: options.assetsDir,
    logger: silentLogger,
  });
  const context = await options.browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options.context,
  });
  context.setDefaultTimeout(20_000);
  const stop = async (): Promise<void> => {
    await context.close();
    await web[Symbol.asyncDispose]();
  };
  const app = new AppPage(await context.newPage());
  await app.open(web.openUrl.reveal()).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { backend, app, url: web.url, asked, [Symbol.asyncDispose]: stop };
}

function statusOf(account: AppWorldOptions['account']): typeof sampleStatus {
  return account === undefined || sampleStatus.account === null
    ? sampleStatus
    : { ...sampleStatus, account: { ...sampleStatus.account, ...account } };
}
