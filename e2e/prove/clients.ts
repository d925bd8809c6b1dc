/**
 * Clients: recorded traffic of each is replayed against the agent, and those that can be installed here run for real,
 * in the base tier as in any other. Every refusal is explained in fixtures/expected-refusals.ts, or it is a finding.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReadyClient, toolClients } from '../clients/tool-clients.ts';
import { plainRole, plainRoleSetup, replay } from '../fixtures/replay.ts';
import { readFixtures } from '../fixtures/statement.ts';
import { dumpAndRestore } from './dump.ts';
import { type GuardedShop, startGuardedShop } from './guarded/guarded-shop.ts';
import type { ClassCount, Finding, Part, PartResult, ProveContext } from './part.ts';

/** A quick run replays every so many statements. */
const quickStep = 7;

export const clientsPart: Part = {
  name: 'clients',
  about: 'start-up and introspection traffic of psql, drivers, ORMs and grids: recorded, and as real clients',
  runs: 'major',
  run: async (context) => {
    await using shop = await startGuardedShop({
      major: context.major,
      folder: context.folder,
      setup: plainRoleSetup,
    });
    const recorded = await replayAll(shop, context);
    const real = context.isQuick ? none : await runAll(shop, context);
    return {
      counts: [...recorded.counts, ...real.counts],
      findings: [...recorded.findings, ...real.findings],
    };
  },
};

const none: PartResult = { counts: [], findings: [] };

/** The shop as the plain role sees it, past the agent. */
export function plainDsn(shop: GuardedShop): string {
  return `postgres://${plainRole}:plain@127.0.0.1:${shop.server.port}/shop`;
}

async function replayAll(shop: GuardedShop, { major, isQuick, log }: ProveContext): Promise<PartResult> {
  const counts: ClassCount[] = [];
  const findings: Finding[] = [];
  for (const fixture of readFixtures()) {
    const statements = isQuick
      ? fixture.statements.filter((_, at) => at % quickStep === 0)
      : fixture.statements;
    const result = await replay({ ...fixture, statements }, major, {
      agentDsn: shop.dsn,
      plainDsn: plainDsn(shop),
    });
    if (result.statements === 0) continue;
    counts.push({
      name: `recorded ${result.client}`,
      cases: result.statements,
      failed: result.findings.length,
      ...(result.explained > 0 ? { note: `${result.explained} refused, explained` } : {}),
    });
    findings.push(...result.findings);
  }
  log(`${counts.reduce((sum, { cases }) => sum + cases, 0)} recorded statements`);
  return { counts, findings };
}

async function runAll(shop: GuardedShop, context: ProveContext): Promise<PartResult> {
  const counts: ClassCount[] = [];
  const findings: Finding[] = [];
  for (const { name, prepare } of toolClients) {
    const client = await prepare();
    if (typeof client === 'string') {
      context.log(`${name}: skipped, ${client}`);
      continue;
    }
    const finding = await runReal({ name, client, shop, folder: join(context.folder, name) });
    counts.push({ name: `real ${name}`, cases: 1, failed: finding === null ? 0 : 1 });
    if (finding !== null) findings.push(finding);
  }
  const dump = await dumpAndRestore(shop, context.major, context.folder);
  if ('skipped' in dump) context.log(`pg_dump and restore: skipped, ${dump.skipped}`);
  else {
    counts.push({ name: 'pg_dump and restore', cases: 1, failed: dump.wrong === null ? 0 : 1 });
    if (dump.wrong !== null)
      findings.push({ kind: 'refusal', name: 'pg_dump and restore', what: 'customers', seen: dump.wrong });
  }
  return { counts, findings };
}

/** A client may fail where it fails without the agent too: an old psql on a new server, say. */
async function runReal(options: {
  readonly name: string;
  readonly client: ReadyClient;
  readonly shop: GuardedShop;
  readonly folder: string;
}): Promise<Finding | null> {
  const { name, client, shop, folder } = options;
  await mkdir(folder, { recursive: true });
  const common = { PGHOST: '127.0.0.1', PGDATABASE: 'shop', PGSSLMODE: 'disable' };
  const plain = { ...common, PGPORT: String(shop.server.port), PGUSER: plainRole, PGPASSWORD: 'plain' };
  const wanted = await client.run(plain, join(folder, 'plain'));
  const got = await client.run(
    { ...common, PGPORT: String(shop.port), PGUSER: 'dev' },
    join(folder, 'agent'),
  );
  const wantedErrors = errorLines(wanted.stderr);
  const errors = errorLines(got.stderr).filter((line) => !wantedErrors.includes(line));
  if (got.code === wanted.code && errors.length === 0) return null;
  const seen = errors.length > 0 ? errors.join(' | ') : got.stderr.trim().slice(-600);
  return {
    kind: 'refusal',
    name,
    what: `the whole run: exit ${got.code}, without the agent ${wanted.code}`,
    seen,
  };
}

function errorLines(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .filter((line) => /(ERROR|FATAL|DETAIL|error):/.test(line))
    .map((line) => line.slice(0, 300));
}
