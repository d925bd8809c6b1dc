import type { Logger } from '@daam/shared/base/logger';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { ClientConfig } from 'pg';
import { AdminConnection } from '../roles/admin-connection.ts';
import { catalogVersion, loadCatalog } from './catalog-loader.ts';

/** The upstream's catalogue over a connection of its own, so that a slow load never holds up a session's role. */
export class UpstreamCatalog implements AsyncDisposable {
  readonly #connection: AdminConnection;

  constructor({ connection, logger }: { readonly connection: ClientConfig; readonly logger: Logger }) {
    this.#connection = new AdminConnection({ config: connection, logger });
  }

  /** Reads everything; see `loadCatalog`. */
  load(): Promise<Catalog> {
    return loadCatalog({ query: (sql) => this.#connection.run(sql) });
  }

  /** A few milliseconds; changes whenever `load` would give something else. */
  version(): Promise<string> {
    return catalogVersion({ query: (sql) => this.#connection.run(sql) });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection[Symbol.asyncDispose]();
  }
}
