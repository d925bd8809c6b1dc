import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedServer, scriptedView, startScriptedServer } from './scripted-session.ts';

let postgres: EmbeddedPostgres;
let password: string;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
  password = decodeURIComponent(new URL(postgres.superuserDsn).password);
});

afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

async function serve(
  options: Partial<Parameters<typeof startScriptedServer>[0]> = {},
): Promise<ScriptedServer> {
  return startScriptedServer({ upstream: { port: postgres.port, password }, ...options });
}

async function connect(server: ScriptedServer): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port: server.port, user: 'dev', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function code(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
  } catch (thrown) {
    return (thrown as { code?: string }).code;
  }
  throw new Error('nothing failed');
}

describe('a session', () => {
  it('serves the simple and the extended protocol and cleans up behind itself', async () => {
    await using server = await serve();
    const client = await connect(server);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect((await client.query('SELECT $1::int + 1 AS two', [1])).rows).toEqual([{ two: 2 }]);
    expect((await client.query({ name: 'p', text: 'SELECT $1::text AS t', values: ['x'] })).rows).toEqual([
      { t: 'x' },
    ]);
    expect((await client.query({ name: 'p', text: 'SELECT $1::text AS t', values: ['y'] })).rows).toEqual([
      { t: 'y' },
    ]);
    await client.end();
    await expect.poll(() => server.events.at(-1)).toBe('close');
    expect(server.events.slice(0, 2)).toEqual(['seal', 'opened']);
    expect(server.events).toContain('done SELECT 1 ok 1');
    expect(server.events).toContain('closed client');
  });

  it("refuses with the gate's words and fails the transaction as the server would", async () => {
    await using server = await serve();
    const client = await connect(server);
    expect(await code(client.query('SELECT deny!'))).toBe('42501');
    expect(await code(client.query({ text: 'SELECT deny! $1', values: [1] }))).toBe('42501');
    await client.query('BEGIN');
    expect(await code(client.query('SELECT deny!'))).toBe('42501');
    expect(await code(client.query('SELECT 1'))).toBe('25P02');
    expect(await code(client.query('SELECT deny!'))).toBe('25P02');
    await client.query('ROLLBACK');
    expect((await client.query('SELECT 2 AS n')).rows).toEqual([{ n: 2 }]);
    await client.end();
  });

  it('elevates once, before the first statement that needs it, and lowers before opaque code', async () => {
    await using server = await serve();
    const client = await connect(server);
    await client.query('SELECT 1 -- elevated!');
    await client.query({ text: 'SELECT $1::int -- elevated!', values: [1] });
    expect(server.events.filter((event) => event === 'elevate')).toHaveLength(1);
    await client.query('SELECT 2 -- opaque!');
    expect(server.events.indexOf('lower')).toBeLessThan(server.events.indexOf('allow SELECT 2 -- opaque!'));
    const notices: (string | undefined)[] = [];
    client.on('notice', (notice) => notices.push(notice.message));
    await client.query('SELECT 3 -- elevated!');
    expect(notices).toHaveLength(1);
    expect(server.events.filter((event) => event === 'elevate')).toHaveLength(1);
    await client.end();
  });

  it('elevates in the middle of a pipeline and inside a transaction', async () => {
    await using server = await serve();
    const client = await connect(server);
    await client.query('BEGIN');
    await client.query('CREATE TEMP TABLE t (a int)');
    expect((await client.query({ text: 'SELECT $1::int AS a -- elevated!', values: [7] })).rows).toEqual([
      { a: 7 },
    ]);
    await client.query('COMMIT');
    expect((await client.query('SELECT count(*)::int AS n FROM t')).rows).toEqual([{ n: 0 }]);
    expect(server.events.filter((event) => event === 'elevate')).toHaveLength(1);
    await client.end();
  });

  it('leaves no open transaction when it elevates between a Close without Sync and a Query', async () => {
    await using server = await serve();
    const client = await connect(server);
    const { connection } = client as unknown as {
      connection: {
        close(what: { type: 'S'; name: string }): void;
        on(event: 'readyForQuery', listener: (message: { status: string }) => void): void;
      };
    };
    const states: string[] = [];
    connection.on('readyForQuery', ({ status }) => void states.push(status));
    connection.close({ type: 'S', name: 'nothing' });
    expect((await client.query('SELECT 1 AS a -- elevated!')).rows).toEqual([{ a: 1 }]);
    expect((await client.query('SELECT 2 AS a -- opaque!')).rows).toEqual([{ a: 2 }]);
    expect(states).toEqual(['I', 'I']);
    await client.end();
  });

  it('offers elevation again when the transaction that a trigger tainted is over', async () => {
    await using server = await serve();
    const client = await connect(server);
    await client.query('BEGIN');
    await client.query('SELECT 1 -- trigger!');
    await client.query('SELECT 1 -- elevated!');
    expect(server.events).not.toContain('elevate');
    await client.query('COMMIT');
    await client.query('SELECT 2 -- elevated!');
    expect(server.events).toContain('elevate');
    await client.end();
  });

  it('decides a prepared statement again when its session was tainted meanwhile', async () => {
    await using server = await serve();
    const client = await connect(server);
    const text = 'SELECT $1::int AS a -- elevated!';
    await client.query({ name: 'p', text, values: [1] });
    await client.query('SELECT 1 -- opaque!');
    expect((await client.query({ name: 'p', text, values: [2] })).rows).toEqual([{ a: 2 }]);
    expect(server.events.at(-1)).toContain('done');
    await client.end();
  });

  it('runs the rewritten text and hides a position in it', async () => {
    await using server = await serve();
    const client = await connect(server);
    expect((await client.query('rewrite!a!SELECT 5 AS n')).rows).toEqual([{ n: 5 }]);
    const result = await client.query({ text: 'rewrite!a!SELECT $1::int AS n', values: [6] });
    expect(result.rows).toEqual([{ n: 6 }]);
    await client.end();
  });

  it('ends the session when a masked column reaches a result', async () => {
    const admin = new Client({ connectionString: postgres.superuserDsn });
    await admin.connect();
    await admin.query('CREATE TABLE IF NOT EXISTS people (id int, email text)');
    await admin.query("INSERT INTO people VALUES (1, 'canary-7f3a')");
    const { rows } = await admin.query<{ oid: number }>("SELECT 'people'::regclass::oid::int AS oid");
    await admin.end();
    await using server = await serve({ view: scriptedView(new Map([[rows[0]?.oid ?? 0, [2]]])) });
    const client = await connect(server);
    expect((await client.query('SELECT id FROM people')).rows).toEqual([{ id: 1 }]);
    await expect(client.query('SELECT email FROM people')).rejects.toThrow(/terminated|masked column/);
    expect(server.events).toContain('alarm result-assertion');
  });

  it("cancels a running statement by the agent's own key", async () => {
    await using server = await serve();
    const client = await connect(server);
    const running = code(client.query('SELECT pg_sleep(60)'));
    await expect.poll(() => server.events.includes('allow SELECT pg_sleep(60)')).toBe(true);
    await promisify(setTimeout)(50);
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    const canceller = new Client({ host: '127.0.0.1', port: server.port }) as unknown as {
      connection: {
        connect(port: number, host: string): void;
        cancel(pid: number, key: number): void;
        on(event: string, done: () => void): void;
      };
    };
    canceller.connection.on('connect', () => canceller.connection.cancel(processID, secretKey));
    canceller.connection.connect(server.port, '127.0.0.1');
    expect(await running).toBe('57014');
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await client.end();
  });

  it("enforces the policy's statement timeout itself", async () => {
    await using server = await serve({ limits: { statementTimeoutMs: 300 } });
    const client = await connect(server);
    await client.query('SET statement_timeout = 0');
    expect(await code(client.query('SELECT pg_sleep(60)'))).toBe('57014');
    await client.end();
  });

  it("ends the session when a result passes the policy's row limit", async () => {
    await using server = await serve({ limits: { maxRows: 10 } });
    const client = await connect(server);
    expect((await client.query('SELECT generate_series(1, 10)')).rows).toHaveLength(10);
    expect(await code(client.query('SELECT generate_series(1, 11)'))).toBe('53400');
    await expect.poll(() => server.events).toContain('closed ROW_LIMIT');
  });

  it('closes an open session with the reason when its access is revoked', async () => {
    await using server = await serve();
    const client = await connect(server);
    const ended = new Promise<string | undefined>((resolve) => {
      client.on('error', (error: Error & { code?: string }) => resolve(error.code));
    });
    await server.sessions[0]?.viewChanged(null, 'policy');
    expect(await ended).toBe('57P01');
  });

  it('takes another policy at the next message of an idle session', async () => {
    await using server = await serve();
    const client = await connect(server);
    await client.query({ name: 'p', text: 'SELECT 1 -- elevated!' });
    await server.sessions[0]?.viewChanged(scriptedView(new Map(), 'b'), 'policy');
    await client.query({ name: 'p', text: 'SELECT 1 -- elevated!' });
    expect(server.events.filter((event) => event === 'move')).toHaveLength(1);
    expect(server.events.filter((event) => event === 'elevate')).toHaveLength(2);
    await client.end();
  });

  it('takes another policy in the middle of a transaction, without a message of the client', async () => {
    await using server = await serve();
    const client = await connect(server);
    await client.query('BEGIN');
    await server.sessions[0]?.viewChanged(scriptedView(new Map(), 'b'), 'policy');
    expect(server.events.filter((event) => event === 'move')).toHaveLength(1);
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await client.query('COMMIT');
    await client.end();
  });

  it('takes another policy when a failed transaction is over', async () => {
    await using server = await serve();
    const client = await connect(server);
    await client.query('BEGIN');
    expect(await code(client.query('SELECT 1 / 0'))).toBe('22012');
    await server.sessions[0]?.viewChanged(scriptedView(new Map(), 'b'), 'policy');
    expect(await code(client.query('SELECT 1'))).toBe('25P02');
    await client.query('ROLLBACK');
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    expect(server.events.filter((event) => event === 'move')).toHaveLength(1);
    await client.end();
  });

  it('carries COPY in both directions and errors in the middle of them through psql', async () => {
    await using server = await serve();
    const psql = (sql: string, input = ''): Promise<{ stdout: string; stderr: string }> => {
      const run = promisify(execFile)(
        'psql',
        ['-X', '-At', '-h', '127.0.0.1', '-p', String(server.port), '-U', 'dev', '-d', 'postgres', '-c', sql],
        { env: { PATH: process.env.PATH ?? '' } },
      );
      run.child.stdin?.end(input);
      return run;
    };
    await psql('CREATE TABLE copied (a int, b text)');
    await psql('COPY copied FROM STDIN', '1\tx\n2\ty\n');
    expect((await psql('COPY copied TO STDOUT')).stdout).toBe('1\tx\n2\ty\n');
    await expect(psql('COPY copied FROM STDIN', 'no number\n')).rejects.toThrow(/22P02|integer/);
    expect((await psql('SELECT count(*) FROM copied')).stdout.trim()).toBe('2');
  });

  it('streams many rows unchanged', async () => {
    await using server = await serve();
    const client = await connect(server);
    const { rows } = await client.query(
      "SELECT n, repeat('x', n % 300) AS t FROM generate_series(1, 20000) n",
    );
    expect(rows).toHaveLength(20_000);
    expect(rows[12_344]).toEqual({ n: 12_345, t: 'x'.repeat(12_345 % 300) });
    await client.end();
  });
});
