/**
 * The real programs on the hosts of a test network: engine and psql on the device's host, the relay in public, the agent
 * on the site's, each in its own network. The control plane and the database are reached around the network.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlPlane, startControlPlane } from '@daam/control-plane/app';
import { resolveConfig } from '@daam/control-plane/config';
import { type ApiClient, createClient } from '@daam/shared/api/client';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { loadSampleShop, type SampleShop } from '../../dev-env/load-sample-shop.ts';
import { readPolicy } from '../../dev-env/policy-file.ts';
import { addresses, type TestNetwork } from '../test-network.ts';
import { Child, root } from './children.ts';

const relayPort = 7420;
const relayName = 'relay-test';
const stun = `${addresses.relay}:3478`;
const upstreamPort = 5432;
const healthPort = 7431;
const localPort = 6543;

/** What does not move between networks: databases, control plane, the state of agent and device. */
export interface Headquarters extends AsyncDisposable {
  readonly admin: ApiClient;
  readonly shop: SampleShop;
  readonly folder: string;
  /** The port of the control plane, the same on every host. */
  readonly port: number;
  /** The sidecar's binary. */
  readonly file: string;
}

/** Starts databases and control plane, registers the database, signs the device in. */
export async function startHeadquarters(file: string): Promise<Headquarters> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'daam-networks-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const server = stack.use(await startEmbeddedPostgres());
  const shop = await loadSampleShop(server, new Secret('networks'));
  const controlPlane = stack.use(await startPlane(server));
  const { adminToken } = await controlPlane.bootstrap({ org: 'Networks', adminEmail: 'admin@example.com' });
  const url = `http://localhost:${controlPlane.port}`;
  const admin = createClient({ baseUrl: url, fetch, token: () => adminToken });
  const { agentToken } = await admin.createDatabase({
    body: { name: 'shop', databaseName: 'shop', environment: 'development' },
  });
  const { id } = await admin.createUser({ body: { email: 'dev@example.com' } });
  const { document } = await readPolicy(null);
  await admin.putPolicies({ params: { database: 'shop' }, body: { ...document } });
  const { token } = await admin.createApiToken({ body: { name: 'networks', user: id } });
  await writeFile(join(folder, 'agent-token'), agentToken, { mode: 0o600 });
  await writeFile(join(folder, 'issuer-keys.json'), JSON.stringify((await admin.getOrganization()).orgKeys));
  stack.defer(await bridge(join(folder, 'plane.sock'), controlPlane.port));
  stack.defer(await bridge(join(folder, 'postgres.sock'), server.port));
  const headquarters = { admin, shop, folder, port: controlPlane.port, file };
  await signIn(headquarters, url, token);
  const running = stack.move();
  return { ...headquarters, [Symbol.asyncDispose]: async () => await running.disposeAsync() };
}

/** Agent, relay and device on the hosts of a network. */
export interface NetworkWorld {
  readonly relay: Child;
  readonly agent: Child;
  readonly dsn: string;
  /** psql on the device's host, with these statements one after another. */
  psql(...statements: readonly string[]): Child;
  /** What the database answers through the tunnel. */
  ask(sql: string): Promise<string>;
  /** How packets go now, as `daam status` tells. */
  path(): Promise<string>;
}

/** Starts them; the local port is open when it resolves. The stack ends them. */
export async function startOnNetwork(
  headquarters: Headquarters,
  network: TestNetwork,
  stack: AsyncDisposableStack,
): Promise<NetworkWorld> {
  const { folder, port } = headquarters;
  const node = (host: 'relay' | 'agent' | 'device', ...words: readonly string[]): readonly string[] => [
    ...network.within(host),
    process.execPath,
    ...words,
  ];
  const forward = async (host: 'agent' | 'device', ...rules: readonly string[]): Promise<void> => {
    const program = join(import.meta.dirname, 'forward-port.ts');
    await stack.use(new Child(node(host, program, ...rules), { endsBy: 'stdin' })).firstLine();
  };
  const toPlane = `127.0.0.1:${port}=${join(folder, 'plane.sock')}`;
  await forward('device', toPlane);
  await forward('agent', toPlane, `127.0.0.1:${upstreamPort}=${join(folder, 'postgres.sock')}`);
  const relay = stack.use(startRelay(node('relay', join(root, 'relay', 'main.ts')), folder));
  const config = await writeAgentConfig(headquarters);
  const agent = stack.use(new Child(node('agent', join(root, 'agent', 'main.ts'), '--config', config)));
  await healthy(network, agent);
  const cli = join(root, 'desktop', 'cli', 'main.ts');
  const env = deviceEnvironment(headquarters);
  const connected = stack.use(
    new Child(node('device', cli, 'connect', 'shop', '--port', String(localPort), '--json'), { env }),
  );
  const { dsn } = JSON.parse(await connected.firstLine()) as { readonly dsn: string };
  const psql = (...statements: readonly string[]): Child => {
    const commands = statements.flatMap((sql) => ['-c', sql]);
    return stack.use(new Child([...network.within('device'), 'psql', dsn, '-XAtq', ...commands]));
  };
  return {
    relay,
    agent,
    dsn,
    psql,
    ask: async (sql) => {
      const child = psql(sql);
      const { code, output } = await child.ended();
      if (code !== 0) throw new Error(`psql: ${child.errors}`);
      return output.trim();
    },
    path: async () => {
      const status = new Child(node('device', cli, 'status', '--json'), { env });
      const { output } = await status.ended();
      return pathIn(output);
    },
  };
}

/** The kind of path of the first connection that `daam status --json` lists. */
function pathIn(status: string): string {
  const { connections } = JSON.parse(status) as {
    readonly connections: readonly { readonly path?: { readonly kind?: string } | null }[];
  };
  return connections[0]?.path?.kind ?? 'none';
}

function startRelay(command: readonly string[], folder: string): Child {
  return new Child(command, {
    env: {
      DAAM_RELAY_NAME: relayName,
      DAAM_LISTEN: `${addresses.relay}:${relayPort}`,
      DAAM_STUN_LISTEN: stun,
      DAAM_ISSUER_KEYS_FILE: join(folder, 'issuer-keys.json'),
    },
  });
}

async function startPlane(server: EmbeddedPostgres): Promise<ControlPlane> {
  const config = resolveConfig(
    {
      listen: { port: 0 },
      database: { dsn: await server.createDatabase('daam'), pool_size: 4 },
      master_key: Buffer.alloc(32, 7).toString('base64'),
      identity: { development_tokens: true },
      relays: [{ name: relayName, url: `ws://${addresses.relay}:${relayPort}/relay/v1`, stun: [stun] }],
      http: { rate_factor: 1000 },
    },
    () => '',
  );
  return await startControlPlane(config, { logger: silentLogger });
}

/** A Unix socket that leads to a port of this host; the function that is answered closes it. */
async function bridge(path: string, port: number): Promise<() => void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const other = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.pipe(other).pipe(socket);
    socket.on('error', () => other.destroy()).on('close', () => other.destroy());
    other.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  });
  server.listen(path);
  await once(server, 'listening');
  return () => void server.close();
}

async function signIn(headquarters: Headquarters | Omit<Headquarters, symbol>, url: string, token: string) {
  const cli = join(root, 'desktop', 'cli', 'main.ts');
  const args = [cli, 'login', '--control-plane', url, '--token-file', '-', '--secret-store', 'file'];
  const env = deviceEnvironment(headquarters);
  const login = new Child([process.execPath, ...args], { env, input: token });
  const { code } = await login.ended();
  if (code !== 0) throw new Error(`daam login: ${login.errors}`);
}

function deviceEnvironment({ folder, file }: Omit<Headquarters, symbol>): Record<string, string> {
  return {
    DAAM_HOME: join(folder, 'device'),
    DAAM_SECRET_STORE: 'file',
    DAAM_TRANSPORT: 'tunnel',
    DAAM_SIDECAR: file,
    PGCONNECT_TIMEOUT: '30',
  };
}

/** Written once, so that the agent is the same one in every network. */
async function writeAgentConfig({ folder, port, shop, file }: Headquarters): Promise<string> {
  const path = join(folder, 'agent.json');
  const dsn = new URL(shop.agentDsn.reveal());
  dsn.host = `127.0.0.1:${upstreamPort}`;
  const config = {
    upstream: { dsn: dsn.href },
    control_plane: {
      url: `http://localhost:${port}`,
      auth_token: (await readFile(join(folder, 'agent-token'), 'utf8')).trim(),
      credential_path: join(folder, 'agent', 'credential.json'),
      policy_cache_path: join(folder, 'agent', 'policy.json'),
      audit_buffer_path: join(folder, 'agent', 'audit'),
    },
    wireguard: { enabled: true, sidecar_path: file },
    health: { enabled: true, port: healthPort },
    logging: { level: 'info' },
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** Asks the agent's health on its own host until it is good. */
async function healthy(network: TestNetwork, agent: Child): Promise<void> {
  const source = `for (let i = 0; i < 400; i += 1) {
    const ok = await fetch('http://127.0.0.1:${healthPort}/health').then((r) => r.ok, () => false);
    if (ok) process.exit(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  process.exit(1);`;
  const command = [...network.within('agent'), process.execPath, '--input-type=module', '-e', source];
  const { code } = await new Child(command).ended();
  if (code !== 0) throw new Error(`the agent did not become healthy:\n${agent.errors}`);
}
