import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@daam/shared/base/clock';
import type { Secret } from '@daam/shared/base/secret';
import { toAppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import { fromDriver, systemScope } from '../db/scope.ts';
import type { Store } from '../db/store.ts';
import type { Events } from '../events.ts';
import type { MasterKey } from '../identity/sealed-box.ts';
import { version } from '../version.ts';
import { delayAfter } from './back-off.ts';
import { openWebhookSecret } from './secrets.ts';
import { type Message, type SendOutcome, sendMessage, type SendOptions } from './send.ts';
import { signatureHeader, signatureOf } from './signature.ts';

/** Attempts at once in a replica, and to one webhook: a slow receiver delays itself alone. */
const maxAtOnce = 20;
const maxAtOnceEach = 4;

/** How long a claimed delivery belongs to its replica; longer than an attempt can take. */
const leaseMs = 60_000;

/** How long deliveries are kept, and how often what is older is cleared away. */
const keptMs = 30 * 86_400_000;
const clearEveryMs = 3_600_000;

export interface DelivererOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly events: Events;
  readonly master: MasterKey;
  readonly send: SendOptions;
  /** 0 to 1. */
  readonly random: () => number;
  /** Milliseconds between two looks for what is due. */
  readonly everyMs: number;
}

interface Claimed {
  readonly id: string;
  readonly webhook_id: string;
  readonly attempts: number;
  readonly url: string;
  readonly sealed_secret: string;
  readonly old_sealed_secret: string | null;
  readonly event_id: string;
  readonly type: string;
  readonly body: string;
}

/**
 * Sends what is in the outbox, at least once each: a delivery is claimed under a row lock, by a lease that ends by
 * itself, and comes back with back-off until it was answered with 2xx or its attempts are used up. Every replica runs
 * one. Dispose to stop; attempts under way are finished.
 */
export class WebhookDeliverer implements AsyncDisposable {
  readonly #options: DelivererOptions;
  readonly #stop = new AbortController();
  readonly #underWay = new Map<Promise<void>, string>();
  #running: Promise<void> = Promise.resolve();
  #clearedAt = -Infinity;

  private constructor(options: DelivererOptions) {
    this.#options = options;
  }

  static start(options: DelivererOptions): WebhookDeliverer {
    const deliverer = new WebhookDeliverer(options);
    deliverer.#running = deliverer.#run();
    return deliverer;
  }

  async #run(): Promise<void> {
    const { events, everyMs } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#clear();
        while (!this.#stop.signal.aborted && (await this.#startOne()));
      } catch (thrown) {
        events.scheduleFailed('webhooks', toAppError(fromDriver(thrown)));
      }
      await delay(everyMs, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
    await Promise.allSettled(this.#underWay.keys());
  }

  /** False when nothing is due, or as much is under way as may be. */
  async #startOne(): Promise<boolean> {
    if (this.#underWay.size >= maxAtOnce) {
      await Promise.race(this.#underWay.keys());
      return true;
    }
    const claimed = await this.#claim();
    if (claimed === null) return false;
    const work = this.#attempt(claimed).finally(() => this.#underWay.delete(work));
    this.#underWay.set(work, claimed.webhook_id);
    return true;
  }

  async #claim(): Promise<Claimed | null> {
    const { store, clock } = this.#options;
    const counts = Map.groupBy(this.#underWay.values(), (webhook) => webhook);
    const busy = [...counts].filter(([, all]) => all.length >= maxAtOnceEach).map(([webhook]) => webhook);
    const now = clock.now();
    const [claimed] = await query<Claimed[]>(
      systemScope(store, 'webhooks'),
      `update webhook_deliveries d set attempts = d.attempts + 1, next_attempt_at = ?
         from webhooks w, webhook_events e
        where d.id = (select n.id from webhook_deliveries n join webhooks x on x.id = n.webhook_id and x.enabled
                       where n.state = 'pending' and n.next_attempt_at <= ? and n.webhook_id <> all(?::uuid[])
                       order by n.next_attempt_at, n.id limit 1 for update of n skip locked)
          and w.id = d.webhook_id and e.id = d.event_id
       returning d.id, d.webhook_id, d.attempts, w.url, w.sealed_secret,
                 case when w.old_until > ? then w.old_sealed_secret end as old_sealed_secret,
                 e.id as event_id, e.type, e.body`,
      [new Date(now + leaseMs), new Date(now), busy, new Date(now)],
    );
    return claimed ?? null;
  }

  async #attempt(claimed: Claimed): Promise<void> {
    const { clock, events, send } = this.#options;
    const startedAt = clock.now();
    const started = performance.now();
    try {
      const outcome = await sendMessage(this.#messageOf(claimed, startedAt), send);
      const tookMs = Math.round(performance.now() - started);
      await this.#record(claimed, { outcome, at: startedAt, tookMs });
      events.webhookAttempted(claimed.webhook_id, { delivery: claimed.id, ...outcome, tookMs });
    } catch (thrown) {
      // The lease ends by itself, and the delivery is tried again.
      events.scheduleFailed('webhooks', toAppError(fromDriver(thrown)));
    }
  }

  #messageOf({ webhook_id, sealed_secret, old_sealed_secret, ...claimed }: Claimed, now: number): Message {
    const { master } = this.#options;
    const sealed = [sealed_secret, ...(old_sealed_secret === null ? [] : [old_sealed_secret])];
    const secrets: Secret[] = sealed.map((text) => openWebhookSecret(master, webhook_id, text));
    return {
      url: claimed.url,
      body: claimed.body,
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': `daam-control-plane/${version}`,
        'DAAM-Event': claimed.type,
        'DAAM-Event-Id': claimed.event_id,
        'DAAM-Delivery-Id': claimed.id,
        [signatureHeader]: signatureOf(secrets, Math.floor(now / 1000), claimed.body),
      },
    };
  }

  /** One transaction by being one statement. Nothing is changed when the lease was lost meanwhile. */
  async #record(
    { id, attempts }: Claimed,
    { outcome, at, tookMs }: { readonly outcome: SendOutcome; readonly at: number; readonly tookMs: number },
  ): Promise<void> {
    const { store, clock, random } = this.#options;
    const delay = outcome.failure === null ? null : delayAfter(attempts, random());
    const state = outcome.failure === null ? 'delivered' : delay === null ? 'failed' : 'pending';
    await query(
      systemScope(store, 'webhooks'),
      `with done as (
         update webhook_deliveries set state = ?, next_attempt_at = ?
          where id = ? and attempts = ? and state = 'pending' returning id, org_id)
       insert into webhook_attempts (delivery_id, number, org_id, at, took_ms, status, failure)
       select id, ?, org_id, ?, ?, ?, ? from done`,
      [
        state,
        delay === null ? null : new Date(clock.now() + delay),
        id,
        attempts,
        attempts,
        new Date(at),
        tookMs,
        outcome.status,
        outcome.failure,
      ],
    );
  }

  async #clear(): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now();
    if (now - this.#clearedAt < clearEveryMs) return;
    this.#clearedAt = now;
    await query(
      systemScope(store, 'webhooks'),
      `delete from webhook_events where id in (select id from webhook_events where at < ? limit 10000)`,
      [new Date(now - keptMs)],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
