import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@daam/shared/base/clock';
import { toAppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import { fromDriver, systemScope } from '../db/scope.ts';
import type { Store } from '../db/store.ts';
import type { Events } from '../events.ts';
import { delayAfter } from '../webhooks/back-off.ts';
import { mailMessage } from './message.ts';
import type { MailReason } from './recipients.ts';
import { renderMail } from './render-mail.ts';
import type { MailOutcome, MailTransport } from './transport.ts';

/** Messages that are claimed and sent at once. */
const batch = 10;

/** How long claimed messages belong to their replica; longer than an attempt can take. */
const leaseMs = 120_000;

/** News that is older is none any more. */
const newsMs = 86_400_000;

/** How long messages are kept, and how often what is older is cleared away. */
const keptMs = 30 * 86_400_000;
const clearEveryMs = 3_600_000;

/** How often what is queued is dropped where no mail goes out. */
const dropEveryMs = 60_000;

export interface MailDelivererOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly events: Events;
  /** Null: nothing is sent, and what is queued is dropped. */
  readonly transport: MailTransport | null;
  /** Where people reach the control plane. */
  readonly site: { readonly url: string };
  /** 0 to 1. */
  readonly random: () => number;
  /** Milliseconds between two looks for what is due. */
  readonly everyMs: number;
}

interface Claimed {
  readonly id: string;
  readonly attempts: number;
  readonly reason: MailReason;
  readonly event: unknown;
  readonly email: string;
  readonly is_disabled: boolean;
}

/**
 * Sends what is in the queue of messages, at least once each: messages are claimed under row locks, by a lease that ends
 * by itself, and come back with back-off until the mail server took them, or their attempts or their day are used up.
 * Every replica runs one. Dispose to stop; what is under way is finished.
 */
export class MailDeliverer implements AsyncDisposable {
  readonly #options: MailDelivererOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #clearedAt = -Infinity;

  private constructor(options: MailDelivererOptions) {
    this.#options = options;
  }

  static start(options: MailDelivererOptions): MailDeliverer {
    const deliverer = new MailDeliverer(options);
    deliverer.#running = deliverer.#run();
    return deliverer;
  }

  async #run(): Promise<void> {
    const { events, everyMs, transport } = this.#options;
    while (!this.#stop.signal.aborted) {
      let sent = 0;
      try {
        await this.#clear();
        if (transport !== null) sent = await this.#sendBatch(transport);
      } catch (thrown) {
        events.scheduleFailed('mail', toAppError(fromDriver(thrown)));
      }
      const waitMs = sent === batch ? 0 : everyMs;
      await delay(waitMs, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async #sendBatch(transport: MailTransport): Promise<number> {
    const claimed = await this.#claim();
    await Promise.all(
      claimed.map(async (message) => {
        const outcome = await this.#attempt(transport, message);
        await this.#record(message, outcome);
      }),
    );
    return claimed.length;
  }

  /**
   * Organizations take turns, each with what concerns accounts first: whoever has much to send waits behind themselves.
   * Messages that another replica is claiming are passed over.
   */
  async #claim(): Promise<readonly Claimed[]> {
    const { store, clock } = this.#options;
    const now = clock.now();
    const [due, newsFrom] = [new Date(now), new Date(now - newsMs)];
    return await query<Claimed[]>(
      systemScope(store, 'mail'),
      `update mail_messages m set attempts = m.attempts + 1, next_attempt_at = ?
         from users u
        where m.id in (
                select due.id
                  from (select distinct org_id from mail_messages
                         where state = 'pending' and next_attempt_at <= ? and created_at > ?) orgs
                 cross join lateral (
                         select first.id, row_number() over (order by first.is_news, first.next_attempt_at, first.id) as turn
                           from (select id, reason <> 'account' as is_news, next_attempt_at from mail_messages
                                  where org_id = orgs.org_id and state = 'pending'
                                    and next_attempt_at <= ? and created_at > ?
                                  order by (reason <> 'account'), next_attempt_at, id limit ?) first) turns
                  join mail_messages due on due.id = turns.id
                 where due.state = 'pending' and due.next_attempt_at <= ?
                 order by turns.turn, (due.reason <> 'account'), due.next_attempt_at, due.id
                 limit ? for update of due skip locked)
          and u.org_id = m.org_id and u.id = m.user_id
       returning m.id, m.attempts, m.reason, m.event, u.email, u.disabled_at is not null as is_disabled`,
      // Twice a batch of each organization: another replica may be claiming the first.
      [new Date(now + leaseMs), due, newsFrom, due, newsFrom, 2 * batch, due, batch],
    );
  }

  async #attempt(transport: MailTransport, claimed: Claimed): Promise<MailOutcome> {
    const { site } = this.#options;
    const { id, reason, email } = claimed;
    if (claimed.is_disabled) return { kind: 'failed', failure: 'disabled', isFinal: true };
    const message = mailMessage.safeParse(claimed.event);
    if (!message.success) return { kind: 'failed', failure: 'unreadable', isFinal: true };
    return await transport.send({ ...renderMail(message.data, { url: site.url, reason }), to: email, id });
  }

  /** Nothing is changed when the lease was lost meanwhile. */
  async #record({ id, attempts }: Claimed, outcome: MailOutcome): Promise<void> {
    const { store, clock, events, random } = this.#options;
    const failure = outcome.kind === 'sent' ? null : outcome.failure;
    const isOver = outcome.kind === 'sent' || outcome.isFinal;
    const pause = isOver ? null : delayAfter(attempts, random());
    const state = failure === null ? 'sent' : pause === null ? 'failed' : 'pending';
    await query(
      systemScope(store, 'mail'),
      `update mail_messages set state = ?, failure = ?, next_attempt_at = ?
        where id = ? and attempts = ? and state = 'pending'`,
      [state, failure, pause === null ? null : new Date(clock.now() + pause), id, attempts],
    );
    events.mailAttempted(id, { state, failure });
  }

  /** What is too old, and where no mail goes out everything that waits. */
  async #clear(): Promise<void> {
    const { store, clock, transport } = this.#options;
    const now = clock.now();
    if (now - this.#clearedAt < (transport === null ? dropEveryMs : clearEveryMs)) return;
    this.#clearedAt = now;
    const em = systemScope(store, 'mail');
    if (transport === null) {
      await query(em, `delete from mail_messages where state = 'pending'`);
      return;
    }
    await query(
      em,
      `update mail_messages set state = 'failed', failure = 'too-old', next_attempt_at = null
        where state = 'pending' and created_at <= ?`,
      [new Date(now - newsMs)],
    );
    await query(
      em,
      'delete from mail_messages where id in (select id from mail_messages where created_at < ? limit 10000)',
      [new Date(now - keptMs)],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
