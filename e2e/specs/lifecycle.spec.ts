/** Nothing is left behind: not after a clean stop, not after the agent was killed. */
import { createClient } from '@daam/shared/api/client';
import { Secret } from '@daam/shared/base/secret';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSampleShop, type SampleShop } from '../dev-env/load-sample-shop.ts';
import { portLayout } from '../dev-env/ports.ts';
import { isListening, portsOf, type RunningSystem, startRunningSystem } from './running-system.ts';
import { buildSidecar } from './sidecar-process.ts';
import {
  commandOf,
  descendantsOf,
  end,
  isAlive,
  restartAgent,
  sessionRoles,
  socketsUnder,
  statusOf,
  udpPortsInUse,
} from './surroundings.ts';

/** Without Go the system goes without its tunnel, and says so. */
const hasTunnel = 'file' in buildSidecar();

let server: EmbeddedPostgres;
let shop: SampleShop;

beforeAll(async () => {
  server = await startEmbeddedPostgres();
  shop = await loadSampleShop(server, new Secret('lifecycle'));
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function connect(dsn: string): Promise<Client> {
  const client = new Client({ connectionString: dsn });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** The roles of the tunnel's processes, in the order of the alphabet. */
function sidecarsAmong(processes: readonly number[]): string[] {
  return processes.flatMap((pid) => /--role=\w+/.exec(commandOf(pid)) ?? []).sort();
}

test('SIGTERM leaves no process, no role that serves a session, and no socket', async () => {
  await using system = await startRunningSystem(['--upstream-dsn', shop.agentDsn.reveal()]);
  const clients = await Promise.all([1, 2, 3].map(() => connect(system.ready.developer.local.dsn)));
  for (const client of clients) await client.query('select email from customers limit 1');
  expect(await sessionRoles(shop.superuserDsn, { canLogIn: false })).toHaveLength(3);
  const processes = descendantsOf(system.process.pid ?? 0);
  expect(processes.length).toBeGreaterThan(4);
  expect(sidecarsAmong(processes)).toEqual(hasTunnel ? ['--role=agent', '--role=client'] : []);
  const { relayStun, agentTunnel } = portLayout(system.portBase);
  expect(udpPortsInUse([relayStun, agentTunnel])).toEqual(hasTunnel ? [relayStun, agentTunnel] : [relayStun]);

  expect(await system.stop()).toBe(0);

  await expect.poll(() => processes.filter(isAlive), { timeout: 5000 }).toEqual([]);
  expect(await sessionRoles(shop.superuserDsn, { canLogIn: false })).toEqual([]);
  const ports = await Promise.all(portsOf(system.portBase).map(isListening));
  expect(ports.filter(Boolean)).toEqual([]);
  expect(udpPortsInUse(portsOf(system.portBase))).toEqual([]);
  expect(socketsUnder(system.stateDir)).toEqual([]);
});

test('killing npm start itself takes every program with it', async () => {
  await using system = await startRunningSystem(['--upstream-dsn', shop.agentDsn.reveal()]);
  const processes = descendantsOf(system.process.pid ?? 0);
  await end(system.process.pid ?? 0, 'SIGKILL');
  await expect.poll(() => processes.filter(isAlive), { timeout: 30_000 }).toEqual([]);
});

test('after the agent is killed and started again no orphan role can log in, and soon there is none, nor a session', async () => {
  await using system = await startRunningSystem(['--upstream-dsn', shop.agentDsn.reveal()]);
  const { dsn } = system.ready.developer.local;
  const clients = await Promise.all([1, 2, 3].map(() => connect(dsn)));
  for (const client of clients) await client.query('select email from customers limit 1');
  await expect.poll(async () => (await sessionsOf(system.ready)).length, { timeout: 30_000 }).toBe(3);

  await end(system.ready.agent.pid, 'SIGKILL');
  expect(await sessionRoles(shop.superuserDsn, { canLogIn: true })).toEqual([]);

  await using _agent = restartAgent(system.stateDir);
  await expect
    .poll(async () => await statusOf(`${system.ready.agent.health}/health`), { timeout: 30_000 })
    .toBe(200);
  expect(await sessionRoles(shop.superuserDsn, { canLogIn: true })).toEqual([]);
  await expect
    .poll(async () => await sessionRoles(shop.superuserDsn, { canLogIn: false }), { timeout: 60_000 })
    .toEqual([]);

  await expect
    .poll(async () => (await sessionsOf(system.ready)).map(({ end: how }) => how?.reason), {
      timeout: 30_000,
    })
    .toEqual(['AGENT_RESTARTED', 'AGENT_RESTARTED', 'AGENT_RESTARTED']);

  const again = await connect(dsn);
  expect((await again.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await again.end();
});

/** The sessions that the audit knows, with how they ended. */
async function sessionsOf({
  controlPlane,
  admin,
}: RunningSystem['ready']): Promise<{ readonly end: { readonly reason: string } | null }[]> {
  const client = createClient({ baseUrl: controlPlane.url, fetch, token: () => admin.apiToken });
  return (await client.listConnections({ query: { kind: 'session.opened' } })).items;
}
