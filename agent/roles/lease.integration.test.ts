import { systemClock } from '@daam/shared/base/clock';
import { silentLogger } from '@daam/shared/base/logger';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import { resolveAccess } from '@daam/shared/sql/resolve-access';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client, type ClientConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../enforce/catalog-loader.ts';
import { RoleStore } from './role-store.ts';

const password = 'agent-password-for-this-test';
const schema = `
CREATE TABLE customers (id int, email text);
INSERT INTO customers VALUES (1, 'secret@example.com');
GRANT ALL ON ALL TABLES IN SCHEMA public TO agent WITH GRANT OPTION;
GRANT USAGE ON SCHEMA public TO agent WITH GRANT OPTION;
`;
const origin = { policy: 'analyst', version: 1 };
const policy: EffectivePolicy = {
  database: 'shop',
  grants: [{ schema: 'public', table: 'customers', operations: ['select'], origin }],
  masks: [{ schema: 'public', table: 'customers', column: 'email', preset: 'email', origin }],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

let agents = 0;

describe.each([13, 18] as const)('several agents of one database on PostgreSQL %i', (major) => {
  let server: EmbeddedPostgres;
  let admin: Client;
  let catalog: Catalog;
  let access: ResolvedAccess;

  const connectionTo = (database: string): ClientConfig => ({
    host: server.host,
    port: server.port,
    database,
    user: 'agent',
    password,
  });
  /** An agent, and the first digits of its id that its roles bear. */
  const startAgent = async (database = 'shop') => {
    agents += 1;
    const tag = `${major}`.padStart(2, '0') + `${agents}`.padStart(6, 'f');
    const agentId = `${tag}-0000-4000-8000-000000000000`;
    const connection = connectionTo(database);
    const store = new RoleStore({ connection, agentId, clock: systemClock, logger: silentLogger });
    await store.start();
    return { store, tag };
  };
  const roles = async (tag: string): Promise<string[]> => {
    const { rows } = await admin.query<{ rolname: string }>(
      'SELECT rolname FROM pg_roles WHERE rolname ~ $1 ORDER BY 1',
      [`^daam_[spx]_${tag}_`],
    );
    return rows.map(({ rolname }) => rolname);
  };
  const enter = async (role: { name: string; password: { reveal(): string } }): Promise<Client> => {
    const client = new Client({ ...connectionTo('shop'), user: role.name, password: role.password.reveal() });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  /** Ends everything that an agent has on the server, as when its machine is lost. */
  const kill = async ({ tag }: { readonly tag: string }): Promise<void> => {
    const key = Number.parseInt(tag, 16);
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1145127246 AND objid = $1`,
      [key],
    );
    await expect.poll(async () => await holders(1145127246, key)).toBe(0);
  };
  const holders = async (classid: number, objid: number): Promise<number> => {
    const { rows } = await admin.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND granted`,
      [classid, objid],
    );
    return rows.length;
  };

  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major });
    admin = new Client({ connectionString: await server.createDatabase('shop') });
    await admin.connect();
    await admin.query(`CREATE ROLE agent LOGIN CREATEROLE PASSWORD '${password}'`);
    await admin.query(schema);
    catalog = await loadCatalog(admin);
    access = resolveAccess(policy, catalog);
  });
  afterAll(async () => {
    await admin?.end();
    await server?.[Symbol.asyncDispose]();
  });

  it('one holds the lease, and another takes it when the holder is gone', async () => {
    const first = await startAgent();
    const second = await startAgent();
    await using _second = second.store;
    expect([first.store.lease, second.store.lease]).toEqual(['holder', 'other']);
    await first.store.reap();
    await second.store.reap();
    expect([first.store.lease, second.store.lease]).toEqual(['holder', 'other']);
    expect(await holders(1145127247, 1)).toBe(1);
    await first.store[Symbol.asyncDispose]();
    await second.store.reap();
    expect(second.store.lease).toBe('holder');
    expect(await holders(1145127247, 1)).toBe(1);
  });

  it('each serves sessions, and nobody touches the roles of one that lives', async () => {
    const first = await startAgent();
    await using _first = first.store;
    const second = await startAgent();
    await using _second = second.store;
    await using mine = await first.store.openSession({ access, catalog });
    await using theirs = await second.store.openSession({ access, catalog });
    const clients = [await enter(mine), await enter(theirs)];
    await mine.sealLogin();
    await theirs.sealLogin();
    for (let round = 0; round < 30; round += 1) {
      await first.store.reap();
      await second.store.reap();
    }
    for (const client of clients) {
      await expect(client.query('SELECT id FROM customers')).resolves.toMatchObject({ rowCount: 1 });
      await expect(client.query('SELECT email FROM customers')).rejects.toMatchObject({ code: '42501' });
      await client.end();
    }
  });

  it('what an agent left that is gone for good is removed by the holder alone, and not before it is surely gone', async () => {
    const dead = await startAgent();
    const idle = await dead.store.openSession({ access, catalog });
    const busy = await dead.store.openSession({ access, catalog });
    const client = await enter(busy);
    await busy.sealLogin();
    // As the end of its ten seconds to sign in.
    await admin.query(`ALTER ROLE ${idle.name} NOLOGIN`);
    const heir = await startAgent();
    await using _heir = heir.store;
    await kill(dead);
    await heir.store.reap();
    const other = await startAgent();
    await using _other = other.store;
    expect([heir.store.lease, other.store.lease]).toEqual(['holder', 'other']);
    const present = await roles(dead.tag);
    for (let round = 0; round < 10; round += 1) await other.store.reap();
    // Without the lease it removed nothing, whatever it saw.
    expect(await roles(dead.tag)).toEqual(present);
    await heir.store.reap();
    expect(await roles(dead.tag)).not.toContain(idle.name);
    expect(await roles(dead.tag)).toContain(busy.name);
    await expect(client.query('SELECT 1')).resolves.toBeDefined();
    for (let round = 0; round < 3; round += 1) await heir.store.reap();
    await expect
      .poll(async () => {
        await heir.store.reap();
        return (await roles(dead.tag)).includes(busy.name);
      })
      .toBe(false);
    for (let round = 0; round < 20; round += 1) await heir.store.reap();
    expect(await roles(dead.tag)).toEqual([]);
  });

  it('an agent whose connection is lost for a moment keeps its roles, and a lost holder writes nothing', async () => {
    const first = await startAgent();
    await using _first = first.store;
    const second = await startAgent();
    await using _second = second.store;
    await using role = await second.store.openSession({ access, catalog });
    const client = await enter(role);
    await role.sealLogin();
    await kill(second);
    await first.store.reap();
    await second.store.reap();
    for (let round = 0; round < 30; round += 1) await first.store.reap();
    await expect(client.query('SELECT id FROM customers')).resolves.toBeDefined();
    await kill(first);
    await second.store.reap();
    expect(second.store.lease).toBe('holder');
    await first.store.reap();
    expect(first.store.lease).toBe('other');
    expect(await holders(1145127247, 1)).toBe(1);
    await client.end();
  });

  it('a session that takes the lease, waits for it or poses as an agent is ended, and no other is', async () => {
    const holder = await startAgent();
    const heir = await startAgent();
    await using _heir = heir.store;
    const sessions = [];
    for (let at = 0; at < 4; at += 1) sessions.push(await heir.store.openSession({ access, catalog }));
    const clients = [];
    for (const session of sessions) {
      clients.push(await enter(session));
      await session.sealLogin();
    }
    const [first, waiting, posing, honest] = clients;
    expect([holder.store.lease, heir.store.lease]).toEqual(['holder', 'other']);
    await holder.store[Symbol.asyncDispose]();
    await first?.query('SELECT pg_advisory_lock(1145127247, 1)');
    const waited = waiting?.query('SELECT pg_advisory_lock(1145127247, 1)').catch(() => undefined);
    await posing?.query('SELECT pg_advisory_lock(1145127246, 4711)');
    await honest?.query('SELECT pg_advisory_lock(1145127248, 1), pg_advisory_lock(1145127247)');
    await heir.store.reap();
    await waited;
    expect(heir.store.lease).toBe('holder');
    expect(await holders(1145127247, 1)).toBe(1);
    expect(await holders(1145127246, 4711)).toBe(0);
    for (const client of [first, waiting, posing])
      await expect(client?.query('SELECT 1')).rejects.toThrow(/not queryable|terminated/);
    await expect(honest?.query('SELECT 1')).resolves.toBeDefined();
    await honest?.end();
    for (const session of sessions) await session[Symbol.asyncDispose]();
  });

  it('leases of different databases do not know each other, and roles of another database stay', async () => {
    await admin.query('CREATE DATABASE elsewhere');
    const there = new Client({ connectionString: server.dsn('elsewhere') });
    await there.connect();
    await there.query(schema);
    const foreign = await startAgent('elsewhere');
    const role = await foreign.store.openSession({
      access: resolveAccess(policy, await loadCatalog(there)),
      catalog: await loadCatalog(there),
    });
    await admin.query(`ALTER ROLE ${role.name} NOLOGIN`);
    const own = await startAgent();
    await using _own = own.store;
    expect([foreign.store.lease, own.store.lease]).toEqual(['holder', 'holder']);
    const present = await roles(foreign.tag);
    await kill(foreign);
    for (let round = 0; round < 25; round += 1) await own.store.reap();
    expect(await roles(foreign.tag)).toEqual(present);
    await there.end();
  });
});
