import type { Client, Connection, Submittable } from 'pg';

type Told = { readonly rows: readonly (string | null)[][] } | { readonly code: string };

/**
 * A portal that is read a few rows at a time, as JDBC does with a fetch size: Execute with a limit and Flush, no Sync
 * until the end. The driver `pg` knows no such thing. Used by tests only.
 */
export class SuspendedPortal implements Submittable {
  readonly #text: string;
  #connection: Connection | null = null;
  #rows: (string | null)[][] = [];
  #told = Promise.withResolvers<Told>();
  #isReady = Promise.withResolvers<void>();

  private constructor(text: string) {
    this.#text = text;
  }

  /** Opens a portal for a query; nothing is read yet. */
  static open(client: Client, text: string): SuspendedPortal {
    const portal = new SuspendedPortal(text);
    client.query(portal);
    return portal;
  }

  /** Called by the driver. */
  submit(connection: Connection): void {
    this.#connection = connection;
    connection.parse({ name: 'sp', text: this.#text, types: [] }, true);
    connection.bind({ portal: 'sp', statement: 'sp', values: [], binary: false } as never, true);
  }

  /** The next rows, or the SQLSTATE of the failure. */
  async fetch(rows: number): Promise<Told> {
    this.#rows = [];
    this.#told = Promise.withResolvers();
    this.#connection?.execute({ portal: 'sp', rows: String(rows) }, true);
    this.#connection?.flush();
    return await this.#told.promise;
  }

  /** Ends the implicit transaction. */
  async close(): Promise<void> {
    this.#connection?.sync();
    await this.#isReady.promise;
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.#rows.push([...message.fields]);
  }
  handlePortalSuspended(): void {
    this.#told.resolve({ rows: this.#rows });
  }
  handleCommandComplete(): void {
    this.#told.resolve({ rows: this.#rows });
  }
  handleError(error: { readonly code?: string }): void {
    this.#told.resolve({ code: error.code ?? 'none' });
    // The driver takes the ReadyForQuery for itself then.
    this.#isReady.resolve();
  }
  handleReadyForQuery(): void {
    this.#isReady.resolve();
  }
  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
}
