import { Secret } from '@daam/shared/base/secret';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { loadSampleShop } from './load-sample-shop.ts';

async function rows(dsn: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test.each([13, 18] as const)('the sample shop loads on PostgreSQL %i with the same rows', async (major) => {
  await using server = await startEmbeddedPostgres({ major });
  const shop = await loadSampleShop(server, new Secret('first'));
  const [counts] = await rows(
    shop.superuserDsn,
    `select (select count(*)::int from customers) as customers, (select count(distinct email)::int from customers) as emails,
       (select count(*)::int from orders) as orders, (select count(*)::int from events_2026_02) as february`,
  );
  expect(counts).toEqual({ customers: 25000, emails: 25000, orders: 40000, february: 13226 });
  const [first] = await rows(shop.superuserDsn, 'select name, email, ssn, card from customers where id = 1');
  expect(first).toMatchInlineSnapshot(`
    {
      "card": "4111-1111-7211-5477",
      "email": "noah.quinn1@example.net",
      "name": "Noah Quinn",
      "ssn": "992-11-7272",
    }
  `);
});

test('the agent role may pass on what it has, is no superuser, and takes a new password at the next start', async () => {
  await using server = await startEmbeddedPostgres();
  await loadSampleShop(server, new Secret('first'));
  const shop = await loadSampleShop(server, new Secret('second'));
  const agent = shop.agentDsn.reveal();
  const [role] = await rows(
    agent,
    'select rolsuper, rolcreaterole from pg_roles where rolname = current_user',
  );
  expect(role).toEqual({ rolsuper: false, rolcreaterole: true });
  await rows(
    agent,
    'create role probe; grant select (id) on customers to probe; grant usage on schema sales to probe',
  );
  await rows(
    agent,
    'revoke select (id) on customers from probe; revoke usage on schema sales from probe; drop role probe',
  );
  await expect(rows(agent.replace('second', 'first'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
});
