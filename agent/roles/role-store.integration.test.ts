import { setTimeout as delay } from 'node:timers/promises';
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
import type { SessionRole } from './session-role.ts';

const agentId = 'a1b2c3d4-0000-4000-8000-000000000001';
const agentPassword = 'agent-password-for-this-test';

const schema = `
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE TABLE customers (id serial PRIMARY KEY, name text, email text, salary int, note text);
INSERT INTO customers (name, email, salary, note) SELECT 'N' || g, 'secret' || g || '@example.com', g, 'n' FROM generate_series(1, 50) g;
CREATE TABLE orders (id int, total int);
CREATE TABLE hidden (id int);
CREATE ROLE agent LOGIN CREATEROLE PASSWORD '${agentPassword}';
GRANT ALL ON ALL TABLES IN SCHEMA public TO agent WITH GRANT OPTION;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO agent WITH GRANT OPTION;
GRANT USAGE ON SCHEMA public TO agent WITH GRANT OPTION;
`;

const origin = { policy: 'analyst', version: 1 };
const policy: EffectivePolicy = {
  database: 'shop',
  grants: [
    { schema: 'public', table: 'customers', operations: ['select', 'insert', 'update'], origin },
    { schema: 'public', table: 'orders', operations: ['select'], origin },
  ],
  masks: [
    { schema: 'public', table: 'customers', column: 'email', preset: 'email', origin },
    { schema: 'public', table: 'customers', column: 'salary', preset: 'null', origin },
  ],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

describe.each([
  [13, 'superuser'],
  [13, 'CREATEROLE only'],
  [16, 'CREATEROLE only'],
  [18, 'superuser'],
  [18, 'CREATEROLE only'],
] as const)('RoleStore on PostgreSQL %i as %s', (major, rights) => {
  let server: EmbeddedPostgres;
  let admin: Client;
  let catalog: Catalog;
  let access: ResolvedAccess;
  let connection: ClientConfig;

  const makeStore = (): RoleStore =>
    new RoleStore({ connection, agentId, clock: systemClock, logger: silentLogger });
  const dial = async (role: { name: string; password: string }): Promise<Client> => {
    const client = new Client({
      host: server.host,
      port: server.port,
      database: 'shop',
      user: role.name,
      password: role.password,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const enter = (role: SessionRole): Promise<Client> =>
    dial({ name: role.name, password: role.password.reveal() });
  const roles = async (pattern: string): Promise<string[]> =>
    (
      await admin.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname ~ $1', [pattern])
    ).rows.map((row) => row.rolname);

  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major, settings: { max_connections: 200 } });
    admin = new Client({ connectionString: await server.createDatabase('shop') });
    await admin.connect();
    await admin.query(schema);
    catalog = await loadCatalog(admin);
    access = resolveAccess(policy, catalog);
    connection =
      rights === 'superuser'
        ? { connectionString: server.dsn('shop') }
        : { host: server.host, port: server.port, database: 'shop', user: 'agent', password: agentPassword };
  });
  afterAll(async () => {
    await admin?.end();
    await server?.[Symbol.asyncDispose]();
  });

  it('stops every read of a masked column, with nothing but privileges', async () => {
    await using store = makeStore();
    await using role = await store.openSession({ access, catalog });
    const client = await enter(role);
    await role.sealLogin();
    const { rows } = await client.query('SELECT id, name, ctid FROM customers ORDER BY id LIMIT 1');
    expect(rows).toMatchObject([{ id: 1, name: 'N1' }]);
    for (const sql of [
      'SELECT email FROM customers',
      'SELECT * FROM customers',
      'SELECT c FROM customers c',
      'SELECT row_to_json(c) FROM customers c',
      `SELECT 1 FROM customers WHERE email = 'secret1@example.com'`,
      `UPDATE customers SET note = email`,
      `UPDATE customers SET note = 'x' WHERE id = 1 RETURNING email`,
      'COPY customers TO STDOUT',
      `DO $$ BEGIN PERFORM email FROM public.customers; END $$`,
      `SELECT query_to_xml('select email from customers', true, true, '')`,
      'SELECT * FROM hidden',
      'DELETE FROM customers',
      'CREATE TABLE public.planted (id int)',
      `SET ROLE agent`,
      `DO $$ BEGIN EXECUTE 'SET ROLE postgres'; END $$`,
      `CREATE ROLE other`,
    ]) {
      await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
    const stats = await client.query(
      `SELECT FROM pg_stats WHERE tablename = 'customers' AND attname = 'email'`,
    );
    expect(stats.rows).toEqual([]);
    await client.query(`INSERT INTO customers (name, email) VALUES ('new', 'n@example.com')`);
    await client.query(`UPDATE customers SET email = 'changed@example.com' WHERE id = 2`);
    await client.end();
  });

  it('opens the masked columns that need their value between elevate and lower, and no others', async () => {
    await using store = makeStore();
    await using role = await store.openSession({ access, catalog });
    const client = await enter(role);
    await role.sealLogin();
    await role.elevate();
    const { rows } = await client.query<{ email: string }>('SELECT email FROM customers WHERE id = 1');
    expect(rows[0]?.email).toBe('secret1@example.com');
    await expect(client.query('SELECT salary FROM customers')).rejects.toMatchObject({ code: '42501' });
    // Before 16 every member may SET ROLE; there the gate refuses the statement.
    const [raw] = await roles('^daam_x_');
    const outcome = await client.query(`SET ROLE ${raw}`).then(
      () => 'allowed',
      (error: { code: string }) => error.code,
    );
    expect(outcome).toBe(major >= 16 ? '42501' : 'allowed');
    await client.query('RESET ROLE');
    await role.lower();
    await expect(client.query('SELECT email FROM customers')).rejects.toMatchObject({ code: '42501' });
    await role.lower();
    await role.elevate();
    await role.elevate();
    await client.end();
  });

  it('shuts direct sign-in after sealing, whatever the session does to its own role', async () => {
    await using store = makeStore();
    await using role = await store.openSession({ access, catalog });
    const client = await enter(role);
    await expect(enter(role)).rejects.toMatchObject({ code: '53300' });
    await role.sealLogin();
    await client.query(`ALTER ROLE CURRENT_USER PASSWORD 'mine'`);
    await expect(client.query('ALTER ROLE CURRENT_USER LOGIN')).rejects.toMatchObject({ code: '42501' });
    await expect(client.query(`ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'`)).rejects.toMatchObject({
      code: '42501',
    });
    await client.end();
    await expect(dial({ name: role.name, password: 'mine' })).rejects.toMatchObject({ code: '28P01' });
    await expect(enter(role)).rejects.toMatchObject({ code: /^28/ });
  });

  it('puts no password into the SQL text', async () => {
    await using store = makeStore();
    await using role = await store.openSession({ access, catalog });
    const { rows } = await admin.query<{ rolpassword: string }>(
      'SELECT rolpassword FROM pg_authid WHERE rolname = $1',
      [role.name],
    );
    expect(rows[0]?.rolpassword).toMatch(/^SCRAM-SHA-256\$/);
    expect(`${JSON.stringify(role)}${String(role.password)}`).not.toContain(role.password.reveal());
  });

  it('leaves nothing of a session that is closed, its backend and what it owned included', async () => {
    await using store = makeStore();
    const role = await store.openSession({ access, catalog });
    const client = await enter(role);
    await role.sealLogin();
    await client.query('CREATE TEMP TABLE mine (id int)');
    await client.query(`SELECT lo_from_bytea(0, 'x')`);
    await role.close();
    await role.close();
    expect(await roles('^daam_s_')).toEqual([]);
    const { rows } = await admin.query('SELECT FROM pg_stat_activity WHERE usename LIKE $1', ['daam%']);
    expect(rows).toEqual([]);
    await expect(role.elevate()).rejects.toMatchObject({ code: 'CANCELLED' });
    await client.end();
  });

  it('moves an open session to another access', async () => {
    await using store = makeStore();
    await using role = await store.openSession({ access, catalog });
    const client = await enter(role);
    await role.sealLogin();
    await role.elevate();
    const narrower = resolveAccess({ ...policy, grants: policy.grants.slice(1) }, catalog);
    await role.moveTo(narrower, catalog);
    await client.query('SELECT id FROM orders');
    await expect(client.query('SELECT id FROM customers')).rejects.toMatchObject({ code: '42501' });
    await client.end();
  });

  it('keeps the tables’ ACLs as they are through a hundred sessions at once', async () => {
    await using store = makeStore();
    await using _first = await store.openSession({ access, catalog });
    const acl = async (): Promise<unknown> =>
      (
        await admin.query(
          `SELECT relacl::text, (SELECT array_agg(attacl::text) FROM pg_attribute WHERE attrelid = c.oid) FROM pg_class c WHERE relname = 'customers'`,
        )
      ).rows;
    const before = await acl();
    const started = performance.now();
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const role = await store.openSession({ access, catalog });
        const client = await enter(role);
        await role.sealLogin();
        await role.elevate();
        await client.query('SELECT email FROM customers LIMIT 1');
        await client.end();
        await role.close();
      }),
    );
    process.stdout.write(`100 sessions in ${Math.round(performance.now() - started)} ms\n`);
    expect(await acl()).toEqual(before);
    expect((await roles('^daam_s_')).length).toBe(1);
  });

  it('reaps at once what a crashed process left, and not what is open', async () => {
    const crashed = makeStore();
    const sealed = await crashed.openSession({ access, catalog });
    const orphan = await enter(sealed);
    await sealed.sealLogin();
    await crashed.openSession({ access, catalog });
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'daam-agent'`,
    );
    await using store = makeStore();
    await using open = await store.openSession({ access, catalog });
    const client = await enter(open);
    await open.sealLogin();
    await store.start();
    expect(await roles('^daam_s_')).toEqual([open.name]);
    await expect(orphan.query('SELECT 1')).rejects.toBeDefined();
    await client.query('SELECT 1');
    await client.end();
    await orphan.end().catch(() => undefined);
    await crashed[Symbol.asyncDispose]();
  });

  it('leaves a role of another process alone until nobody can sign in with it', async () => {
    await using store = makeStore();
    await store.start();
    await using other = makeStore();
    const theirs = await other.openSession({ access, catalog });
    await store.reap();
    expect(await roles('^daam_s_')).toEqual([theirs.name]);
    await admin.query(`ALTER ROLE ${theirs.name} VALID UNTIL '2020-01-01'`);
    await store.reap();
    expect(await roles('^daam_s_')).toEqual([]);
  });

  it('takes from a group of an earlier process what it should not hold', async () => {
    const earlier = makeStore();
    const kept = await earlier.openSession({ access, catalog });
    const [group] = await roles('^daam_p_');
    await admin.query(`GRANT SELECT ON customers TO ${group}`);
    await using store = makeStore();
    await using role = await store.openSession({ access, catalog });
    const client = await enter(role);
    const expected = rights === 'superuser' ? '42501' : undefined;
    const outcome = await client.query('SELECT salary FROM customers').then(
      () => undefined,
      (error: { code: string }) => error.code,
    );
    // A grant by someone else is theirs to take back.
    expect(outcome).toBe(expected);
    expect((await client.query('SELECT id FROM customers LIMIT 1')).rows).toHaveLength(1);
    await admin.query(`REVOKE SELECT ON customers FROM ${group}`);
    await client.end();
    await kept.close();
    await earlier[Symbol.asyncDispose]();
  });

  it('goes on after its admin connection was cut', async () => {
    await using store = makeStore();
    await using role = await store.openSession({ access, catalog });
    const client = await enter(role);
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'daam-agent'`,
    );
    await delay(50);
    await role.sealLogin();
    await role.elevate();
    expect((await client.query('SELECT email FROM customers LIMIT 1')).rows).toHaveLength(1);
    await client.end();
  });

  it('removes every role that it made when it is disposed', async () => {
    const store = makeStore();
    await store.openSession({ access, catalog });
    await store[Symbol.asyncDispose]();
    expect(await roles('^daam_')).toEqual([]);
  });
});
