import { createClient, type FetchLike } from '@daam/shared/api/client';
import type { Logger } from '@daam/shared/base/logger';
import type { Secret } from '@daam/shared/base/secret';
import { toAppError } from '@daam/shared/errors/app-error';
import type { DatabaseSchema } from '@daam/shared/sql/database-schema';

export interface SchemaUploadOptions {
  readonly url: string;
  readonly credential: () => Secret | null;
  readonly fetch: FetchLike;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Milliseconds until a report that came too early is sent again. */
  readonly againMs?: number;
}

/** After a report that came too early: the control plane takes six a minute. */
const againMs = 15_000;
/** A report may be some megabytes. Milliseconds. */
const timeoutMs = 60_000;

/**
 * Sends the newest report when the control plane wants it, one at a time. One that fails is not tried again by itself:
 * the hash is told anew after each connection and each look, and then it is wanted again. Only one that came too early
 * is, later, since the last of many changes in a row must not stay unknown.
 */
export class SchemaUpload {
  readonly #options: SchemaUploadOptions;
  #newest: DatabaseSchema | null = null;
  #sending: Promise<void> | null = null;
  #isWantedAgain = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: SchemaUploadOptions) {
    this.#options = options;
  }

  /** The report to send when it is wanted. */
  take(schema: DatabaseSchema): void {
    this.#newest = schema;
  }

  /** Never throws. */
  wanted(): void {
    this.#isWantedAgain = true;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#isWantedAgain) {
      this.#isWantedAgain = false;
      await this.#send();
    }
  }

  async #send(): Promise<void> {
    const { url, credential, fetch, signal, logger } = this.#options;
    const token = credential();
    if (this.#newest === null || token === null || signal.aborted) return;
    const client = createClient({ baseUrl: url, fetch, token: () => token.reveal(), timeoutMs });
    try {
      const { version, isNew } = await client.putAgentSchema({ body: this.#newest }, { signal });
      logger.info({ version, isNew, tables: this.#newest.tables.length }, 'schema reported');
    } catch (thrown) {
      const { code } = toAppError(thrown);
      logger.warn({ code }, 'the schema could not be reported');
      if (code === 'RATE_LIMITED') this.#sendLater();
    }
  }

  #sendLater(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#options.signal.aborted) this.wanted();
    }, this.#options.againMs ?? againMs).unref();
  }
}
