/** All screens of app and console in a browser, in one of the states that they can be in, over a backend in memory. */
import type { BackendMethods, DesktopBackend } from '@daam/desktop/ipc/backend';
import type { Method } from '@daam/desktop/ipc/schema';
import { MemoryBackend } from '@daam/desktop/ipc/testing/memory-backend';
import { sampleDatabases, sampleStatus, sampleTime } from '@daam/desktop/ipc/testing/sample';
import { startDesktopWeb } from '@daam/desktop/web/app';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { settle } from '../pages/accessibility.ts';
import { AppPage } from '../pages/app-page.ts';
import { type AskedRoute, emptyAnswer, sampleAnswer } from '../pages/samples/answers.ts';
import type { Screen } from '../pages/screens.ts';

export const screenStates = ['seeded', 'empty', 'error', 'loading', 'offline'] as const;
export type ScreenState = (typeof screenStates)[number];

export interface ScreensWorld extends AsyncDisposable {
  readonly backend: MemoryBackend;
  readonly app: AppPage;
  readonly url: string;
  /** Goes to a screen, and waits until it shows what it has in this state. */
  readonly show: (screen: Screen) => Promise<void>;
}

export interface ScreensOptions {
  readonly browser: Browser;
  readonly assetsDir: string;
  readonly state?: ScreenState;
  readonly context?: BrowserContextOptions;
  /** Answers of the control plane that are not those of the samples; undefined: those are. */
  readonly answers?: (asked: AskedRoute) => unknown;
}

/** What screens read when they open; settings and status are there in every state. */
const reading: readonly Method[] = [
  'listDatabases',
  'callApi',
  'connectionDetails',
  'readObjects',
  'listHistory',
  'listSavedQueries',
  'listNotifications',
  'listExports',
  'countWaiting',
  'runChecks',
];

export async function startScreens(options: ScreensOptions): Promise<ScreensWorld> {
  const { browser, assetsDir, state = 'seeded' } = options;
  const backend = newBackend(state, options.answers);
  const web = await startDesktopWeb({
    backend: inState(backend, state),
    port: 0,
    token: new Secret('token-of-the-screens-0123456789-0123456789'),
    assetsDir,
    logger: silentLogger,
  });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    // Colours that are on their way from one state to the next are nobody's choice.
    reducedMotion: 'reduce',
    ...options.context,
  });
  context.setDefaultTimeout(30_000);
  const stop = async (): Promise<void> => {
    await context.close();
    await web[Symbol.asyncDispose]();
  };
  const app = new AppPage(await context.newPage());
  // The samples have a day of their own.
  await app.page.clock.setFixedTime(sampleTime);
  await app.open(web.openUrl.reveal()).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const isKnown = state === 'seeded';
  const show = async ({ hash, heading, headingWithout }: Screen): Promise<void> => {
    await app.page.evaluate((to) => {
      location.hash = to;
    }, hash);
    const titled = (name: string) => app.page.getByRole('heading', { level: 1, name, exact: true });
    const title =
      isKnown || headingWithout === undefined ? titled(heading) : titled(heading).or(titled(headingWithout));
    await title.waitFor();
    await settle(app.page);
  };
  return { backend, app, url: web.url, show, [Symbol.asyncDispose]: stop };
}

function newBackend(state: ScreenState, answers: ScreensOptions['answers']): MemoryBackend {
  const isEmpty = state === 'empty';
  const account = sampleStatus.account === null ? null : { ...sampleStatus.account, role: 'admin' as const };
  return new MemoryBackend({
    databases: isEmpty ? [] : sampleDatabases,
    status: {
      ...sampleStatus,
      account,
      controlPlane: state === 'offline' ? { kind: 'offline', since: sampleTime } : { kind: 'online' },
    },
    now: sampleTime,
    user: 'dev',
    api: async (asked) => answers?.(asked) ?? (isEmpty ? emptyAnswer(asked) : sampleAnswer(asked)),
  });
}

function inState(backend: MemoryBackend, state: ScreenState): DesktopBackend {
  return {
    capabilities: backend.capabilities,
    subscribe: (listener) => backend.subscribe(listener),
    methods: { ...backend.methods, ...changesIn(state) },
  };
}

function changesIn(state: ScreenState): Partial<BackendMethods> {
  const nothing = { items: [], next: null };
  switch (state) {
    case 'seeded':
      return {};
    case 'empty':
      return {
        listHistory: async () => nothing,
        listSavedQueries: async () => [],
        listNotifications: async () => [],
        countWaiting: async () => ({ mine: 0, inbox: 0 }),
      };
    case 'error':
      return each(reading, () => Promise.reject(new AppError('INTERNAL')));
    case 'loading':
      return each(reading, () => new Promise(() => {}));
    case 'offline':
      return each(['callApi', 'countWaiting', 'readObjects'], () =>
        Promise.reject(new AppError('CONTROL_PLANE_UNAVAILABLE')),
      );
    default:
      return state satisfies never;
  }
}

function each(methods: readonly Method[], answer: () => Promise<never>): Partial<BackendMethods> {
  return Object.fromEntries(methods.map((method) => [method, answer]));
}
