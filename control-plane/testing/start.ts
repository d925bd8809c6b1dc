import { type ApiClient, createClient } from '@daam/shared/api/client';
import type { Role } from '@daam/shared/api/schemas';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { type ControlPlane, type ControlPlaneDeps, startControlPlane } from '../app.ts';
import { type ControlPlaneConfig, developmentMasterKey } from '../config.ts';

/** A control plane over a real PostgreSQL for integration tests; imported by tests only. */
export interface TestControlPlane extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  readonly config: ControlPlaneConfig;
  readonly postgres: EmbeddedPostgres;
  readonly dsn: string;
  /** A client with this token; null for none. */
  client(token: string | null): ApiClient;
  /** A plain request: for what the typed client would never send. */
  send(path: string, init?: RequestInit): Promise<Response>;
}

export interface TestOptions {
  readonly identity?: Partial<ControlPlaneConfig['identity']>;
  readonly relays?: ControlPlaneConfig['relays'];
  readonly publicUrl?: string;
  readonly rateFactor?: number;
  readonly webhooks?: Partial<ControlPlaneConfig['webhooks']>;
  readonly mail?: ControlPlaneConfig['mail'];
  readonly metrics?: ControlPlaneConfig['metrics'];
  readonly console?: ControlPlaneConfig['console'];
  readonly signUp?: ControlPlaneConfig['signUp'];
  readonly deps?: Partial<ControlPlaneDeps>;
}

/** Starts both; dispose to stop both. */
export async function startTestControlPlane(options: TestOptions = {}): Promise<TestControlPlane> {
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(await startEmbeddedPostgres());
  const dsn = await postgres.createDatabase('control_plane');
  const config = testConfig(await ownerOf(dsn), options);
  const controlPlane = stack.use(await startControlPlane(config, { logger: silentLogger, ...options.deps }));
  const baseUrl = `http://127.0.0.1:${controlPlane.port}`;
  const owned = stack.move();
  return {
    controlPlane,
    config,
    postgres,
    dsn,
    client: (token) => createClient({ baseUrl, fetch, token: () => token }),
    send: async (path, init) => await fetch(new URL(path, baseUrl), init),
    [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
  };
}

/**
 * Whoever runs a control plane gives it a role that owns its database and may make roles; a superuser would be under no
 * row-level security, and tests are not to depend on that. `dsn` of the plane stays the superuser's.
 */
async function ownerOf(superuser: string): Promise<string> {
  const client = new Client({ connectionString: superuser });
  await client.connect();
  try {
    await client.query(`create role control_plane_owner login createrole password 'owner'`);
    await client.query('alter database control_plane owner to control_plane_owner');
  } finally {
    await client.end();
  }
  const url = new URL(superuser);
  url.username = 'control_plane_owner';
  url.password = 'owner';
  return url.href;
}

/** A configuration for tests: any port, development tokens, high rates. */
export function testConfig(dsn: string, options: TestOptions = {}): ControlPlaneConfig {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    publicUrl: options.publicUrl ?? null,
    database: { dsn: new Secret(dsn), poolSize: 5 },
    masterKey: developmentMasterKey('test'),
    identity: { developmentTokens: true, certificateHours: 8, grantMinutes: 10, ...options.identity },
    relays: options.relays ?? [],
    http: { trustProxy: false, rateFactor: options.rateFactor ?? 100 },
    webhooks: { allowedAddresses: [], ...options.webhooks },
    signUp: options.signUp ?? null,
    mail: options.mail ?? null,
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    ...(options.console === undefined ? {} : { console: options.console }),
    logging: { level: 'error' },
  };
}

/** An organization with an administrator's client, for tests. */
export async function bootstrapOrg(plane: TestControlPlane, org: string) {
  const adminEmail = `admin@${org.toLowerCase()}.example`;
  const { adminToken, orgId } = await plane.controlPlane.bootstrap({ org, adminEmail });
  return { orgId, adminToken, admin: plane.client(adminToken) };
}

/** A user with a token of their own. */
export async function addUser(
  plane: TestControlPlane,
  admin: ApiClient,
  email: string,
  role: Role = 'member',
) {
  const user = await admin.createUser({ body: { email, role } });
  const { token } = await admin.createApiToken({ body: { name: 'test', user: user.id } });
  return { id: user.id, token, client: plane.client(token) };
}

/** A database with a registered agent. */
export async function addDatabase(plane: TestControlPlane, admin: ApiClient, name: string) {
  const { database, agentToken } = await admin.createDatabase({ body: { name, databaseName: name } });
  const registered = await plane
    .client(null)
    .registerAgent({ body: { token: agentToken, version: '0.1.0' } });
  return { ...registered, database, agentToken, client: plane.client(registered.credential) };
}

/** A document with one policy, assigned as told. */
export function documentFor(database: string, assign: { users?: string[]; groups?: string[] }) {
  return {
    database,
    policies: [
      {
        name: 'reader',
        grants: [{ table: 'public.customers', operations: ['select'] }],
        masks: [{ column: 'public.customers.email', preset: 'email' }],
        assign,
      },
    ],
  };
}
