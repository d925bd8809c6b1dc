/**
 * `npm run bench -- --only control-plane`: a million statements from several agents into two replicas over one PostgreSQL
 * (durable: fsync and synchronous commit on), one of which is killed in the middle. Counts that none is lost and none
 * stored twice, verifies the whole export with the public key alone, and times what people ask.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ApiClient, createClient } from '@daam/shared/api/client';
import { ExportVerifier } from '@daam/shared/audit/verify-export';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { type Delivered, runLoadAgent } from './load-agent.ts';
import { askEverything, timesText } from './questions.ts';
import { Replica } from './replica.ts';

export interface ControlPlaneBenchOptions {
  readonly quick: boolean;
  readonly portBase: number;
  /** Progress, for people. */
  readonly log: (text: string) => void;
}

const agents = 4;

/** Runs all of it and answers the report as Markdown; rejects when a record is lost or there twice. */
export async function benchControlPlane(options: ControlPlaneBenchOptions): Promise<string> {
  const { quick, portBase, log } = options;
  const statements = quick ? 20_000 : 1_000_000;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'daam-bench-control-plane-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const postgres = stack.use(await startEmbeddedPostgres({ settings: durable }));
  const dsn = await postgres.createDatabase('store');
  const first = stack.use(await Replica.start({ name: 'first', folder, dsn, port: portBase + 81 }));
  const second = stack.use(await Replica.start({ name: 'second', folder, dsn, port: portBase + 82 }));
  const token = await bootstrap(first.configFile);
  const admin = clientOf(second.url, token);

  log(`recording ${statements.toLocaleString('en')} statements`);
  const loaded = await load({
    admin,
    urls: [first.url, second.url],
    statements,
    log,
    kill: () => first.kill(),
  });
  log('counting');
  const counted = await count(dsn, loaded.delivered);
  log('exporting and verifying');
  const verified = await exportAndVerify(admin);
  await settle(dsn);
  log('asking');
  const timed = await askEverything(admin, quick ? 10 : 40);
  return [loadText(loaded), ...counted, verified, '', timesText(timed)].join('\n');
}

const durable = {
  fsync: true,
  synchronous_commit: true,
  full_page_writes: true,
  shared_buffers: '512MB',
  max_wal_size: '4GB',
};

async function bootstrap(configFile: string): Promise<string> {
  const main = join(import.meta.dirname, '..', '..', '..', 'control-plane', 'main.ts');
  const args = [
    main,
    'bootstrap',
    '--config',
    configFile,
    '--org',
    'Bench',
    '--admin-email',
    'admin@bench.example',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return (JSON.parse(stdout) as { adminToken: string }).adminToken;
}

function clientOf(baseUrl: string, token: string | null): ApiClient {
  return createClient({ baseUrl, fetch, token: () => token, timeoutMs: 120_000 });
}

interface Loaded {
  readonly delivered: readonly Delivered[];
  readonly seconds: number;
  readonly records: number;
}

interface Load {
  readonly admin: ApiClient;
  readonly urls: readonly [string, string];
  readonly statements: number;
  readonly log: (text: string) => void;
  /** Kills one replica; called once, when two fifths are in. */
  readonly kill: () => Promise<void>;
}

async function load({ admin, urls, statements, log, kill }: Load): Promise<Loaded> {
  let acknowledged = 0;
  const killed: Promise<void>[] = [];
  const onAcknowledged = (records: number): void => {
    const before = acknowledged;
    acknowledged += records;
    if (Math.floor(before / 100_000) !== Math.floor(acknowledged / 100_000))
      log(`${acknowledged} records are in`);
    if (killed.length > 0 || acknowledged < statements * 0.4) return;
    log('killing one replica');
    killed.push(kill());
  };
  const members = await Promise.all(
    Array.from({ length: agents }, async (_, index) => {
      const name = `database-${index}`;
      const { agentToken } = await admin.createDatabase({ body: { name, databaseName: name } });
      const body = { token: agentToken, version: '1' };
      return await clientOf(urls[1], null).registerAgent({ body });
    }),
  );
  const started = performance.now();
  const delivered = await Promise.all(
    members.map(async ({ agentId: agent, credential }, seed) =>
      runLoadAgent({ agent, credential, urls, statements: statements / agents, seed }, onAcknowledged),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(killed);
  return { delivered, seconds, records: acknowledged };
}

function loadText({ delivered, seconds, records }: Loaded): string {
  const rate = records / seconds;
  const repeated = delivered.reduce((sum, one) => sum + one.repeated, 0);
  return [
    `${records} records of ${agents} agents in ${seconds.toFixed(1)} s, two replicas, one killed on the way (${repeated} batches sent again)`,
    '',
    `- ingest, at least 5,000 records a second: ${rate.toFixed(0)} ${rate >= 5_000 ? '(met)' : '(NOT met)'}`,
  ].join('\n');
}

/** Everything that was acknowledged is there, once. */
async function count(dsn: string, delivered: readonly Delivered[]): Promise<string[]> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    for (const { agent, records, head } of delivered) {
      const { rows } = await client.query<{ all: string; distinct: string; last: string }>(
        `select count(*) as all, count(distinct seq) as distinct, max(seq) as last from (
           select seq from audit_statements where agent_id = $1 union all
           select seq from audit_completions where agent_id = $1) r`,
        [agent],
      );
      const kept = await client.query<{ audit_hash: string }>('select audit_hash from agents where id = $1', [
        agent,
      ]);
      const [row] = rows;
      const numbers = [row?.all, row?.distinct, row?.last].map(Number);
      if (numbers.some((number) => number !== records) || kept.rows[0]?.audit_hash !== head)
        throw new Error(
          `agent ${agent}: ${records} records were delivered, and ${numbers.join(', ')} are there`,
        );
    }
  } finally {
    await client.end();
  }
  return ['- lost: 0, stored twice: 0'];
}

async function exportAndVerify(admin: ApiClient): Promise<string> {
  const { orgKeys } = await admin.getOrganization();
  const verifier = new ExportVerifier({ trusted: orgKeys.map(({ kid }) => kid) });
  const started = performance.now();
  let rest = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of (await admin.exportAudit()) as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    const text = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, start)) {
      verifier.push(text.subarray(start, end));
      start = end + 1;
    }
    rest = Buffer.from(text.subarray(start));
  }
  const verdict = verifier.finish();
  const seconds = (performance.now() - started) / 1000;
  if (verdict.kind !== 'ok') throw new Error(`the export does not verify: ${JSON.stringify(verdict.fault)}`);
  const { lines } = verdict.summary;
  return `- export and its verification: ${lines} lines, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s (${(lines / seconds).toFixed(0)} lines a second)`;
}

/** What autovacuum does in its own time. */
async function settle(dsn: string): Promise<void> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  for (const table of ['audit_statements', 'audit_completions', 'audit_connections', 'audit_activity'])
    await client.query(`vacuum analyze ${table}`);
  await client.end();
}
