/**
 * What happened while nobody looked: requests that were decided, requests that wait for this person, access that ends or
 * is gone, tunnels that are down, a sign-in that ends. Told once each, in words without SQL, values or reasons.
 */
import { randomUUID } from 'node:crypto';
import type { ApiClient } from '@daam/shared/api/client';
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import * as z from 'zod';
import type { BridgeEvent, Database, Export, Notification, Settings } from '../../ipc/schema.ts';
import { notificationSchema } from '../../ipc/schema/account.ts';
import type { StateFolder } from '../state-folder.ts';
import { KeptValue } from '../workspace/kept-value.ts';

/** How often requests are looked at while a screen listens. Milliseconds. */
const lookEveryMs = 30_000;
const maxKept = 200;
const maxSeen = 2_000;
const endsSoonMs = 10 * 60_000;
const downForMs = 15_000;
const signInSoonMs = 15 * 60_000;

const keptSchema = z.strictObject({
  /** Of whom this is. */
  user: z.string().max(256),
  notifications: z.array(notificationSchema).max(maxKept),
  /** What was told or is not worth telling: `request:<id>:<state>` and the like, oldest first. */
  seen: z.array(z.string().max(400)).max(maxSeen),
});
type Kept = z.infer<typeof keptSchema>;

type Request = Awaited<ReturnType<ApiClient['listRequests']>>['items'][number];
type News = Pick<Notification, 'kind' | 'title' | 'body' | 'target'>;

export interface NotificationsServiceOptions {
  readonly state: StateFolder;
  readonly api: () => Promise<ApiClient>;
  /** Id of who is signed in; null: nobody. */
  readonly user: () => Promise<string | null>;
  readonly settings: () => Promise<Settings>;
  readonly emit: (event: BridgeEvent) => void;
  readonly now: () => number;
  readonly logger: Logger;
}

export class NotificationsService implements AsyncDisposable {
  readonly #options: NotificationsServiceOptions;
  readonly #kept: KeptValue<Kept>;
  #working: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #waiting = { mine: 0, inbox: 0 };
  #databases: ReadonlyMap<string, string> | null = null;
  readonly #downSince = new Map<string, number>();
  /** Fires when whoever is signed in is not any more; another one is made then. */
  #owner = new AbortController();

  constructor(options: NotificationsServiceOptions) {
    this.#options = options;
    const initial: Kept = { user: '', notifications: [], seen: [] };
    this.#kept = new KeptValue({
      state: options.state,
      file: 'notifications.json',
      schema: keptSchema,
      initial,
    });
  }

  async list(): Promise<Notification[]> {
    return (await this.#kept.read()).notifications;
  }

  /** One, or (null) all. */
  async markRead(id: string | null): Promise<void> {
    await this.#change(this.#owner.signal, (kept) => ({
      ...kept,
      notifications: kept.notifications.map((each) =>
        id === null || each.id === id ? { ...each, isRead: true } : each,
      ),
    }));
  }

  /** Requests of mine that wait, and that wait for me, as last looked at. */
  async countWaiting(): Promise<{ mine: number; inbox: number }> {
    await this.look();
    return this.#waiting;
  }

  /** Somebody else is signed in, or nobody: what was told, what waits, which databases there were and what was down goes. */
  async forget(): Promise<void> {
    this.#owner.abort();
    this.#owner = new AbortController();
    this.#waiting = { mine: 0, inbox: 0 };
    this.#databases = null;
    this.#downSince.clear();
    await this.#kept.forget();
    this.#options.emit({ event: 'notificationsChanged', payload: { notifications: [] } });
  }

  /** Begins to look from time to time. */
  start(): void {
    this.#timer ??= setInterval(() => void this.look(), lookEveryMs);
    this.#timer.unref();
    void this.look();
  }

  /** Nobody listens. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#working;
  }

  /** Looks at the requests now; never rejects. */
  look(): Promise<void> {
    this.#working = this.#working.then(async () => {
      try {
        await this.#look();
      } catch (thrown) {
        this.#options.logger.debug({ code: toAppError(thrown).code }, 'requests could not be looked at');
      }
    });
    return this.#working;
  }

  /** What the list of databases says by now; `isLive`: the control plane said it. */
  async databasesSeen(databases: readonly Database[], isLive: boolean): Promise<void> {
    const now = this.#options.now();
    const news: [string, News][] = [];
    for (const { id, name, connection } of databases) {
      if (connection.kind !== 'failed') this.#downSince.delete(id);
      else {
        const since = this.#downSince.get(id) ?? now;
        this.#downSince.set(id, since);
        if (now - since >= downForMs) news.push([`down:${id}:${since}`, tunnelLost(id, name)]);
      }
    }
    if (isLive) {
      const names = new Map(databases.map(({ id, name }) => [id, name]));
      for (const [id, name] of this.#databases ?? [])
        if (!names.has(id)) news.push([`gone:${id}:${now}`, accessRemoved(name)]);
      this.#databases = names;
    }
    await this.#tell(news);
  }

  async policyChanged(database: string, name: string, at: string): Promise<void> {
    await this.#tell([[`policy:${database}:${at}`, policyNews(database, name)]]);
  }

  /** One that runs, or that the person stopped, is no news. */
  async exportChanged({ id, kind, state, rows }: Export): Promise<void> {
    if (state === 'done' || state === 'failed')
      await this.#tell([[`export:${id}`, exportNews(kind, state, rows)]]);
  }

  /** When the list has to be looked at again for a way that may stay lost, in milliseconds; null: for none. */
  lostLookIn(): number | null {
    const waits = [...this.#downSince.values()]
      .map((since) => since + downForMs - this.#options.now())
      .filter((wait) => wait > 0);
    return waits.length === 0 ? null : Math.min(...waits);
  }

  /** `endsAt` null: it does not. */
  async signInSeen(endsAt: string | null): Promise<void> {
    if (endsAt === null || Date.parse(endsAt) - this.#options.now() > signInSoonMs) return;
    await this.#tell([[`sign-in:${endsAt}`, signInEnds]]);
  }

  async #look(): Promise<void> {
    const owner = this.#owner.signal;
    const user = await this.#options.user();
    if (user === null) return;
    const api = await this.#options.api();
    const [mine, inbox] = await Promise.all([
      api.listRequests({ query: { scope: 'mine', limit: 50 } }),
      api.listRequests({ query: { scope: 'inbox', limit: 50 } }),
    ]);
    if (owner.aborted) return;
    const waiting = inbox.items.filter(({ approval, state }) => state === 'pending' && approval.mine);
    this.#waiting = {
      mine: mine.items.filter(({ state }) => state === 'pending').length,
      inbox: waiting.length,
    };
    const now = this.#options.now();
    const news = [...mine.items.flatMap((request) => newsOfMine(request, now)), ...waiting.map(newsOfInbox)];
    const kept = await this.#kept.read();
    // What was there before this person's first look is no news.
    if (kept.user !== user) {
      await this.#change(owner, () => ({
        user,
        notifications: [],
        seen: news.map(([key]) => key).slice(-maxSeen),
      }));
      return;
    }
    if (!owner.aborted) await this.#tell(news);
  }

  async #tell(news: readonly (readonly [string, News])[]): Promise<void> {
    const owner = this.#owner.signal;
    const { notifications: wanted } = await this.#options.settings();
    const { seen } = await this.#kept.read();
    const unseen = news.filter(([key]) => !seen.includes(key));
    if (unseen.length === 0) return;
    const at = new Date(this.#options.now()).toISOString();
    const told = unseen
      .filter(([, { kind }]) => isWanted(kind, wanted))
      .map(([, each]): Notification => ({ ...each, id: randomUUID(), at, isRead: false }));
    await this.#change(owner, (kept) => ({
      ...kept,
      notifications: [...told, ...kept.notifications].slice(0, maxKept),
      seen: [...kept.seen, ...unseen.map(([key]) => key)].slice(-maxSeen),
    }));
  }

  /** Not for another person than `owner` was. */
  async #change(owner: AbortSignal, step: (kept: Kept) => Kept): Promise<void> {
    const { notifications } = await this.#kept.change((kept) => (owner.aborted ? kept : step(kept)));
    if (owner.aborted) return;
    this.#options.emit({ event: 'notificationsChanged', payload: { notifications } });
  }
}

function newsOfMine({ id, state, database, window }: Request, now: number): [string, News][] {
  const target = { kind: 'request', id } as const;
  const { name } = database;
  const until = window === null ? '' : ` until ${window.endsAt.slice(11, 16)} UTC`;
  const endsIn = window === null ? Number.POSITIVE_INFINITY : Date.parse(window.endsAt) - now;
  switch (state) {
    case 'approved':
    case 'active': {
      const approved: News = {
        kind: 'request-approved',
        title: `${name}: approved`,
        body: `Your access is open${until}.`,
        target,
      };
      const ends: News = {
        kind: 'access-ends-soon',
        title: `${name}: access ends soon`,
        body: `It ends${until.replace(' until', ' at')}.`,
        target,
      };
      const news: [string, News][] = [[`request:${id}:approved`, approved]];
      if (state === 'active' && endsIn > 0 && endsIn <= endsSoonMs) news.push([`request:${id}:soon`, ends]);
      return news;
    }
    case 'denied':
      return [
        [
          `request:${id}:denied`,
          {
            kind: 'request-denied',
            title: `${name}: denied`,
            body: 'Your request was not approved.',
            target,
          },
        ],
      ];
    case 'expired':
    case 'revoked':
      return [
        [
          `request:${id}:ended`,
          {
            kind: 'request-ended',
            title: `${name}: access ended`,
            body: 'The access that you asked for is over.',
            target,
          },
        ],
      ];
    case 'pending':
      return [];
    default:
      return state satisfies never;
  }
}

function newsOfInbox({ id, database }: Request): [string, News] {
  const target = { kind: 'review', id } as const;
  return [
    `inbox:${id}`,
    {
      kind: 'approval-needed',
      title: `${database.name}: your approval`,
      body: 'A request waits for you.',
      target,
    },
  ];
}

function tunnelLost(id: string, name: string): News {
  return {
    kind: 'tunnel-lost',
    title: `${name}: no way to it`,
    body: 'Its connection is tried again by itself.',
    target: { kind: 'database', id },
  };
}

function accessRemoved(name: string): News {
  return {
    kind: 'access-removed',
    title: `${name} was removed`,
    body: 'No policy gives you access to it any more.',
    target: null,
  };
}

function policyNews(id: string, name: string): News {
  return {
    kind: 'policy-changed',
    title: `${name}: the policy changed`,
    body: 'What you may see there is different now.',
    target: { kind: 'database', id },
  };
}

/** Neither the file's name nor the statement: both may hold values. */
function exportNews(kind: Export['kind'], state: 'done' | 'failed', rows: number): News {
  const what = kind === 'audit' ? 'The audit log' : 'A result';
  return {
    kind: 'export-done',
    title: state === 'done' ? 'Export done' : 'Export failed',
    body:
      state === 'done'
        ? `${what} was written: ${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}.`
        : `${what} was not written. The app says why.`,
    target: null,
  };
}

const signInEnds: News = {
  kind: 'sign-in-ends',
  title: 'Your sign-in ends soon',
  body: 'Sign in again, and connections go on.',
  target: { kind: 'settings' },
};

function isWanted(kind: Notification['kind'], wanted: Settings['notifications']): boolean {
  switch (kind) {
    case 'request-approved':
    case 'request-denied':
    case 'request-ended':
      return wanted.requests;
    case 'approval-needed':
      return wanted.approvals;
    case 'access-ends-soon':
    case 'sign-in-ends':
      return wanted.accessEnds;
    case 'access-removed':
    case 'policy-changed':
      return wanted.accessRemoved;
    case 'tunnel-lost':
      return wanted.tunnelLost;
    case 'export-done':
      return true;
    default:
      return kind satisfies never;
  }
}
