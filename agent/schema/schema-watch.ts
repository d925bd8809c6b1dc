/**
 * What the control plane is told of the database's schema: at start, after changes of the catalogue have settled, every
 * hour (comments change without the catalogue), and when it asks. Names, types and how views are made; never a row.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import { formatPattern } from '@daam/shared/policy/pattern';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { DatabaseSchema } from '@daam/shared/sql/database-schema';
import { reportSchema, type SchemaComments } from '@daam/shared/sql/report-schema';
import type { Client } from 'pg';
import type { Scope } from '../enforce/scope.ts';
import { readComments } from './comments.ts';

/** A report, and the SHA-256 of its canonical JSON in hex: equal exactly when the schema is. */
export interface SchemaReport {
  readonly schema: DatabaseSchema;
  readonly hash: string;
}

const everyMs = 60 * 60_000;
/** After a look that failed. */
const againMs = 30_000;
/** Many changes at once are reported together. */
const settleMs = 1_000;

export interface SchemaWatchOptions {
  /** A connection of its own, as the agent; the watch ends it. */
  readonly connect: () => Promise<Client>;
  /** Null: the database was not reached yet. */
  readonly catalog: () => Catalog | null;
  /** Compares the catalogue with the server's now instead of in a few seconds. */
  readonly refreshCatalog: () => Promise<unknown>;
  readonly scope: Scope;
  /** Called after every look, also when nothing has changed. */
  readonly onReport: (report: SchemaReport) => void;
  readonly logger: Logger;
}

/** Looks and tells; one look at a time. Dispose to stop. */
export class SchemaWatch implements AsyncDisposable {
  readonly #options: SchemaWatchOptions;
  #looking: Promise<void> | null = null;
  #isWantedAgain = false;
  #timer: NodeJS.Timeout | null = null;
  #isDisposed = false;

  constructor(options: SchemaWatchOptions) {
    this.#options = options;
  }

  /** Looks now; whoever asks while a look is under way gets another after it. Never throws. */
  look(): Promise<void> {
    if (this.#looking !== null) {
      this.#isWantedAgain = true;
      return this.#looking;
    }
    this.#looking = this.#lookUntilDone().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Looks when changes have settled. */
  lookSoon(): void {
    this.#schedule(settleMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
  }

  async #lookUntilDone(): Promise<void> {
    do {
      this.#isWantedAgain = false;
      this.#schedule((await this.#lookOnce()) ? everyMs : againMs);
    } while (this.#isWantedAgain && !this.#isDisposed);
  }

  async #lookOnce(): Promise<boolean> {
    const { refreshCatalog, scope, onReport, logger } = this.#options;
    if (this.#isDisposed) return true;
    try {
      await refreshCatalog();
      const comments = await this.#readComments();
      const catalog = this.#options.catalog();
      if (catalog === null) return false;
      const patterns = scope?.map(({ schema, table }) => formatPattern([schema, table])) ?? null;
      const schema = reportSchema(catalog, { comments, scope: patterns });
      const hash = createHash('sha256').update(canonicalJson(schema)).digest('hex');
      logger.debug({ hash, tables: schema.tables.length, omitted: schema.omitted }, 'schema read');
      onReport({ schema, hash });
      return true;
    } catch (thrown) {
      logger.warn({ code: toAppError(thrown).code }, 'the schema could not be read');
      return false;
    }
  }

  async #readComments(): Promise<SchemaComments> {
    const client = await this.#options.connect();
    try {
      return await readComments(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  #schedule(ms: number): void {
    if (this.#isDisposed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), ms);
    this.#timer.unref();
  }
}
