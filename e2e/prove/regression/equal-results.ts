/**
 * Where nothing is masked, the agent must not be noticed: each SELECT of the corpus gives the same rows, or the same
 * error, through the agent and past it. A refusal by a rule of the gate is counted by rule.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Secret } from '@daam/shared/base/secret';
import { silentLogger } from '@daam/shared/base/logger';
import { loadParser } from '@daam/shared/sql/parser';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client, DatabaseError } from 'pg';
import type { ProveContext } from '../part.ts';
import { startProofControlPlane } from '../world/control-plane.ts';
import { loadTables, withClient, worldDatabase } from '../world/load.ts';
import { developerEmail } from '../world/policy.ts';
import { startProofAgent } from '../world/proof-agent.ts';
import type { RoundTrips } from './gate-round-trip.ts';

/** Which statements make tables, types and rows for the others; the rest of the scripts is not run. */
const makers = new Set([
  'CreateStmt',
  'IndexStmt',
  'ViewStmt',
  'CreateEnumStmt',
  'CompositeTypeStmt',
  'CreateRangeStmt',
  'CreateDomainStmt',
  'InsertStmt',
  'CreateSeqStmt',
  'CreateFunctionStmt',
  'CommentStmt',
]);

/** Differs by itself: who asks, when, from where, and what else the server does. */
const ofItsOwn =
  /current_user|session_user|current_role|\buser\b|pg_backend_pid|pg_stat|pg_locks|has_\w+_privilege|regrole|pg_has_role|inet_|application_name|search_path|current_schema|pg_settings|current_setting|version\(|now\(|_timestamp|random|uuid|pg_roles|pg_auth|pg_user|txid|xact|wal_|lsn|nextval|currval|lastval|setval|pg_sleep|backend_type|acl|xmin|xmax|cursors|prepared_statements|timeofday|today|current_(date|time)|localtime|pg_(temp|my_temp)|pg_ls_|pg_read|pg_notif|pg_sequence|lo_|advisory|_roles\b|information_schema\.(sequences|\w*(grants|privileges))/i;

const statementTimeoutMs = 3_000;
/** Its own check failed: nobody could explain that refusal. */
const unexplained = new Set(['rewrite-verification', 'undecided', 'internal']);

interface EqualResultsInput {
  readonly context: ProveContext;
  /** Scripts that bring tables of their own. */
  readonly scripts: readonly string[];
  /** Statements over the world's tables. */
  readonly generated: readonly string[];
}

/** Loads what the statements need, and compares. */
export async function equalResults({ context, scripts, generated }: EqualResultsInput): Promise<RoundTrips> {
  await using stack = new AsyncDisposableStack();
  const { major, seed, folder } = context;
  const server = stack.use(
    await startEmbeddedPostgres({ major, settings: { autovacuum: false, jit: false } }),
  );
  await server.createDatabase(worldDatabase);
  const superuserDsn = server.dsn(worldDatabase);
  const tags = await tagsOf(context, [...scripts, ...generated]);
  await loadTables(superuserDsn, { world: 'a', seed });
  await withClient(superuserDsn, async (client) => {
    await client.query(`SET statement_timeout = ${statementTimeoutMs}`);
    for (const sql of scripts) {
      if (!makers.has(tags.get(sql) ?? '') || /\btemp(orary)?\b/i.test(sql)) continue;
      await client.query(sql).catch(() => null);
    }
    await client.query(
      `CREATE ROLE plain LOGIN PASSWORD 'plain'; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, sales TO plain; GRANT USAGE ON SCHEMA sales TO plain; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO plain`,
    );
  });
  const controlPlane = stack.use(await startProofControlPlane(silentLogger));
  const agent = stack.use(
    await startProofAgent({
      controlPlane,
      name: `plain-${major}`,
      upstreamDsn: superuserDsn,
      folder,
      logger: silentLogger,
      policy: openPolicy(`plain-${major}`),
    }),
  );
  const direct = (): Client => clientOf(server.port, 'plain', new Secret('plain'));
  const through = (): Client => clientOf(agent.port, 'dev', null);
  const selects = [...scripts, ...generated].filter(
    (sql) => tags.get(sql) === 'SelectStmt' && !ofItsOwn.test(sql),
  );
  return await compare(context, selects, { direct: new Lasting(direct), through: new Lasting(through) });
}

function openPolicy(database: string): Record<string, unknown> {
  const operations = ['select', 'insert', 'update', 'delete'];
  const grants = ['public.*', 'sales.*'].map((table) => ({ table, operations }));
  return { database, policies: [{ name: 'open', grants, assign: { users: [developerEmail], groups: [] } }] };
}

/** The tag of each text that holds one statement; a SELECT that makes something or locks has none. */
async function tagsOf({ major }: ProveContext, statements: readonly string[]): Promise<Map<string, string>> {
  const parser = await loadParser(major);
  const tags = new Map<string, string>();
  for (const sql of statements) {
    const outcome = parser.parse(sql);
    const [first, ...more] = outcome.kind === 'parsed' ? outcome.statements : [];
    if (first === undefined || more.length > 0) continue;
    const { tag, body } = first.node;
    const isQuery =
      tag === 'SelectStmt' && body['intoClause'] === undefined && body['lockingClause'] === undefined;
    if (tag !== 'SelectStmt' || isQuery) tags.set(sql, tag);
  }
  return tags;
}

function clientOf(port: number, user: string, password: Secret | null): Client {
  return new Client({
    host: '127.0.0.1',
    port,
    user,
    database: worldDatabase,
    ...(password === null ? {} : { password: password.reveal() }),
    statement_timeout: statementTimeoutMs,
    types: { getTypeParser: () => (value: string) => value },
  });
}

/** How long a server may take to come back after a statement brought it down. */
const recoveryMs = 60_000;

/** A connection that is opened again when it was lost. */
class Lasting {
  readonly #make: () => Client;
  #client: Client | null = null;

  constructor(make: () => Client) {
    this.#make = make;
  }

  async answer(sql: string): Promise<string> {
    // Functions write, too: rolled back, so that both ways find the same.
    await this.#answerOf('BEGIN');
    const answer = await this.#answerOf(sql);
    await this.#answerOf('ROLLBACK');
    return answer;
  }

  async #answerOf(sql: string): Promise<string> {
    const client = this.#client ?? (await this.#open());
    try {
      const { rows, fields } = await client.query({ text: sql, rowMode: 'array' });
      return JSON.stringify([fields.map(({ name, dataTypeID }) => [name, dataTypeID]), rows]);
    } catch (thrown) {
      if (thrown instanceof DatabaseError && thrown.severity === 'ERROR')
        return `${thrown.code} ${thrown.routine?.startsWith('daam:') === true ? thrown.routine : thrown.message}`;
      this.#client = null;
      await client.end().catch(() => null);
      return `lost: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    }
  }

  async close(): Promise<void> {
    await this.#client?.end().catch(() => null);
  }

  async #open(): Promise<Client> {
    const end = Date.now() + recoveryMs;
    for (;;) {
      const client = this.#make();
      client.on('error', () => {});
      try {
        await client.connect();
        this.#client = client;
        return client;
      } catch (thrown) {
        if (Date.now() > end) throw thrown;
        await delay(500);
      }
    }
  }
}

interface Ways {
  readonly direct: Lasting;
  readonly through: Lasting;
}

async function compare(
  { log }: ProveContext,
  selects: readonly string[],
  { direct, through }: Ways,
): Promise<RoundTrips> {
  const refusals = new Map<string, string[]>();
  const findings: RoundTrips['findings'][number][] = [];
  let equal = 0;
  let unstable = 0;
  const name = 'equal results, unmasked';
  for (const sql of selects) {
    const [ours, theirs] = [await through.answer(sql), await direct.answer(sql)];
    const rule = /^\w{5} daam:([a-z0-9-]+)$/.exec(ours)?.[1];
    if (ours === theirs) equal += 1;
    else if (rule !== undefined && !unexplained.has(rule))
      refusals.set(rule, [...(refusals.get(rule) ?? []), sql]);
    else if (isAsDenied(ours, theirs)) equal += 1;
    // A statement that takes as long as it may ends on one side or the other.
    else if ([ours, theirs].some((answer) => /^57014|^lost/.test(answer))) unstable += 1;
    else if ((await direct.answer(sql)) !== theirs) unstable += 1;
    else
      findings.push({
        kind: 'refusal',
        name,
        what: sql,
        seen: `${ours.slice(0, 300)} ≠ ${theirs.slice(0, 300)}`,
      });
  }
  await Promise.all([direct.close(), through.close()]);
  for (const [rule, statements] of refusals)
    log(
      `refused by ${rule}: ${statements.length}, as ${(statements[0] ?? '').replaceAll(/\s+/g, ' ').slice(0, 160)}`,
    );
  const refused = [...refusals].map(([rule, { length }]) => `${length} ${rule}`).join(', ');
  const note = `${equal} equal, ${unstable} not repeatable; refused: ${refused === '' ? 'none' : refused}`;
  return { counts: [{ name, cases: selects.length, failed: findings.length, note }], findings };
}

/** Both say that it is not there, in words of their own. */
function isAsDenied(ours: string, theirs: string): boolean {
  const codes = [ours, theirs].map((answer) => /^(\w{5}) /.exec(answer)?.[1]);
  return codes[0] !== undefined && codes[0] === codes[1];
}
