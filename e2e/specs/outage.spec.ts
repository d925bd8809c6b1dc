/** The control plane goes away: work goes on from the cache, nothing is lost, nothing is told twice. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { Device } from './tunnel/daam.ts';
import { end, restartAgent, restartControlPlane, type Restarted, statusOf } from './surroundings.ts';

let system: RunningSystem;
let controlPlane: Restarted | null = null;

beforeAll(async () => {
  system = await startRunningSystem();
});

afterAll(async () => {
  await controlPlane?.[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
});

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: system.ready.developer.local.dsn });
  client.on('error', () => {});
  await client.connect();
  return client;
}

interface StatementPage {
  readonly items: readonly { readonly event: Readonly<Record<string, unknown>> }[];
  readonly next: string | null;
}

/** How often each text was recorded as a decided statement. */
async function recorded(texts: readonly string[]): Promise<number[]> {
  const found: string[] = [];
  let after: string | null = null;
  do {
    const url = new URL('/api/v1/audit/statements?limit=500', system.ready.controlPlane.url);
    if (after !== null) url.searchParams.set('after', after);
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${system.ready.admin.apiToken}` },
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const page = (await response.json()) as StatementPage;
    for (const { event } of page.items) if (event['kind'] === 'statement') found.push(String(event['text']));
    after = page.next;
  } while (after !== null);
  return texts.map((text) => found.filter((each) => each === text).length);
}

test('a device that was let in before is let in while the control plane is down, with nothing of it running', async () => {
  const { controlPlane: running, developer } = system.ready;
  await using device = new Device();
  const login = ['login', '--control-plane', running.url, '--token-file', '-', '--secret-store', 'file'];
  expect(await device.run(login, developer.apiToken)).toMatchObject({ code: 0 });
  const masked = 'select email from customers where id = 1';
  expect(await device.ask(masked)).toMatch(/^.\*{3}@/);
  await end(running.pid, 'SIGTERM');
  expect(await statusOf(`${running.url}/health`)).toBe(0);
  expect(await device.ask(masked)).toMatch(/^.\*{3}@/);
  controlPlane = restartControlPlane(system.stateDir);
  await expect.poll(async () => await statusOf(`${running.url}/ready`), { timeout: 30_000 }).toBe(200);
  await expect.poll(async () => await detailedStatus(), { timeout: 30_000 }).toEqual([200, 'healthy']);
});

test('while the control plane is down, open and new sessions work and health is degraded; then all is delivered once', async () => {
  const { agent, controlPlane: running } = system.ready;
  const open = await connect();
  await open.query("select 'before the outage'");
  await end(controlPlane?.pid ?? running.pid, 'SIGTERM');
  expect(await statusOf(`${running.url}/health`)).toBe(0);

  await open.query("select 'open session in the outage'");
  const { rows } = await open.query<{ email: string }>('select email from customers where id = 1');
  expect(rows[0]?.email).toMatch(/^.\*{3}@/);
  const fresh = await connect();
  await fresh.query("select 'new session in the outage'");
  expect(await statusOf(`${agent.health}/health`)).toBe(200);
  await expect.poll(async () => await detailedStatus(), { timeout: 20_000 }).toEqual([200, 'degraded']);

  controlPlane = restartControlPlane(system.stateDir);
  await expect.poll(async () => await statusOf(`${running.url}/ready`), { timeout: 30_000 }).toBe(200);
  const texts = [
    "select 'before the outage'",
    "select 'open session in the outage'",
    "select 'new session in the outage'",
  ];
  await expect.poll(async () => await recorded(texts), { timeout: 60_000 }).toEqual([1, 1, 1]);
  await expect.poll(async () => await detailedStatus(), { timeout: 30_000 }).toEqual([200, 'healthy']);
  await Promise.all([open.end(), fresh.end()]);
});

test('with a damaged cache and no control plane the agent refuses every connection', async () => {
  const { agent } = system.ready;
  await controlPlane?.[Symbol.asyncDispose]();
  await end(agent.pid, 'SIGKILL');
  damage(join(system.stateDir, 'agent', 'policy-bundle.json'));
  await using _agent = restartAgent(system.stateDir);
  await expect.poll(async () => await detailedStatus(), { timeout: 30_000 }).toEqual([503, 'unhealthy']);
  await expect(connect()).rejects.toMatchObject({
    code: expect.stringMatching(/^(57P03|28000|08006|42501)$/) as string,
  });
});

/** Turns a byte of each file of the cache; the path may be one file or a folder. */
function damage(path: string): void {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) writeFileSync(file, 'x'.repeat(statSync(file).size));
}

async function detailedStatus(): Promise<[number, unknown]> {
  const headers = { authorization: `Bearer ${agentToken()}` };
  return await fetch(`${system.ready.agent.health}/health/detailed`, { headers }).then(
    async (response) => [response.status, ((await response.json()) as { status?: unknown }).status],
    () => [0, null],
  );
}

/** The agent's own credential opens its detailed health. */
function agentToken(): string {
  const text = readFileSync(join(system.stateDir, 'agent', 'credential.json'), 'utf8');
  return (JSON.parse(text) as { credential: string }).credential;
}
