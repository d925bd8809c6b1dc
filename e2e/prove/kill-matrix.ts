/**
 * kill -9 of the agent at each step of a session, then a new start: no role that was left behind can sign in, and soon
 * there is none. The moments are chosen on the wire between agent and server (guarded/upstream-watch.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Secret } from '@daam/shared/base/secret';
import { Client } from 'pg';
import { writeAgentFiles } from './guarded/agent-files.ts';
import { rowsOf, samplePolicy, startShopServer, untilServing } from './guarded/guarded-shop.ts';
import { type Moment, startUpstreamWatch, type UpstreamWatch } from './guarded/upstream-watch.ts';
import type { Finding, Part } from './part.ts';

const name = 'B11 kill -9 at each step';
const goneWithinMs = 60_000;

const at = (
  step: string,
  connection: Moment['connection'],
  message: Moment['message'],
  whens: readonly Moment['when'][] = ['unsent', 'sent', 'answered'],
): readonly Moment[] => whens.map((when) => ({ name: `${step}, ${when}`, connection, message, when }));

/** In the order of a session's life. */
const moments: readonly Moment[] = [
  ...at('group role made', 'admin', /CREATE ROLE "daam_p_/),
  ...at('session role made', 'admin', /^CREATE ROLE "daam_s_/),
  ...at('connect', 'session', 'startup'),
  ...at('NOLOGIN', 'admin', /NOLOGIN CONNECTION LIMIT 0/),
  ...at('statement in base', 'session', /in base/, ['sent', 'answered']),
  ...at('elevation', 'admin', /^GRANT "daam_x_/),
  ...at('barrier', 'session', /^DISCARD PLANS/, ['unsent', 'sent']),
  ...at('statement while elevated', 'session', /while elevated/, ['sent', 'answered']),
  ...at('end of elevation', 'admin', /^REVOKE "daam_x_/),
  ...at('long statement', 'session', /pg_sleep/, ['sent']),
  ...at('backend ended', 'admin', /pg_terminate_backend/),
  ...at('role dropped', 'admin', /^DROP OWNED BY "daam_s_/),
];

export const killMatrix: Part = {
  name: 'kill-matrix',
  about: 'kill -9 of the agent at each step of a session: no orphan role can sign in, and soon none is left',
  runs: 'major',
  run: async (context) => {
    const { server, superuserDsn, agentDsn } = await startShopServer({ major: context.major });
    await using _server = server;
    await using watch = await startUpstreamWatch({ port: server.port });
    const configPath = await writeAgentFiles({
      folder: join(context.folder, 'agent'),
      policy: await samplePolicy(),
      upstreamDsn: new Secret(agentDsn.reveal().replace(`:${server.port}/`, `:${watch.port}/`)),
    });
    const chosen = context.isQuick ? moments.filter((_, index) => index % 6 === 4) : moments;
    const findings: Finding[] = [];
    for (const moment of chosen) {
      const startedAt = performance.now();
      const seen = await killAt(moment, { watch, configPath, superuserDsn, agentDsn: agentDsn.reveal() });
      context.log(`${moment.name}: ${seen ?? 'clean'}, ${Math.round(performance.now() - startedAt)} ms`);
      if (seen !== null) findings.push({ kind: 'orphan', name, what: moment.name, seen });
    }
    return { counts: [{ name, cases: chosen.length, failed: findings.length }], findings };
  },
};

interface Stage {
  readonly watch: UpstreamWatch;
  readonly configPath: string;
  readonly superuserDsn: string;
  /** Who granted can take back. */
  readonly agentDsn: string;
}

async function killAt(moment: Moment, stage: Stage): Promise<string | null> {
  // Group roles are made by the first session after they were collected.
  await dropGroups(stage.agentDsn);
  const first = await startAgent(stage.configPath);
  let wasStruck = false;
  try {
    stage.watch.arm(moment, () => {
      wasStruck = true;
      first.child.kill('SIGKILL');
    });
    await liveThrough(first.port, () => wasStruck);
  } finally {
    if (!wasStruck) first.child.kill('SIGKILL');
    await first.ended;
  }
  if (!wasStruck) return 'that moment never came';
  const left = await rolesLeft(stage.superuserDsn);
  await using second = await startAgent(stage.configPath);
  await untilServing(`postgres://dev@127.0.0.1:${second.port}/shop`);
  const orphans = (await rolesLeft(stage.superuserDsn)).filter((role) =>
    left.some((old) => old.name === role.name),
  );
  const signIn = orphans.filter((role) => role.maySignIn);
  if (signIn.length > 0) return `${signIn.length} orphan can still sign in after the new start`;
  const deadline = Date.now() + goneWithinMs;
  for (;;) {
    const remaining = await rolesLeft(stage.superuserDsn);
    if (remaining.length === 0) return null;
    if (Date.now() > deadline) return `still there: ${remaining.map((role) => role.name).join(', ')}`;
    await delay(100);
  }
}

/** A session from its first byte to its last; each thing may fail, since the agent dies under it. */
async function liveThrough(port: number, isOver: () => boolean): Promise<void> {
  const client = await connected(`postgres://dev@127.0.0.1:${port}/shop`, isOver);
  const texts = [
    'SELECT 1 /* in base */',
    'SELECT email FROM customers WHERE id = 1 /* while elevated */',
    'DO $$ BEGIN END $$',
    'SELECT pg_sleep(1.5)',
  ];
  try {
    for (const text of texts) if (!isOver()) await client?.query(text);
    await client?.end();
  } catch {
    client?.end().catch(() => {});
  }
  // The end of a session takes a moment.
  for (let waited = 0; !isOver() && waited < 5_000; waited += 20) await delay(20);
}

/** The agent may not have reached its database yet. */
async function connected(connectionString: string, isOver: () => boolean): Promise<Client | null> {
  for (let attempt = 0; attempt < 100 && !isOver(); attempt += 1) {
    const client = new Client({ connectionString, connectionTimeoutMillis: 10_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch {
      await client.end().catch(() => {});
      await delay(100);
    }
  }
  return null;
}

interface LeftRole {
  readonly name: string;
  readonly maySignIn: boolean;
}

async function rolesLeft(superuserDsn: string): Promise<readonly LeftRole[]> {
  const rows = await rowsOf(
    superuserDsn,
    `SELECT rolname AS name, rolcanlogin AND coalesce(rolvaliduntil > now(), true) AS may
     FROM pg_roles WHERE rolname ~ '^daam_s_'`,
  );
  return rows.map((row) => ({ name: String(row['name']), maySignIn: row['may'] === true }));
}

async function dropGroups(agentDsn: string): Promise<void> {
  const rows = await rowsOf(agentDsn, `SELECT rolname AS name FROM pg_roles WHERE rolname ~ '^daam_[px]_'`);
  for (const { name: role } of rows) {
    await rowsOf(agentDsn, `DROP OWNED BY "${String(role)}"; DROP ROLE "${String(role)}"`);
  }
}

interface RunningAgent extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ended: Promise<unknown>;
}

/** A process that listens and has reached its database. */
async function startAgent(configPath: string): Promise<RunningAgent> {
  const main = join(import.meta.dirname, 'guarded', 'agent-main.ts');
  const child = spawn(process.execPath, [main, configPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    child,
    port: Number(line),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
