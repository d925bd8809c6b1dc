/** The data of the benchmark: pgbench's own tables and 100,000 people, and the policies of its two users. */
import { writeFile } from 'node:fs/promises';
import { Client } from 'pg';
import { run } from '../specs/tools.ts';

export const plainUser = 'plain@example.com';
export const maskedUser = 'masked@example.com';

/** Loads everything into the shop. */
export async function loadBenchTables(superuserDsn: string): Promise<void> {
  const url = new URL(superuserDsn);
  const env = { PGPASSWORD: decodeURIComponent(url.password) };
  const args = ['-i', '-q', '-s', '5', '-h', url.hostname, '-p', url.port, '-U', url.username, 'shop'];
  const outcome = await run('pgbench', args, { env, timeoutMs: 300_000 });
  if (outcome.code !== 0) throw new Error(`pgbench -i:\n${outcome.stderr}`);
  const client = new Client({ connectionString: superuserDsn });
  await client.connect();
  try {
    await client.query(`
      create table bench_people as
        select i as id, c.name, c.email, c.phone, c.ssn, c.card, c.region
        from generate_series(1, 100000) as i join customers as c on c.id = 1 + i % 25000;
      create table bench_notes (id int, n int, note text);
      grant insert on bench_notes to daam_agent with grant option;
      grant select on bench_people, pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history
        to daam_agent with grant option;
`);
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** Two users with the same grants; one of them sees masks on what pgbench and the stream read. */
export async function writeBenchPolicy(path: string): Promise<void> {
  const tables = [
    'bench_people',
    'pgbench_accounts',
    'pgbench_branches',
    'pgbench_tellers',
    'pgbench_history',
  ];
  const grants = [
    ...tables.map((table) => ({ table: `public.${table}`, operations: ['select'] })),
    { table: 'public.bench_notes', operations: ['insert'] },
  ];
  const masks = [
    { column: 'public.bench_people.email', preset: 'email' },
    { column: 'public.bench_people.phone', preset: 'phone' },
    { column: 'public.bench_people.ssn', preset: 'ssn' },
    { column: 'public.bench_people.card', preset: 'credit_card' },
    { column: 'public.pgbench_accounts.abalance', preset: 'partial', prefix: 1 },
  ];
  const document = {
    database: 'shop',
    policies: [
      { name: 'plain', grants, masks: [], assign: { users: [plainUser], groups: [] } },
      { name: 'masked', grants, masks, assign: { users: [maskedUser], groups: [] } },
    ],
  };
  await writeFile(path, JSON.stringify(document));
}
