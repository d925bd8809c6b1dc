/** A real agent over the sample shop, a real relay, and a control plane whose key the test holds. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Relay, startRelay } from '@daam/relay/app';
import { relayDefaults } from '@daam/relay/config';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { loadSampleShop } from '../../dev-env/load-sample-shop.ts';
import { Restarted, statusOf } from '../surroundings.ts';
import { credential, OrganizationDouble, registrationToken } from './organization-double.ts';

export interface AgentWorld extends AsyncDisposable {
  readonly organization: OrganizationDouble;
  /** The agent's process. */
  readonly agentPid: number;
  /** Its health endpoint. */
  readonly health: string;
  readonly relay: Relay;
  /** The superuser's view of the shop. */
  readonly superuserDsn: string;
}

export interface AgentWorldOptions {
  /** The sidecar's binary. */
  readonly file: string;
  /** More of `wireguard` and `identity` in the agent's configuration. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Connections that the server takes. */
  readonly maxConnections?: number;
  /** People are made known, and the agent is up with their passkeys, before it resolves. */
  readonly populate?: (organization: OrganizationDouble) => void;
}

const timeoutMs = 60_000;

/** Starts everything; the agent's tunnel is up and its first policy in force. */
export async function startAgentWorld(options: AgentWorldOptions): Promise<AgentWorld> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'daam-tunnel-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const key = generateSigningKey();
  const name = 'relay-test';
  const listen = { host: '127.0.0.1', port: 0 };
  const relay = stack.use(
    await startRelay(
      { ...relayDefaults, name, listen, issuerKeys: [key.publicKey] },
      { logger: silentLogger },
    ),
  );
  const organization = stack.use(await OrganizationDouble.start({ key, relay: { name, url: relay.url } }));
  options.populate?.(organization);
  const epoch = await organization.push();
  const server = stack.use(
    await startEmbeddedPostgres({ settings: { max_connections: options.maxConnections ?? 100 } }),
  );
  const shop = await loadSampleShop(server, new Secret('tunnel-world'));
  const [healthPort, configPath] = [await freePort(), join(folder, 'agent.json')];
  const logPath = join(folder, 'agent.log');
  const { url } = organization;
  const config = { folder, url, dsn: shop.agentDsn.reveal(), healthPort, options };
  await writeFile(configPath, JSON.stringify(configOf(config)), { mode: 0o600 });
  stack.defer(async () => await showLog(logPath));
  const agent = stack.use(new Restarted('agent/main.ts', configPath, logPath));
  const health = `http://127.0.0.1:${healthPort}`;
  await until('the agent’s health', async () => (await statusOf(`${health}/health`)) === 200);
  await until('the agent’s tunnel', () => organization.tunnel !== null);
  // A knock that is sent earlier is heard by nobody.
  await until('the agent at its relay', async () => (await tunnelHealth(health))?.relay === 'connected');
  await until('the first policy', () => organization.hasApplied(epoch));
  const running = stack.move();
  return {
    organization,
    agentPid: agent.pid,
    health,
    relay,
    superuserDsn: shop.superuserDsn,
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  };
}

/** Waits; an Error that names what did not come about. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await sleep(20);
  }
}

interface ConfigOptions {
  readonly folder: string;
  readonly url: string;
  readonly dsn: string;
  readonly healthPort: number;
  readonly options: AgentWorldOptions;
}

function configOf({ folder, url, dsn, healthPort, options }: ConfigOptions): object {
  return {
    listen: '127.0.0.1:0',
    upstream: { dsn },
    control_plane: {
      url,
      auth_token: registrationToken,
      credential_path: join(folder, 'credential.json'),
      policy_cache_path: join(folder, 'policy.json'),
      audit_buffer_path: join(folder, 'audit'),
    },
    wireguard: { private_key_path: join(folder, 'wireguard.key'), sidecar_path: options.file },
    health: { enabled: true, port: healthPort },
    logging: { level: 'debug' },
    ...options.settings,
  };
}

/** What the agent's detailed health says of its tunnel. */
export async function tunnelHealth(health: string): Promise<TunnelHealth | null> {
  const headers = { authorization: `Bearer ${credential}` };
  const response = await fetch(`${health}/health/detailed`, { headers });
  return ((await response.json()) as { readonly tunnel?: TunnelHealth | null }).tunnel ?? null;
}

export interface TunnelHealth {
  readonly relay: string;
  readonly knocks: { readonly admitted: number; readonly refused: Readonly<Record<string, number>> };
}

/** What the agent said, for whoever looks for a mistake. */
async function showLog(path: string): Promise<void> {
  if (process.env['DAAM_TEST_LOG'] !== '1') return;
  process.stderr.write(await readFile(path, 'utf8').catch(() => ''));
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
