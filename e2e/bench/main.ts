/**
 * `npm run bench`: the same work on four ways to the same server: direct, through pgbouncer, through DAAM without and
 * with masks (the developer's local port: engine, agent, policy and audit all on). The ways take turns, so that what
 * else the machine does falls on all of them. Prints a Markdown table of medians and ratios, and the aims.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { Secret } from '@daam/shared/base/secret';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { loadSampleShop } from '../dev-env/load-sample-shop.ts';
import { terminalLogger } from '../dev-env/log.ts';
import { startSystem } from '../dev-env/system.ts';
import { findTool } from '../specs/tools.ts';
import { measureAnalysis } from './analysis.ts';
import { gateText, measureGate } from './gate-alone.ts';
import { measureConnect, measureStream, measureTransactions, modes, type Target } from './measure.ts';
import { startPgbouncer } from './pgbouncer.ts';
import { aimsText, asJson, markdownTable, type Measurement } from './statistics.ts';
import { benchControlPlane } from './control-plane/bench-control-plane.ts';
import { benchTunnel } from './tunnel/bench-tunnel.ts';
import { loadBenchTables, maskedUser, plainUser, writeBenchPolicy } from './tables.ts';

const usage = `Usage: npm run bench -- [--seconds N] [--rounds N] [--quick] [--only analysis|tunnel|control-plane] [--json] [--port-base N]

  --seconds N    length of each pgbench run (default 5)
  --rounds N     how often everything is done (default 3)
  --quick        one round of one second: to see that it works, not how fast it is
  --only analysis   what analysing statements costs, and nothing else
  --only tunnel     the tunnel beside loopback, ssh -L and wireproxy, and nothing else
  --only control-plane   a million audit records into two replicas, one killed, then queries (also as the word alone)
  --json         one JSON object of medians instead of the table
`;

interface BenchOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly portBase: number;
  readonly json: boolean;
  readonly onlyAnalysis: boolean;
  readonly onlyTunnel: boolean;
  readonly onlyControlPlane: boolean;
  readonly quick: boolean;
}

function readOptions(): BenchOptions {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      'port-base': { type: 'string', default: '7600' },
    },
  });
  const seconds = Number(values.seconds ?? (values.quick ? 1 : 5));
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const portBase = Number(values['port-base']);
  if (![seconds, rounds, portBase].every((value) => Number.isInteger(value) && value > 0))
    throw new Error(usage);
  const [only = values.only, ...more] = positionals;
  if (more.length > 0 || ![undefined, 'analysis', 'tunnel', 'control-plane'].includes(only))
    throw new Error(usage);
  const { json, quick } = values;
  return {
    seconds,
    rounds,
    portBase,
    json,
    quick,
    onlyAnalysis: only === 'analysis',
    onlyTunnel: only === 'tunnel',
    onlyControlPlane: only === 'control-plane',
  };
}

const log = (text: string): void => void process.stderr.write(`${text}\n`);

async function bench(options: BenchOptions): Promise<void> {
  if (findTool('pgbench', 'the benchmark') === null || findTool('psql', 'the benchmark') === null) return;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'daam-bench-state-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const server = stack.use(
    await startEmbeddedPostgres({ settings: { max_connections: 300, shared_buffers: '256MB' } }),
  );
  const shop = await loadSampleShop(server, new Secret('bench'));
  log('loading the tables of the benchmark');
  await loadBenchTables(shop.superuserDsn);
  const targets = await startTargets(stack, { folder, shop, options });

  const measurements: Measurement[] = [];
  const gate = await measureGate(options.seconds * 100);
  for (let round = 0; round < options.rounds; round += 1) {
    log(`round ${round + 1} of ${options.rounds}`);
    measurements.push(...(await measureRound(targets, options, round)));
  }
  const names = targets.map(({ name }) => name);
  const text = options.json
    ? JSON.stringify({ ...asJson(measurements, names), gate: Object.fromEntries(gate) })
    : `${markdownTable(measurements, names)}\n\n${aimsText(measurements)}\n\n${gateText(gate)}`;
  process.stdout.write(`${text}\n`);
}

interface StartTargets {
  readonly folder: string;
  readonly shop: { readonly superuserDsn: string; readonly agentDsn: Secret };
  readonly options: BenchOptions;
}

async function startTargets(
  stack: AsyncDisposableStack,
  { folder, shop, options }: StartTargets,
): Promise<Target[]> {
  const policyFile = join(folder, 'policy.json');
  const peers = { [plainUser]: options.portBase + 61, [maskedUser]: options.portBase + 62 };
  await writeBenchPolicy(policyFile);
  const system = stack.use(
    await startSystem(
      {
        json: true,
        upstreamDsn: shop.agentDsn,
        major: 18,
        policyFile,
        stateDir: join(folder, 'state'),
        fresh: false,
        portBase: options.portBase,
        path: 'auto',
        transport: 'loopback',
        ui: false,
        agentMain: { main: 'e2e/bench/agent-main.ts', env: { BENCH_PEERS: JSON.stringify(peers) } },
      },
      terminalLogger((line) => process.stderr.write(line)),
    ),
  );
  const local = (email: string): string => system.ready.users[email]?.local.dsn ?? '';
  const targets: Target[] = [
    { name: 'direct', dsn: shop.superuserDsn },
    { name: 'agent', dsn: await atAgent(local(plainUser), peers[plainUser]) },
    { name: 'agent + masks', dsn: await atAgent(local(maskedUser), peers[maskedUser]) },
    { name: 'port + agent', dsn: local(plainUser) },
    { name: 'port + agent + masks', dsn: local(maskedUser) },
  ];
  const program = findTool('pgbouncer', 'the comparison with pgbouncer');
  if (program === null) return targets;
  const port = options.portBase + 60;
  const pooler = stack.use(await startPgbouncer({ program, upstreamDsn: shop.superuserDsn, port }));
  return targets.toSpliced(1, 0, { name: 'pgbouncer', dsn: pooler.dsn });
}

/** The same person at the agent itself; it knows them once they came through their local port. */
async function atAgent(localDsn: string, port: number | undefined): Promise<string> {
  const client = new Client({ connectionString: localDsn });
  await client.connect();
  await client.end();
  const url = new URL(localDsn);
  url.port = String(port);
  return url.href;
}

/** Everything once; the targets take turns in who is first. */
async function measureRound(
  targets: readonly Target[],
  options: BenchOptions,
  round: number,
): Promise<Measurement[]> {
  const found: Measurement[] = [];
  const shift = round % targets.length;
  const inTurn = [...targets.slice(shift), ...targets.slice(0, shift)];
  if (!options.onlyAnalysis) found.push(...(await measureTraffic(inTurn, options)));
  for (const target of inTurn) {
    for (const [scenario, value] of await measureAnalysis(target, options.seconds * 100))
      found.push({ scenario, unit: 'ms', target: target.name, value });
  }
  return found;
}

/** Statements, rows and connections. */
async function measureTraffic(inTurn: readonly Target[], options: BenchOptions): Promise<Measurement[]> {
  const found: Measurement[] = [];
  for (const clients of [1, 16]) {
    for (const mode of modes) {
      for (const target of inTurn) {
        const scenario = `pgbench -S, ${mode}, ${clients} client${clients === 1 ? '' : 's'}`;
        const { tps, p50 } = await measureTransactions(target, { mode, clients, seconds: options.seconds });
        found.push({ scenario, unit: 'tps', target: target.name, value: tps });
        if (clients === 1)
          found.push({ scenario: `p50, ${mode}, 1 client`, unit: 'ms', target: target.name, value: p50 });
      }
    }
  }
  for (const target of inTurn) {
    const value = await measureStream(target);
    found.push({ scenario: '100,000 rows', unit: 'ms', target: target.name, value });
  }
  for (const target of inTurn) {
    const value = await measureConnect(target, 20);
    found.push({ scenario: 'connect and first answer', unit: 'ms', target: target.name, value });
  }
  return found;
}

const options = readOptions();
if (options.onlyControlPlane) process.stdout.write(`${await benchControlPlane({ ...options, log })}\n`);
else await (options.onlyTunnel ? benchTunnel(options) : bench(options));
process.exit();
