import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';
import { SuspendedPortal } from './suspended-portal.ts';

/** enforcement.md 5: every way to read × every kind of transaction × every change, in an open session. */

const schema = `
CREATE TABLE customers (id int PRIMARY KEY, email text);
INSERT INTO customers SELECT g, 'person' || g || '@example.com' FROM generate_series(1, 2000) g;
CREATE TABLE orders (id int PRIMARY KEY);
INSERT INTO orders SELECT generate_series(1, 10);
`;

const origin = { policy: 'p', version: 1 };
const policy = (over: Partial<EffectivePolicy>): EffectivePolicy => ({
  database: 'shop',
  grants: [{ schema: 'public', table: '*', operations: ['select', 'insert', 'update'], origin }],
  masks: [],
  rowFilters: [],
  limits: {},
  policies: [origin],
  ...over,
});
const open = policy({});
const masked = policy({
  masks: [{ schema: 'public', table: 'customers', column: 'email', preset: 'email', origin }],
});
const without = policy({ grants: [{ schema: 'public', table: 'orders', operations: ['select'], origin }] });

const changes = {
  grant: { before: without, after: open },
  revoke: { before: open, after: without },
  mask: { before: open, after: masked },
  unmask: { before: masked, after: open },
} as const;
type Change = keyof typeof changes;

const query = 'SELECT email FROM customers ORDER BY id';
/** What one read gives: the values, or the SQLSTATE. */
type Seen = readonly string[] | string;

async function seen(
  run: () => Promise<{ readonly rows: readonly Record<string, unknown>[] }>,
): Promise<Seen> {
  try {
    return (await run()).rows.map((row) => String(row['email']));
  } catch (thrown) {
    return (thrown as { code?: string }).code ?? String(thrown);
  }
}

const raw = (id: number): readonly string[] => [`person${id}@example.com`];
const shown = ['p***@e***.com'];

/** A way to read: once before the change (which may be refused), once after it. */
interface Way {
  readonly before: (client: Client) => Promise<Seen>;
  readonly after: (client: Client) => Promise<Seen>;
  /** What the second read must give. */
  readonly expected: Readonly<Record<Change, Seen>>;
  readonly needsTransaction?: true;
}

const one = `${query} LIMIT 1`;
const isDenied = (before: Seen): boolean => before === '42501';

const ways: Readonly<Record<string, Way>> = {
  simple: {
    before: (client) => seen(() => client.query(one)),
    after: (client) => seen(() => client.query(one)),
    expected: { grant: raw(1), revoke: '42501', mask: shown, unmask: raw(1) },
  },
  prepared: {
    before: (client) => seen(() => client.query({ name: 'p', text: one })),
    after: (client) => seen(() => client.query({ name: 'p', text: one })),
    expected: { grant: raw(1), revoke: '42501', mask: shown, unmask: raw(1) },
  },
  'prepared in SQL': {
    before: (client) => seen(() => client.query(`PREPARE q AS ${one}`)),
    after: (client) => seen(() => client.query('EXECUTE q')),
    expected: { grant: '26000', revoke: '42501', mask: shown, unmask: raw(1) },
  },
  cursor: {
    before: async (client) => {
      const declared = await seen(() => client.query(`DECLARE c CURSOR FOR ${query}`));
      return isDenied(declared) ? declared : await seen(() => client.query('FETCH 1 FROM c'));
    },
    after: (client) => seen(() => client.query('FETCH 1 FROM c')),
    // What was opened under a mask goes on under it.
    expected: { grant: '34000', revoke: '42501', mask: '42501', unmask: shown },
    needsTransaction: true,
  },
  'cursor WITH HOLD': {
    before: async (client) => {
      const declared = await seen(() => client.query(`DECLARE h CURSOR WITH HOLD FOR ${query}`));
      return isDenied(declared) ? declared : await seen(() => client.query('FETCH 1 FROM h'));
    },
    after: (client) => seen(() => client.query('FETCH 1 FROM h')),
    expected: { grant: '34000', revoke: '42501', mask: '42501', unmask: shown },
  },
  DO: {
    before: async () => [],
    after: (client) =>
      seen(() =>
        client.query(
          `DO $$ DECLARE e text; BEGIN SELECT email INTO STRICT e FROM customers WHERE id = 1; END $$`,
        ),
      ),
    expected: { grant: [], revoke: '42501', mask: '42501', unmask: [] },
  },
};

const transactions = {
  autocommit: null,
  'read committed': 'BEGIN ISOLATION LEVEL READ COMMITTED',
  'repeatable read': 'BEGIN ISOLATION LEVEL REPEATABLE READ',
} as const;

const cases = Object.entries(ways).flatMap(([way, { needsTransaction }]) =>
  Object.keys(transactions)
    .filter((transaction) => needsTransaction !== true || transaction !== 'autocommit')
    .flatMap((transaction) => Object.keys(changes).map((change) => [change, way, transaction] as const)),
);

describe.each([13, 18] as const)('a change of policy on PostgreSQL %i', (major) => {
  let postgres: EmbeddedPostgres;
  let database: GuardedDatabase;
  let client: Client;

  beforeAll(async () => {
    postgres = await startEmbeddedPostgres({ major });
    database = await startGuardedDatabase({ postgres, schema, policy: open });
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await database.setPolicy(open);
    client = await database.connect();
  });
  afterEach(async () => {
    await client.end().catch(() => undefined);
  });

  it.each(cases)('%s reaches %s in %s', async (change, way, transaction) => {
    const { before, after } = changes[change as Change];
    const tested = ways[way] as Way;
    await database.setPolicy(before);
    const begin = transactions[transaction as keyof typeof transactions];
    if (begin !== null) await client.query(`${begin}; SELECT 1 FROM orders LIMIT 1`);
    if (begin !== null) await client.query('SAVEPOINT s');
    if (isDenied(await tested.before(client)) && begin !== null) await client.query('ROLLBACK TO s');
    await database.setPolicy(after);
    expect(await tested.after(client)).toEqual(tested.expected[change as Change]);
  });

  it.each([
    ['revoke', { code: '42501' }],
    ['mask', { code: '42501' }],
    ['unmask', { rows: [shown] }],
  ] as const)('%s reaches a portal that is suspended in the middle of its rows', async (change, expected) => {
    await database.setPolicy(changes[change].before);
    const portal = SuspendedPortal.open(client, query);
    expect(await portal.fetch(1)).toMatchObject({ rows: [expect.anything()] });
    await database.setPolicy(changes[change].after);
    expect(await portal.fetch(1)).toEqual(expected);
    await portal.close();
    expect(
      await seen(() => client.query('SELECT id::text AS email FROM orders ORDER BY id LIMIT 1')),
    ).toEqual(['1']);
  });

  it('goes on in a failed transaction, whose cursor is closed as soon as it lives again', async () => {
    await database.setPolicy(open);
    await client.query('BEGIN');
    await client.query(`DECLARE c CURSOR FOR ${query}`);
    await client.query('SAVEPOINT s');
    expect(await seen(() => client.query('SELECT 1 / 0'))).toBe('22012');
    await database.setPolicy(masked);
    expect(await seen(() => client.query('FETCH 1 FROM c'))).toBe('25P02');
    await client.query('ROLLBACK TO s');
    expect(await seen(() => client.query('FETCH 1 FROM c'))).toBe('42501');
    await client.query('ROLLBACK');
    expect(await seen(() => client.query(one))).toEqual(shown);
  });

  it('gives a statement that was prepared in SQL back when the table is granted again', async () => {
    await client.query(`PREPARE again AS ${one}`);
    await database.setPolicy(without);
    expect(await seen(() => client.query('EXECUTE again'))).toBe('42501');
    await database.setPolicy(masked);
    expect(await seen(() => client.query('EXECUTE again'))).toEqual(shown);
    await database.setPolicy(open);
    expect(await seen(() => client.query('EXECUTE again'))).toEqual(raw(1));
  });

  it('leaves a cursor alone that reads nothing of what was taken away', async () => {
    await database.setPolicy(open);
    await client.query('BEGIN');
    await client.query('DECLARE c CURSOR FOR SELECT id::text AS email FROM orders ORDER BY id');
    await client.query('FETCH 1 FROM c');
    await database.setPolicy(masked);
    expect(await seen(() => client.query('FETCH 1 FROM c'))).toEqual(['2']);
    await client.query('COMMIT');
  });

  it('cancels a running statement that is now forbidden, and the session goes on', async () => {
    await database.setPolicy(open);
    const running = seen(() =>
      client.query('SELECT count(*) FROM customers, generate_series(1, 1000000000) g'),
    );
    await expect.poll(() => runs(database, 'generate_series')).toBe(true);
    await database.setPolicy(without);
    expect(await running).toBe('42501');
    expect(
      await seen(() => client.query('SELECT id::text AS email FROM orders ORDER BY id LIMIT 1')),
    ).toEqual(['1']);
  });

  it('lets a running statement end that both policies allow', async () => {
    await database.setPolicy(open);
    const running = seen(() =>
      client.query('SELECT max(g)::text AS email FROM orders, generate_series(1, 300000) g'),
    );
    await database.setPolicy(without);
    expect(await running).toEqual(['300000']);
    expect(await seen(() => client.query(one))).toBe('42501');
  });

  it('cancels code that runs and that the gate cannot see into', async () => {
    await database.setPolicy(open);
    const running = seen(() =>
      client.query(
        `DO $$ BEGIN LOOP PERFORM count(*) FROM customers; PERFORM pg_sleep(0.005); END LOOP; END $$`,
      ),
    );
    await expect.poll(() => runs(database, 'LOOP')).toBe(true);
    await database.setPolicy(without);
    expect(await running).toBe('42501');
  });

  it('ends a session whose running statement cannot be cancelled, because its client does not read', async () => {
    await database.setPolicy(open);
    const stream = (client as unknown as { connection: { stream: { pause(): void } } }).connection.stream;
    const running = seen(() =>
      client.query('SELECT repeat(email, 100) AS email FROM customers, generate_series(1, 1000) g'),
    );
    stream.pause();
    // Until the server cannot send either: then it does not heed a cancel.
    await expect.poll(() => isBlocked(database), { timeout: 20_000 }).toBe(true);
    await database.setPolicy(without);
    await expect.poll(() => database.sessions.length, { timeout: 40_000 }).toBe(0);
    expect(database.events.at(-1)).toBe('closed POLICY_REVOKED');
    (stream as unknown as { resume(): void }).resume();
    expect(typeof (await running)).toBe('string');
  });

  it('takes away everything with the reason', async () => {
    await database.setPolicy(open);
    await client.query('SELECT 1');
    const ended = new Promise<{ code?: string; message: string }>((resolve) => client.on('error', resolve));
    await database.setPolicy(null);
    expect(await ended).toMatchObject({ code: '57P01', message: 'policy revoked' });
  });

  it.each([
    ['mask', 'goes on where the policy still allows it', [null]],
    // A server that waits for COPY data hears of the cancel only with the next of them.
    ['revoke', 'is cancelled or cut off where it does not', ['42501', '57P01']],
  ] as const)('%s in the middle of a COPY from the client: it %s', async (change, _, expected) => {
    await database.setPolicy(changes[change].before);
    const id = 10_000 + Math.floor(Math.random() * 1_000_000);
    const psql = copyIn(database.port);
    psql.write(`${id}\tfirst\n`);
    await expect.poll(() => runs(database, 'COPY customers')).toBe(true);
    const inForce = database.setPolicy(changes[change].after);
    psql.write(`${id + 1}\tsecond\n`);
    await inForce;
    expect(expected).toContain(sqlstateOf(await psql.end()));
    const { rows } = await database.admin.query('SELECT id FROM customers WHERE id IN ($1, $2)', [
      id,
      id + 1,
    ]);
    expect(rows).toHaveLength(change === 'mask' ? 2 : 0);
  });
});

/** psql in the middle of COPY customers FROM STDIN. */
function copyIn(port: number): { write(text: string): void; end(): Promise<string> } {
  const child = spawn(
    'psql',
    [
      '-X',
      '-v',
      'VERBOSITY=verbose',
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'dev',
      '-d',
      'shop',
      '-c',
      'COPY customers FROM STDIN',
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  return {
    write: (text) => void child.stdin.write(text),
    end: async () => {
      child.stdin.end();
      await once(child, 'close');
      return stderr;
    },
  };
}

function sqlstateOf(stderr: string): string | null {
  return /(?:ERROR|FATAL):\s+([0-9A-Z]{5}):/.exec(stderr)?.[1] ?? null;
}

async function runs(database: GuardedDatabase, text: string): Promise<boolean> {
  const { rows } = await database.admin.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename ~ '^daam_s_' AND state = 'active' AND position($1 in query) > 0`,
    [text],
  );
  return (rows[0]?.n ?? 0) > 0;
}

async function isBlocked(database: GuardedDatabase): Promise<boolean> {
  const { rows } = await database.admin.query(
    `SELECT FROM pg_stat_activity WHERE usename ~ '^daam_s_' AND wait_event = 'ClientWrite'`,
  );
  return rows.length > 0;
}
