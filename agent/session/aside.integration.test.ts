import type { Verdict } from '@daam/shared/sql/verdict';
import { encodeBind } from '@daam/shared/pgwire/bind';
import { encodeExecute } from '@daam/shared/pgwire/execute';
import { encodeParse } from '@daam/shared/pgwire/parse';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { encodeSync } from '@daam/shared/pgwire/sync';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessView } from '../enforce/decisions.ts';
import {
  type ScriptedServer,
  scriptedVerdict,
  scriptedView,
  startScriptedServer,
} from './scripted-session.ts';

let postgres: EmbeddedPostgres;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
});

afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

/** An analysis thread in the test's hands: `later!` in a text makes it wait until the test lets it be decided. */
function held(fingerprint = 'a') {
  const waiting: { readonly sql: string; readonly decide: () => void }[] = [];
  const decide = (sql: string, isElevated: boolean): Verdict => scriptedVerdict(sql, isElevated);
  const view: AccessView = {
    ...scriptedView(new Map(), fingerprint),
    analysis: {
      quick: (sql, names) => (sql.includes('later!') ? null : decide(sql, names.elevationAvailable)),
      later: (sql, names) =>
        new Promise((resolve) => {
          waiting.push({ sql, decide: () => resolve(decide(sql, names.elevationAvailable)) });
        }),
      explain: () => Promise.reject(new TypeError('nobody asks')),
    },
  };
  const next = async (): Promise<{ readonly sql: string; readonly decide: () => void }> => {
    await expect.poll(() => waiting.length).toBeGreaterThan(0);
    return waiting.shift() as (typeof waiting)[number];
  };
  return { view, next, waiting };
}

async function serve(view: AccessView): Promise<ScriptedServer> {
  const password = decodeURIComponent(new URL(postgres.superuserDsn).password);
  return await startScriptedServer({ upstream: { port: postgres.port, password }, view });
}

async function connect(server: ScriptedServer): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port: server.port, user: 'dev', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const ran = (server: ScriptedServer): string[] =>
  server.events.filter((event) => /^(allow|deny) /.test(event));

describe('a statement whose analysis takes long', () => {
  it('holds up nobody else, in the simple and in the extended protocol', async () => {
    const thread = held();
    await using server = await serve(thread.view);
    const [slow, quick] = [await connect(server), await connect(server)];
    for (const query of ['SELECT 1 AS n -- later!', { text: 'SELECT $1::int AS n -- later!', values: [1] }]) {
      const result = slow.query(query as string);
      const asked = await thread.next();
      expect((await quick.query('SELECT 2 AS n')).rows).toEqual([{ n: 2 }]);
      expect((await quick.query({ text: 'SELECT $1::int AS n', values: [3] })).rows).toEqual([{ n: 3 }]);
      asked.decide();
      expect((await result).rows).toEqual([{ n: 1 }]);
    }
    await Promise.all([slow.end(), quick.end()]);
  });

  it('keeps its place in a pipeline: what was before is answered, what is behind waits', async () => {
    const thread = held();
    await using server = await serve(thread.view);
    const client = await connect(server);
    const { stream } = (client as unknown as { connection: { stream: { write(bytes: Buffer): void } } })
      .connection;
    const ready: number[] = [];
    (client as unknown as { connection: { on(event: string, hear: () => void): void } }).connection.on(
      'readyForQuery',
      () => ready.push(ready.length),
    );
    const extended = (sql: string): Buffer[] => [
      encodeParse({ name: '', sql, parameterTypes: [] }),
      encodeBind({ portal: '', statement: '', parameterFormats: [], parameters: [], resultFormats: [] }),
      encodeExecute({ portal: '', maxRows: 0 }),
      encodeSync(),
    ];
    stream.write(
      Buffer.concat([
        encodeQuery({ sql: 'SELECT 1' }),
        encodeQuery({ sql: 'SELECT 2 -- later!' }),
        ...extended('SELECT 3'),
        ...extended('SELECT 4 -- later!'),
        encodeQuery({ sql: 'SELECT 5' }),
      ]),
    );
    const second = await thread.next();
    await expect.poll(() => ready.length).toBe(1);
    expect(ran(server)).toEqual(['allow SELECT 1']);
    second.decide();
    const fourth = await thread.next();
    await expect.poll(() => ready.length).toBe(3);
    fourth.decide();
    await expect.poll(() => ready.length).toBe(5);
    expect(ran(server)).toEqual([
      'allow SELECT 1',
      'allow SELECT 2 -- later!',
      'allow SELECT 3',
      'allow SELECT 4 -- later!',
      'allow SELECT 5',
    ]);
    await client.end();
  });

  it('is refused like any other, and the transaction fails as on the server', async () => {
    const thread = held();
    await using server = await serve(thread.view);
    const client = await connect(server);
    await client.query('BEGIN');
    const refused = client.query('SELECT deny! later!').catch((error: { code?: string }) => error.code);
    (await thread.next()).decide();
    expect(await refused).toBe('42501');
    const failed = client.query('SELECT 1').catch((error: { code?: string }) => error.code);
    expect(await failed).toBe('25P02');
    await client.query('ROLLBACK');
    await client.end();
  });

  it('elevates the session when its verdict needs that', async () => {
    const thread = held();
    await using server = await serve(thread.view);
    const client = await connect(server);
    const result = client.query({ text: 'SELECT $1::int AS n -- elevated! later!', values: [7] });
    (await thread.next()).decide();
    expect((await result).rows).toEqual([{ n: 7 }]);
    expect(server.events).toContain('elevate');
    await client.end();
  });

  it('does not keep a changed policy waiting, and is decided under the new one', async () => {
    const thread = held();
    const stricter = held('b');
    await using server = await serve(thread.view);
    const client = await connect(server);
    const result = client.query('SELECT 1 AS n -- later!');
    const old = await thread.next();
    await server.sessions[0]?.viewChanged(stricter.view, 'policy');
    expect(server.events).toContain('move');
    expect(ran(server)).toEqual([]);
    old.decide();
    (await stricter.next()).decide();
    expect((await result).rows).toEqual([{ n: 1 }]);
    expect(ran(server)).toHaveLength(1);
    await client.end();
  });

  it('ends with its session', async () => {
    const thread = held();
    await using server = await serve(thread.view);
    const client = await connect(server);
    const ended = client.query('SELECT 1 -- later!').catch((error: { code?: string }) => error.code);
    const asked = await thread.next();
    await server.sessions[0]?.viewChanged(null, 'policy');
    expect(await ended).toBe('57P01');
    asked.decide();
    await expect.poll(() => server.events.at(-1)).toBe('close');
    expect(server.events.filter((event) => event.startsWith('done'))).toEqual([]);
  });
});
