import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Secret } from '@daam/shared/base/secret';
import { toAppError } from '@daam/shared/errors/app-error';
import { Client } from 'pg';
import { z } from 'zod';
import type { Events } from '../events.ts';
import { query } from './query.ts';
import type { Em } from './store.ts';

/**
 * What replicas tell each other through the database: a change is announced in its own transaction, so it
 * is heard exactly when it has happened, by every replica, this one included (PostgreSQL docs, NOTIFY).
 */
const channel = 'daam_changes';

export const change = z.discriminatedUnion('kind', [
  /** The database has a new epoch. */
  z.object({ kind: z.literal('epoch'), database: z.string() }),
  /** The agent has this feed now, or none at all (revoked): others close theirs. */
  z.object({ kind: z.literal('agent'), agent: z.string(), feed: z.string().nullable() }),
  /** Somebody wants the database examined now by its agent. */
  z.object({ kind: z.literal('examine'), database: z.string() }),
  /** Somebody wants the database's schema read now by its agents. */
  z.object({ kind: z.literal('introspect'), database: z.string() }),
  /** Somebody asks an agent of the database (agents/relayed-questions.ts); whoever has its feed answers. */
  z.object({
    kind: z.literal('question'),
    id: z.uuid(),
    org: z.uuid(),
    database: z.uuid(),
    /** Absent: any agent of the database. */
    agent: z.uuid().optional(),
  }),
  z.object({ kind: z.literal('answered'), id: z.uuid(), org: z.uuid() }),
]);
export type Change = z.infer<typeof change>;

/** Announces a change when the transaction of `em` commits. */
export async function announce(em: Em, news: Change): Promise<void> {
  await query(em, 'select pg_notify(?, ?)', [channel, JSON.stringify(news)]);
}

export interface NotificationsOptions {
  readonly dsn: Secret;
  readonly events: Events;
  readonly onChange: (news: Change) => void;
  /** The connection was lost and is back: anything may have been missed. */
  readonly onGap: () => void;
}

/** One connection that listens, and comes back when it is lost. Dispose to end it. */
export class Notifications implements AsyncDisposable {
  readonly #options: NotificationsOptions;
  readonly #stop = new AbortController();
  #client: Client | null = null;
  #loop: Promise<void> = Promise.resolve();

  private constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  /** Resolves when it listens. */
  static async open(options: NotificationsOptions): Promise<Notifications> {
    const notifications = new Notifications(options);
    const { lost } = await notifications.#listen();
    notifications.#loop = notifications.#keepListening(lost);
    return notifications;
  }

  async #keepListening(first: Promise<void>): Promise<void> {
    let lost = first;
    for (let attempt = 0; ; ) {
      await lost;
      if (this.#stop.signal.aborted) return;
      await delay(Math.min(10_000, 250 * 2 ** attempt), undefined, { signal: this.#stop.signal }).catch(
        () => {},
      );
      if (this.#stop.signal.aborted) return;
      try {
        ({ lost } = await this.#listen());
        attempt = 0;
        this.#options.onGap();
      } catch (error) {
        attempt += 1;
        this.#options.events.listenerLost(toAppError(error));
      }
    }
  }

  /** Connects and listens; `lost` resolves when that connection ends. */
  async #listen(): Promise<{ lost: Promise<void> }> {
    const client = new Client({
      connectionString: this.#options.dsn.reveal(),
      application_name: `daam-control-plane-listen-${randomUUID().slice(0, 8)}`,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    });
    const lost = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.on('error', (error) => {
        this.#options.events.listenerLost(toAppError(error));
        resolve();
      });
    });
    client.on('notification', ({ payload }) => this.#receive(payload ?? ''));
    await client.connect();
    await client.query(`listen ${channel}`);
    this.#client = client;
    return { lost };
  }

  #receive(payload: string): void {
    const news = change.safeParse(parseJson(payload));
    if (news.success) this.#options.onChange(news.data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#client?.end().catch(() => {});
    await this.#loop;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
