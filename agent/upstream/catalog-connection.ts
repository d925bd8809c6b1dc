import type { Catalog } from '@daam/shared/sql/catalog';
import { Client, type ClientConfig } from 'pg';
import { catalogVersion, loadCatalog } from '../enforce/catalog-loader.ts';
import type { CatalogSource } from '../enforce/database-view.ts';
import type { TraceCache } from '../enforce/view-trace.ts';

/** The agent's own connection for reading the catalogue: opened when needed, opened again when it was lost. */
export class CatalogConnection implements CatalogSource, AsyncDisposable {
  readonly #config: ClientConfig;
  readonly #traces: TraceCache = new Map();
  #client: Promise<Client> | null = null;

  constructor({ config }: { readonly config: ClientConfig }) {
    this.#config = config;
  }

  async load(): Promise<Catalog> {
    return loadCatalog(await this.#connected(), this.#traces);
  }

  async version(): Promise<string> {
    return catalogVersion(await this.#connected());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  #connected(): Promise<Client> {
    this.#client ??= this.#open();
    return this.#client;
  }

  async #open(): Promise<Client> {
    const client = new Client({
      ...this.#config,
      application_name: 'daam-agent catalog',
      query_timeout: 30_000,
    });
    const lost = (): void => {
      this.#client = null;
    };
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      return client;
    } catch (thrown) {
      this.#client = null;
      throw thrown;
    }
  }
}
