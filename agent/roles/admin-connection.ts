import type { Logger } from '@daam/shared/base/logger';
import { isSupportedMajor, type PostgresMajor } from '@daam/shared/domain/postgres-version';
import { AppError } from '@daam/shared/errors/app-error';
import { Client, type ClientConfig } from 'pg';

/** What one statement of a text gave. */
export interface AdminResult {
  readonly rows: readonly Record<string, unknown>[];
}

/** Who the agent is on the server, read once for each connection. */
export interface AdminIdentity {
  readonly role: string;
  readonly isSuperuser: boolean;
  readonly major: PostgresMajor;
  readonly database: string;
  /** PUBLIC may connect to the database; else the group roles are given CONNECT. */
  readonly publicMayConnect: boolean;
  /** The server's clock minus this machine's, in milliseconds. */
  readonly clockOffsetMs: number;
}

/** A text to run; built when its turn comes, because it may hold the time. */
export type AdminText = string | ((identity: AdminIdentity) => string);

interface Job {
  readonly text: AdminText;
  readonly resolve: (results: readonly AdminResult[]) => void;
  readonly reject: (reason: unknown) => void;
}

const maxQueued = 10_000;
const statementTimeoutMs = 20_000;
const attempts = 4;
/** Deadlock, serialization failure, and the server's "tuple concurrently updated". */
const retriedStates: ReadonlySet<string> = new Set(['40P01', '40001', 'XX000']);

/**
 * The agent's own connection to the database. One text at a time, urgent ones first; each text is one simple query
 * and so one transaction. The search path is empty, so that nothing a person has planted is ever resolved. A lost
 * connection is made again by the next text; a text must therefore bear being run twice.
 */
export class AdminConnection implements AsyncDisposable {
  readonly #config: ClientConfig;
  readonly #logger: Logger;
  readonly #urgent: Job[] = [];
  readonly #ordinary: Job[] = [];
  #client: Client | null = null;
  #identity: AdminIdentity | null = null;
  #isRunning = false;
  #isDisposed = false;

  constructor({ config, logger }: { readonly config: ClientConfig; readonly logger: Logger }) {
    this.#config = config;
    this.#logger = logger;
  }

  /** Who the agent is; connects if it must. */
  async identity(): Promise<AdminIdentity> {
    await this.run('SELECT 1');
    if (this.#identity === null) throw new AppError('UPSTREAM_UNAVAILABLE');
    return this.#identity;
  }

  /** Runs a text in its turn. Throws the server's error as it is, UPSTREAM_UNAVAILABLE when there is no server. */
  run(text: AdminText): Promise<readonly AdminResult[]> {
    return this.#enqueue(this.#ordinary, text);
  }

  /** Runs a text before the ordinary ones: an open session waits for it. */
  runUrgently(text: AdminText): Promise<readonly AdminResult[]> {
    return this.#enqueue(this.#urgent, text);
  }

  /** Ends the connection; texts that wait are refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    for (const job of [...this.#urgent.splice(0), ...this.#ordinary.splice(0)]) {
      job.reject(new AppError('DRAINING'));
    }
    await this.#drop();
  }

  #enqueue(queue: Job[], text: AdminText): Promise<readonly AdminResult[]> {
    if (this.#isDisposed) return Promise.reject(new AppError('DRAINING'));
    if (queue.length >= maxQueued) return Promise.reject(new AppError('TOO_MANY_SESSIONS'));
    return new Promise((resolve, reject) => {
      queue.push({ text, resolve, reject });
      if (!this.#isRunning) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isRunning = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      await this.#attempt(job.text).then(job.resolve, job.reject);
    }
    this.#isRunning = false;
  }

  #next(): Job | undefined {
    return this.#urgent.shift() ?? this.#ordinary.shift();
  }

  async #attempt(text: AdminText): Promise<readonly AdminResult[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { client, identity } = await this.#connected();
        const sql = typeof text === 'string' ? text : text(identity);
        const answer: unknown = await client.query(sql);
        return (Array.isArray(answer) ? answer : [answer]) as readonly AdminResult[];
      } catch (thrown) {
        const state = sqlState(thrown);
        if (state === null || state.startsWith('57P')) await this.#drop();
        else await this.#client?.query('ROLLBACK').catch(() => undefined);
        const mayRetry = state === null || state.startsWith('57P') || retriedStates.has(state);
        if (!mayRetry || attempt >= attempts || this.#isDisposed)
          throw state === null ? unavailable(thrown) : thrown;
      }
    }
  }

  async #connected(): Promise<{ client: Client; identity: AdminIdentity }> {
    if (this.#client !== null && this.#identity !== null)
      return { client: this.#client, identity: this.#identity };
    const client = new Client({
      ...this.#config,
      application_name: 'daam-agent',
      connectionTimeoutMillis: 10_000,
      query_timeout: statementTimeoutMs + 5_000,
      keepAlive: true,
    });
    client.on('error', () => this.#forget(client));
    client.on('end', () => this.#forget(client));
    client.on('notice', (notice) => this.#noticed(notice.code));
    try {
      await client.connect();
      this.#identity = await readIdentity(client);
      this.#client = client;
      return { client, identity: this.#identity };
    } catch (thrown) {
      client.end().catch(() => undefined);
      throw refusedConnection(thrown);
    }
  }

  #forget(client: Client): void {
    if (this.#client === client) this.#client = null;
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  #noticed(code: string | undefined): void {
    if (code === '01007') {
      this.#logger.warn(
        { sqlstate: code },
        'a grant had no effect: the agent lacks the grant option on a policy table',
      );
    }
  }
}

/** The SQLSTATE of a server's error; null for anything else, such as a lost connection. */
export function sqlState(thrown: unknown): string | null {
  if (thrown instanceof AppError || !(thrown instanceof Error)) return null;
  const { code, severity } = thrown as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** A server's refusal at sign-in, as what it means to the agent's operator. */
function refusedConnection(thrown: unknown): unknown {
  const state = sqlState(thrown);
  if (state === null) return thrown;
  return new AppError(state.startsWith('28') ? 'UPSTREAM_AUTH_FAILED' : 'UPSTREAM_UNAVAILABLE', {
    detail: `the server answered ${state}`,
    cause: thrown,
  });
}

function unavailable(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('UPSTREAM_UNAVAILABLE', {
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    cause: thrown,
  });
}

const identityQuery = `
SELECT r.rolname AS role, r.rolsuper AS super, r.rolcreaterole AS createrole,
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version,
  pg_catalog.current_database()::pg_catalog.text AS database,
  pg_catalog.has_database_privilege('public', pg_catalog.current_database(), 'CONNECT') AS public_connect,
  (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000)::pg_catalog.float8 AS now_ms
FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) current_user`;

async function readIdentity(client: Client): Promise<AdminIdentity> {
  await client.query(
    `SELECT pg_catalog.set_config('search_path', '', false), pg_catalog.set_config('statement_timeout', '${statementTimeoutMs}', false),
     pg_catalog.set_config('standard_conforming_strings', 'on', false), pg_catalog.set_config('client_min_messages', 'warning', false)`,
  );
  const { rows } = await client.query<{
    role: string;
    super: boolean;
    createrole: boolean;
    version: number;
    database: string;
    public_connect: boolean;
    now_ms: number;
  }>(identityQuery);
  const row = rows[0];
  const major = Math.floor((row?.version ?? 0) / 10_000);
  if (row === undefined || !isSupportedMajor(major)) {
    throw new AppError('UNSUPPORTED', { message: `PostgreSQL ${major} is not supported; 13 to 18 are.` });
  }
  if (!row.super && !row.createrole) {
    throw new AppError('UPSTREAM_AUTH_FAILED', {
      message: 'The agent may not create roles on the database.',
      hint: `Run: ALTER ROLE "${row.role}" CREATEROLE`,
    });
  }
  return {
    role: row.role,
    isSuperuser: row.super,
    major,
    database: row.database,
    publicMayConnect: row.public_connect,
    clockOffsetMs: row.now_ms - Date.now(),
  };
}
