import { AppError } from '@daam/shared/errors/app-error';
import type { DesktopBackend } from '../backend.ts';
import type { BridgeEvent, Capabilities, Database, Params, Status } from '../schema.ts';

export interface MemoryBackendOptions {
  readonly databases: readonly Database[];
  readonly status: Status;
  /** The moment that new connections carry; ISO 8601. */
  readonly now: string;
  readonly user: string;
}

/** A backend without an engine: it keeps databases in memory and gives out ports that nothing listens on. Tests only. */
export class MemoryBackend implements DesktopBackend {
  readonly capabilities: Capabilities = {
    tunnel: true,
    localPort: true,
    queryEditor: false,
    tray: false,
    openInTool: false,
  };
  readonly #listeners = new Set<(event: BridgeEvent) => void>();
  readonly #options: MemoryBackendOptions;
  readonly #failures = new Map<string, AppError>();
  #databases: Database[];
  #status: Status;
  #nextPort = 54_310;

  constructor(options: MemoryBackendOptions) {
    this.#options = options;
    this.#databases = [...options.databases];
    this.#status = options.status;
  }

  async status(): Promise<Status> {
    this.#throwIfTold('status');
    return this.#status;
  }

  async listDatabases(): Promise<Database[]> {
    this.#throwIfTold('listDatabases');
    return this.#databases;
  }

  async connect(request: Params<'connect'>): Promise<Database> {
    this.#throwIfTold('connect');
    const found = this.#find(request.database);
    if (found.connection.kind === 'connected') return found;
    const port = request.port ?? found.port ?? this.#nextPort++;
    const local = { host: '127.0.0.1', port, user: this.#options.user, database: found.name };
    return this.#replace({
      ...found,
      port,
      connection: { kind: 'connected', local, path: 'loopback', since: this.#options.now },
    });
  }

  async disconnect(request: Params<'disconnect'>): Promise<Database> {
    this.#throwIfTold('disconnect');
    return this.#replace({ ...this.#find(request.database), connection: { kind: 'disconnected' } });
  }

  subscribe(listener: (event: BridgeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** How many screens listen now. */
  get subscribers(): number {
    return this.#listeners.size;
  }

  /** The next call of the method fails with this, once. */
  failNext(method: 'status' | 'listDatabases' | 'connect' | 'disconnect', error: AppError): void {
    this.#failures.set(method, error);
  }

  setStatus(status: Status): void {
    this.#status = status;
    this.#emit({ event: 'statusChanged', payload: { status } });
  }

  setDatabases(databases: readonly Database[]): void {
    this.#databases = [...databases];
    this.#emit({ event: 'databasesChanged', payload: { databases: this.#databases } });
  }

  #find(id: string): Database {
    const found = this.#databases.find((database) => database.id === id);
    if (found === undefined) throw new AppError('NOT_FOUND', { field: 'database' });
    return found;
  }

  #replace(changed: Database): Database {
    this.setDatabases(this.#databases.map((database) => (database.id === changed.id ? changed : database)));
    return changed;
  }

  #throwIfTold(method: string): void {
    const failure = this.#failures.get(method);
    this.#failures.delete(method);
    if (failure !== undefined) throw failure;
  }

  #emit(event: BridgeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
