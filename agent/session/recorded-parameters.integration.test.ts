import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';

/** Values that clients bind, as the audit is told of them: where a policy says so, and never about a masked table. */
const origin = { policy: 'p', version: 1 };
const key = Buffer.alloc(32, 7);
const quiet: EffectivePolicy = {
  database: 'shop',
  grants: [{ schema: 'public', table: '*', operations: ['select', 'insert', 'update'], origin }],
  masks: [
    { schema: 'public', table: 'customers', column: 'email', preset: 'email', origin },
    { schema: 'public', table: 'customers', column: 'name', preset: 'pseudonym', origin },
  ],
  rowFilters: [],
  limits: {},
  policies: [origin],
};
const recording: EffectivePolicy = { ...quiet, audit: { parameters: true } };
const schema = `
  create table customers (id int primary key, name text, email text, city text);
  create table orders (id int primary key, note text);
  create view mails as select id, email from customers;
  create function put_mail(int, text) returns void language sql as
    $$ update customers set email = $2 where id = $1 $$;
  create table inbox (id int, note text);
  create function from_inbox() returns trigger language plpgsql as
    $$ begin update customers set email = new.note where id = new.id; return new; end $$;
  create trigger kept after insert on inbox for each row execute function from_inbox();`;

describe('parameters', () => {
  let server: EmbeddedPostgres;
  let agent: GuardedDatabase;
  let client: Client;

  beforeAll(async () => {
    server = await startEmbeddedPostgres();
    agent = await startGuardedDatabase({ postgres: server, schema, policy: recording, pseudonymKey: key });
    client = await agent.connect();
  });
  afterAll(async () => {
    await client?.end();
    await agent?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await agent.setPolicy(recording);
    agent.recorded.length = 0;
  });

  const values = () => agent.recorded.map(({ parameters }) => parameters.map(({ value }) => value));
  const states = () => agent.recorded.map(({ parameters }) => parameters.map(({ state }) => state));

  it('are recorded with each statement that runs, in the order of their numbers', async () => {
    await client.query('insert into orders values ($1, $2)', [1, "it's"]);
    await client.query('select * from orders where note = $2 and id = $1', [1, null]);
    expect(values()).toEqual([
      ['1', "it's"],
      ['1', null],
    ]);
    expect(states()[1]).toEqual(['value', 'null']);
  });

  it('are recorded for each run of what was prepared once', async () => {
    for (const id of [5, 6]) await client.query({ name: 'one', text: 'select $1::int', values: [id] });
    expect(values()).toEqual([['5'], ['6']]);
  });

  it.each([
    ['compares with a masked column', 'select id from customers where email = $1', ['a@secret.example']],
    ['shows a masked column', 'select email, $1::text from customers', ['secret']],
    [
      'compares with an open column of a masked table',
      'select id from customers where city = $1',
      ['secret'],
    ],
    ['writes a masked column', 'insert into customers (id, email) values ($1, $2)', [7, 'b@secret.example']],
    ['changes one', 'update customers set email = $1 where id = $2', ['c@secret.example', 7]],
    ['reads a masked column through a view', 'select id from mails where email = $1', ['secret']],
    ['calls a function that nobody vouched for', 'select put_mail($1, $2)', [7, 'd@secret.example']],
    ['sets off a trigger', 'insert into inbox values ($1, $2)', [7, 'e@secret.example']],
    ['shows pseudonyms', 'select name from customers where id = $1', [7]],
  ])('are withheld in a statement that %s', async (_, text, given) => {
    await client.query(text, given);
    expect(states()).toEqual([given.map(() => 'masked')]);
    expect(JSON.stringify(agent.recorded)).not.toContain('secret');
    expect(JSON.stringify(agent.recorded)).not.toContain(key.toString('hex'));
  });

  it('are withheld after code that nobody vouched for, while what it may have left is there', async () => {
    await client.query('begin');
    await client.query('insert into inbox values (1, null)');
    await client.query('select $1::text', ['secret']);
    await client.query('commit');
    await client.query('select $1::text', ['told']);
    expect(values()).toEqual([[null], ['told']]);
    expect(states()).toEqual([['masked'], ['value']]);
    agent.recorded.length = 0;
    await client.query('do $$ begin perform put_mail(1, null); end $$');
    await client.query('select $1::text', ['secret']);
    await client.query('discard all');
    await client.query('select $1::text', ['told']);
    expect(states()).toEqual([['masked'], ['value']]);
  });

  it('are recorded with such code, too, where the policy masks nothing', async () => {
    await agent.setPolicy({ ...recording, masks: [] });
    await client.query('insert into inbox values ($1, $2)', [7, 'open']);
    expect(values()).toEqual([['7', 'open']]);
  });

  it('are not recorded where no policy says so, from the moment that one changes', async () => {
    await agent.setPolicy(quiet);
    await client.query('select $1::text', ['quiet']);
    expect(agent.recorded).toEqual([]);
    await agent.setPolicy(recording);
    await client.query('select $1::text', ['told']);
    expect(values()).toEqual([['told']]);
  });
});
