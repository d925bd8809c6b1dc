/** The main job, end to end: psql on the developer's local port sees the sample shop through its policy. */
import { once } from 'node:events';
import tls from 'node:tls';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maskedLine, type RealCustomer, secretsOf } from './expected-masks.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { findTool, psql, sqlstateOf } from './tools.ts';

const hasPsql = findTool('psql', 'what psql sees through the local port') !== null;

describe.skipIf(!hasPsql)('psql through the local port', () => {
  let system: RunningSystem;
  let dsn: string;
  let real: RealCustomer[];

  beforeAll(async () => {
    system = await startRunningSystem();
    dsn = system.ready.developer.local.dsn;
    real = await readRealCustomers(system.ready.upstream.dsn);
  });

  afterAll(async () => {
    await system[Symbol.asyncDispose]();
  });

  test('the ready object is one line and has what the documentation promises', () => {
    const { ready, stdout, portBase } = system;
    expect(stdout).toHaveLength(1);
    expect(ready).toMatchObject({
      ready: true,
      controlPlane: { url: `http://localhost:${portBase}` },
      relay: { url: `ws://localhost:${portBase + 20}/relay/v1` },
      agent: { listen: `127.0.0.1:${portBase + 30}`, health: `http://127.0.0.1:${portBase + 31}` },
      admin: { email: 'admin@example.com' },
      developer: {
        email: 'dev@example.com',
        local: { host: '127.0.0.1', port: portBase + 40, user: 'dev', database: 'shop' },
      },
    });
    expect(dsn).toBe(`postgres://dev@127.0.0.1:${portBase + 40}/shop`);
  });

  test('the agent’s own port, beside the tunnel, takes TLS and a preface, and nothing else', async () => {
    const [host = '', port = ''] = system.ready.agent.listen.split(':');
    const at = { host, port: Number(port) };
    // A client of PostgreSQL that knows no more than the address.
    const plain = await psql(`postgres://dev@${host}:${port}/shop?sslmode=disable`, 'select 1');
    expect([plain.code, plain.stdout]).toEqual([2, '']);
    const secured = tls.connect({ ...at, rejectUnauthorized: false });
    await once(secured, 'secureConnect');
    expect(secured.getProtocol()).toBe('TLSv1.3');
    secured.write('{"v":1,"certificate":"e30.e30.c2ln","grant":null,"database":"shop"}\n');
    const [line] = (await once(secured, 'data')) as [Buffer];
    expect(JSON.parse(line.toString())).toMatchObject({ ok: false });
    secured.destroy();
  });

  test('every preset shows as the documentation says', async () => {
    const { stdout, code } = await psql(
      dsn,
      'select email, phone, ssn, card, salary from customers where id <= 60 order by id',
    );
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual(real.map(maskedLine));
  });

  test('redacted columns are typed nulls and unmasked columns are the real ones', async () => {
    const { stdout } = await psql(
      dsn,
      'select name, birth_date is null, doc is null from customers where id = 1',
    );
    expect(stdout.trim()).toBe(`${real[0]?.name}|t|t`);
  });

  test.each([
    '\\d customers',
    '\\dt+',
    '\\df',
    '\\l',
    '\\dn+',
    '\\d+ customer_contacts',
    '\\dp',
    '\\du',
    '\\di',
  ])('%s answers as it does without DAAM', async (command) => {
    const direct = await psql(system.ready.upstream.dsn, command);
    const through = await psql(dsn, command);
    // An older psql has commands that a newer server refuses; then both answer alike.
    expect([through.code, sqlstateOf(through)]).toEqual([direct.code, sqlstateOf(direct)]);
  });

  test('\\d and \\dt show the tables with their columns', async () => {
    expect((await psql(dsn, '\\d customers')).stdout).toContain('birth_date');
    const { stdout } = await psql(dsn, '\\dt');
    for (const table of ['customers', 'orders', 'products']) expect(stdout).toContain(`|${table}|`);
  });

  test('a table that no policy names is refused with table, rule and hint', async () => {
    const refused = await psql(dsn, 'select * from payments');
    expect(refused.code).not.toBe(0);
    expect(sqlstateOf(refused)).toBe('42501');
    expect(refused.stderr).toMatch(/payments/);
    expect(refused.stderr).toMatch(/HINT: {2}\S/);
    expect(refused.stdout).toBe('');
  });

  test('an unmasked column can be updated, and its trigger runs', async () => {
    const updated = await psql(dsn, "update customers set note = 'x' where id = 1");
    expect([updated.code, updated.stdout.trim()]).toEqual([0, 'UPDATE 1']);
    const { stdout } = await psql(
      system.ready.upstream.dsn,
      "select note, updated_at > now() - interval '5 minutes', email from customers where id = 1",
    );
    expect(stdout.trim()).toBe(`x|t|${real[0]?.email}`);
  });

  test.each([
    'select substr(email, 1, 9) from customers where id <= 60',
    'select row_to_json(c) from customers as c where id <= 60',
    'select c::text from customers as c where id <= 60',
    'select c from customers as c where id <= 60',
    'select email from customers where id <= 30 union select ssn from customers where id <= 60',
    'with x as (select * from customers where id <= 60) select email, ssn, card, phone, salary from x',
    'select email::int from customers where id <= 60',
    'select salary::text, birth_date::text, doc::text from customers where id <= 60',
    'select * from customers where id <= 60',
    'select * from (select email as e, ssn as s from customers where id <= 60) as y',
    'select (select email from customers as i where i.id = o.id) from customers as o where id <= 60',
    'select string_agg(email, chr(44)) from customers where id <= 60',
    'select max(email), min(ssn) from customers',
    'select * from customer_contacts where id <= 60',
    'copy (select email, ssn from customers where id <= 60) to stdout',
    "select email from customers where email like 'a%'",
    'select 1 from customers where id = 1 and 1 / (length(email) - length(email)) = 0',
    'update customers set note = email where id <= 3 returning note, email',
    "insert into customers (name, email, region) values ('n', 'noah.quinn1@example.net', 'north')",
    "do $$ declare e text; begin select email into e from customers where id = 1; raise exception '%', e; end $$",
    'select customer_email(1)',
    "select most_common_vals from pg_stats where tablename = 'customers'",
    'explain (verbose, analyze) select email from customers where id <= 60',
  ])('nothing real is seen in what comes back from: %s', async (statement) => {
    const { stdout, stderr } = await psql(dsn, statement);
    // What the statement says itself is echoed by error positions.
    const seen = `${stdout}${stderr}`.replaceAll(statement, '');
    const told = real.flatMap(secretsOf).filter((text) => !statement.includes(text));
    expect(told.filter((text) => seen.includes(text))).toEqual([]);
  });

  test('masked columns still work in expressions, unions, common table expressions and joins', async () => {
    const first = maskedLine(real[0] as RealCustomer).split('|')[0] ?? '';
    const statements = [
      'select substr(email, 1, 9) from customers where id = 1',
      'select email from customers where id = 1 union select email from customers where id = 1',
      'with x as (select email, id from customers) select email from x where id = 1',
      'select c.email from customers as c left join orders as o on o.customer_id = c.id where c.id = 1 limit 1',
    ];
    const answers = await Promise.all(
      statements.map(async (statement) => (await psql(dsn, statement)).stdout.trim()),
    );
    expect(answers).toEqual([first.slice(0, 9), first, first, first]);
  });

  test('an address is found by equality, never by pattern or order', async () => {
    const [one] = real;
    const found = await psql(dsn, `select id from customers where email = '${one?.email}'`);
    expect(found.stdout.trim()).toBe('1');
    const like = await psql(
      dsn,
      `select count(*) from customers where email like '${one?.email.slice(0, 8)}%'`,
    );
    expect(like.stdout.trim()).toBe('0');
    const range = await psql(
      dsn,
      `select count(*) from customers where email between '${one?.email}' and '${one?.email}~'`,
    );
    expect(range.stdout.trim()).toBe('0');
  });

  test('a session is its own role, which cannot log in by itself', async () => {
    const client = new Client({ connectionString: dsn });
    await client.connect();
    const roles = await psql(
      system.ready.upstream.dsn,
      "select rolcanlogin from pg_roles where rolname ~ '^daam_s_'",
    );
    expect(roles.stdout.trim()).toBe('f');
    await client.end();
  });

  test('every statement is in the audit store, and its chain verifies', async () => {
    await psql(dsn, "select 'a marker for the audit'");
    await expect
      .poll(async () => await auditTexts(system), { timeout: 20_000 })
      .toContain("select 'a marker for the audit'");
    const verified = await callAdmin(system, '/api/v1/audit/verify');
    expect(verified).toMatchObject({ ok: true });
  });
});

describe.skipIf(!hasPsql)('other server versions', () => {
  test.each(['13', '15'])('PostgreSQL %s: masks hold and psql can look around', async (major) => {
    await using system = await startRunningSystem(['--postgres', major]);
    const { dsn } = system.ready.developer.local;
    const real = await readRealCustomers(system.ready.upstream.dsn);
    const { stdout } = await psql(
      dsn,
      'select email, phone, ssn, card, salary from customers where id <= 60 order by id',
    );
    expect(stdout.trimEnd().split('\n')).toEqual(real.map(maskedLine));
    for (const command of ['\\d customers', '\\dt+', '\\df', '\\l', '\\dn+']) {
      const { code, stderr } = await psql(dsn, command);
      expect([command, code, stderr]).toEqual([command, 0, '']);
    }
    expect(sqlstateOf(await psql(dsn, 'select * from payments'))).toBe('42501');
  });
});

async function readRealCustomers(dsn: string): Promise<RealCustomer[]> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    const columns = 'id::text, name, email, phone, ssn, card, salary::text';
    return (
      await client.query<RealCustomer>(
        `select ${columns} from customers where id <= 60 order by customers.id`,
      )
    ).rows;
  } finally {
    await client.end();
  }
}

async function callAdmin({ ready }: RunningSystem, path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${ready.admin.apiToken}` };
  const response = await fetch(new URL(path, ready.controlPlane.url), { headers });
  return await response.json();
}

async function auditTexts(system: RunningSystem): Promise<string[]> {
  const page = (await callAdmin(system, '/api/v1/audit/statements?limit=200')) as {
    items: { event: Record<string, unknown> }[];
  };
  return page.items.map(({ event }) => String(event['text']));
}
