import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { startGuardedDatabase } from '../testing/guarded-database.ts';

const run = promisify(execFile);

const columns = '(id int PRIMARY KEY, name text, email text, salary numeric, doc jsonb)';
const schema = `CREATE TABLE customers ${columns};
  INSERT INTO customers SELECT i, 'name ' || i, 'kanarie' || i || '@example.com', 5550000 + i, '{"k": "kanarie"}' FROM generate_series(1, 30) i;`;

const origin = { policy: 'p', version: 1 };

function policyOf(operations: EffectivePolicy['grants'][number]['operations']): EffectivePolicy {
  const mask = { schema: 'public', table: 'customers', origin };
  return {
    database: 'shop',
    grants: [{ schema: 'public', table: 'customers', operations, origin }],
    masks: [
      { ...mask, column: 'email', preset: 'email' },
      { ...mask, column: 'salary', preset: 'null' },
      { ...mask, column: 'doc', preset: 'redact' },
    ],
    rowFilters: [],
    limits: {},
    policies: [origin],
  };
}

// the tests have the pg_dump of PostgreSQL 15, which reads no newer server
describe.each([13, 14, 15] as const)('pg_dump through the agent in front of PostgreSQL %i', (major) => {
  it.each([
    ['everything', ['select', 'insert', 'update', 'delete']],
    ['select', ['select']],
  ] as const)('dumps masks with a grant of %s, and they restore', async (_, operations) => {
    await using postgres = await startEmbeddedPostgres({ major });
    await using database = await startGuardedDatabase({
      postgres,
      schema,
      policy: policyOf([...operations]),
    });
    const empty = await postgres.createDatabase('restored');
    const client = await database.connect();
    const restored = new Client({ connectionString: empty });
    await restored.connect();
    try {
      const address = ['-h', '127.0.0.1', '-p', String(database.port), '-U', 'dev', 'shop'];
      const dump = async (...options: readonly string[]): Promise<string> =>
        (await run('pg_dump', ['--data-only', '-t', 'customers', ...options, ...address])).stdout;
      for (const text of [await dump(), await dump('--inserts')]) {
        expect(text).not.toContain('kanarie');
        await restored.query(`DROP TABLE IF EXISTS customers; CREATE TABLE customers ${columns}`);
        const psql = run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', empty]);
        psql.child.stdin?.end(text);
        await psql;
        const read = 'SELECT * FROM public.customers ORDER BY id';
        expect((await restored.query(read)).rows).toEqual((await client.query(read)).rows);
        expect((await restored.query('SELECT count(*)::int AS n FROM customers')).rows).toEqual([{ n: 30 }]);
      }
    } finally {
      await client.end();
      await restored.end();
    }
  });
});
