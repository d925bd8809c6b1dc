import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PackedRows } from '../../ipc/packed-rows.ts';
import type { BridgeEvent, HistoryEntry, Params, Query, QueryResult } from '../../ipc/schema.ts';
import { StateFolder } from '../state-folder.ts';
import { QueryService } from './query-service.ts';

/** The runner against a real server, without an agent: what masks are is tested with one, in e2e. */

let postgres: EmbeddedPostgres;
let folder: string;
let service: QueryService;
let events: BridgeEvent[];
let remembered: Omit<HistoryEntry, 'id'>[];
let isProduction = false;

const schema = `
CREATE TABLE customers (id int PRIMARY KEY, name text, email text, note text);
INSERT INTO customers SELECT g, 'person ' || g, 'p' || g || '@example.com', NULLIF(g % 3, 0)::text FROM generate_series(1, 2500) g;
`;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
  const { Client } = await import('pg');
  const client = new Client({ connectionString: postgres.superuserDsn });
  await client.connect();
  await client.query(schema);
  await client.end();
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-query-'));
  isProduction = false;
  events = [];
  remembered = [];
  service = await start();
});
afterEach(async () => {
  await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: { readonly idleMs?: number } = {}): Promise<QueryService> {
  const { port, superuserDsn } = postgres;
  const password = new Secret(decodeURIComponent(new URL(superuserDsn).password));
  return new QueryService({
    ...options,
    state: await StateFolder.open(folder),
    connect: async () => ({
      database: 'postgres',
      databaseId: 'db',
      host: '127.0.0.1',
      port,
      user: 'postgres',
      dsn: '',
      since: 0,
      clients: 0,
      path: null,
      relay: null,
      failure: null,
    }),
    localPassword: async () => password,
    databaseOf: async () => ({ name: 'orders', isProduction }),
    api: async () => Promise.reject(new Error('nobody asks')),
    settings: async () => ({ confirmRisky: true, exportFolder: join(folder, 'exports') }),
    remember: (entry) => remembered.push(entry),
    emit: (event) => events.push(event),
    now: () => Date.now(),
  });
}

const asked = (sql: string, changes: Partial<Params<'runQuery'>> = {}): Params<'runQuery'> => ({
  tab: 'tab',
  database: 'db',
  sql,
  mode: 'run',
  transaction: 'auto',
  stopOnError: true,
  keepResults: false,
  confirmed: false,
  ...changes,
});

const queryNow = (tab = 'tab'): Query =>
  events
    .flatMap((event) =>
      event.event === 'queryChanged' && event.payload.query.tab === tab ? [event.payload.query] : [],
    )
    .at(-1) ?? expect.fail('nothing was told');
const resultNow = (id: string): QueryResult =>
  events
    .flatMap((event) =>
      event.event === 'resultChanged' && event.payload.result.id === id ? [event.payload.result] : [],
    )
    .at(-1) ?? expect.fail('nothing was told');

async function whenEnded(): Promise<Query> {
  await expect.poll(() => queryNow().run?.state, { timeout: 20_000 }).not.toMatch(/running|cancelling/);
  await expect.poll(() => queryNow().session.kind).not.toBe('opening');
  return queryNow();
}

async function run(sql: string, changes: Partial<Params<'runQuery'>> = {}): Promise<Query> {
  const started = await service.methods.runQuery(asked(sql, changes));
  expect(started.kind).toBe('started');
  return await whenEnded();
}

const exportOf = (result: string): Params<'startExport'> => ({
  result,
  view: null,
  format: 'csv',
  columns: null,
  rows: 'loaded',
  hasHeader: true,
  delimiter: ',',
  nullText: '',
  hasByteOrderMark: false,
});

const states = (query: Query): string[] => query.run?.statements.map(({ state }) => state) ?? [];
const resultOf = (query: Query, index = 0): string =>
  query.run?.statements[index]?.result ?? expect.fail('no result');

async function cells(
  result: string,
  first: number,
  rows: number,
  view: string | null = null,
): Promise<(string | null)[][]> {
  const window = await service.methods.readRows({ result, view, first, rows });
  const packed = PackedRows.fromBase64(window.packed);
  return Array.from({ length: packed.rows }, (_, row) =>
    Array.from({ length: packed.columns }, (__, column) => packed.text(row, column)),
  );
}

describe('a run', () => {
  it('shows a page, and brings more when it is asked', async () => {
    const query = await run('select id, name, note from customers order by id');
    const id = resultOf(query);
    expect(resultNow(id)).toMatchObject({ rows: 1_000, state: 'paused', name: 'customers', kind: 'rows' });
    expect(resultNow(id).columns.map(({ type, kind, shows }) => [type, kind, shows])).toEqual([
      ['integer', 'number', 'unknown'],
      ['text', 'text', 'unknown'],
      ['text', 'text', 'unknown'],
    ]);
    await service.methods.loadRows({ result: id, how: 'next' });
    await expect.poll(() => resultNow(id)).toMatchObject({ rows: 2_000, state: 'paused' });
    await service.methods.loadRows({ result: id, how: 'all' });
    await expect.poll(() => resultNow(id)).toMatchObject({ rows: 2_500, state: 'complete' });
    expect(await cells(id, 2_498, 10)).toEqual([
      ['2499', 'person 2499', null],
      ['2500', 'person 2500', '1'],
    ]);
    expect(queryNow().run?.statements[0]).toMatchObject({
      rows: 2_500,
      tag: expect.stringMatching(/^SELECT/),
    });
  });

  it('runs statement after statement, each with its own answer, in one session', async () => {
    const query = await run(
      `create temp table t (a int); insert into t values (1), (2); -- name: what is in t\nselect * from t; update t set a = a + 1 returning a`,
    );
    expect(states(query)).toEqual(['done', 'done', 'done', 'done']);
    expect(query.run?.statements.map(({ tag, rows }) => [tag, rows])).toEqual([
      ['CREATE TABLE', 0],
      ['INSERT 0 2', 2],
      ['SELECT 2', 2],
      ['UPDATE 2', 2],
    ]);
    expect(resultNow(resultOf(query, 2)).name).toBe('what is in t');
    expect(await cells(resultOf(query, 3), 0, 10)).toEqual([['2'], ['3']]);
  });

  it('stops at an error, says where it is, and goes on where that was asked', async () => {
    const sql = "select '👩'; select nothing from customers; select 3";
    const stopped = await run(sql);
    expect(states(stopped)).toEqual(['done', 'failed', 'skipped']);
    const error = stopped.run?.statements[1]?.error;
    expect(error).toMatchObject({ sqlstate: '42703', position: sql.indexOf('nothing') });
    expect(states(await run(sql, { stopOnError: false }))).toEqual(['done', 'failed', 'done']);
  });

  it('ends a page that waits when the next statement comes, and says so', async () => {
    const first = resultOf(await run('select * from customers'));
    await run('select 1', { keepResults: true });
    expect(resultNow(first)).toMatchObject({ rows: 1_000, state: 'closed' });
    await run('select 2');
    await expect(service.methods.describeResult({ result: first })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('does not keep the server waiting for ever', async () => {
    await service[Symbol.asyncDispose]();
    service = await start({ idleMs: 50 });
    const id = resultOf(await run('select * from customers'));
    await expect.poll(() => resultNow(id)).toMatchObject({ rows: 2_500, state: 'complete' });
  });

  it('lets go of a page of more rows than it keeps for later', async () => {
    await service[Symbol.asyncDispose]();
    service = await start({ idleMs: 50 });
    const id = resultOf(await run('select generate_series(1, 200000)'));
    await expect
      .poll(() => resultNow(id), { timeout: 10_000 })
      .toMatchObject({ rows: 101_000, state: 'closed' });
    expect(states(await run('select 1'))).toEqual(['done']);
  });

  it('is refused while another one runs, which can be cancelled', async () => {
    await service.methods.runQuery(asked('select pg_sleep(30); select 2'));
    await expect(service.methods.runQuery(asked('select 1'))).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect.poll(() => queryNow().run?.statements[0]?.state).toBe('running');
    await service.methods.cancelQuery({ tab: 'tab' });
    const query = await whenEnded();
    expect([query.run?.state, ...states(query)]).toEqual(['cancelled', 'cancelled', 'skipped']);
    expect(states(await run('select 1'))).toEqual(['done']);
  });

  it('does not begin when it was cancelled before its session was open', async () => {
    const begun = service.methods.runQuery(asked('select 1'));
    await service.methods.cancelQuery({ tab: 'tab' });
    await begun;
    const query = await whenEnded();
    expect([query.run?.state, ...states(query)]).toEqual(['cancelled', 'skipped']);
  });

  it('ends with its session, and says that of what ran', async () => {
    await service.methods.runQuery(asked('select pg_sleep(30); select 2'));
    await expect.poll(() => queryNow().run?.statements[0]?.state).toBe('running');
    await service.methods.endSession({ tab: 'tab' });
    const query = await whenEnded();
    expect([query.run?.state, ...states(query), query.session.kind]).toEqual([
      'lost',
      'failed',
      'skipped',
      'none',
    ]);
    expect(states(await run('select 1'))).toEqual(['done']);
  });

  it('keeps the rows that came before it was cancelled', async () => {
    await service.methods.runQuery(
      asked('select g, case when g > 500 then pg_sleep(10) end from generate_series(1, 501) g'),
    );
    await expect.poll(() => queryNow().results.length).toBe(1);
    await service.methods.cancelQuery({ tab: 'tab' });
    const query = await whenEnded();
    expect(resultNow(resultOf(query)).state).toBe('cancelled');
  });

  it('knows that a lost read did nothing, and that a lost write may have', async () => {
    const kill = `select pg_terminate_backend(pg_backend_pid())`;
    const read = await run(kill);
    expect([read.run?.state, ...states(read)]).toEqual(['lost', 'failed']);
    expect(queryNow().session).toMatchObject({ kind: 'lost' });
    await run('create table if not exists w (a int)');
    const write = await run(`insert into w select 1 from (${kill}) x; select 1`);
    expect([write.run?.state, ...states(write)]).toEqual(['lost', 'unknown', 'skipped']);
    expect(remembered.at(-1)).toMatchObject({ outcome: 'unknown' });
    const rolledBack = await run(`begin; insert into w select 1 from (${kill}) x`);
    expect(states(rolledBack)).toEqual(['done', 'failed']);
  });

  it('follows transactions, its own and those of the person', async () => {
    const opened = await run('select 1', { transaction: 'manual' });
    expect(opened.session).toMatchObject({
      kind: 'open',
      transaction: 'open',
      transactionSince: expect.any(String),
    });
    const failed = await run('select nothing');
    expect(failed.session).toMatchObject({ transaction: 'failed' });
    const ended = await service.methods.endTransaction({ tab: 'tab', how: 'rollback' });
    expect(ended.session).toMatchObject({ transaction: 'none', transactionSince: null });
  });

  it('gives notices to the statement that they belong to, and no COPY data', async () => {
    const query = await run(
      `do $$begin raise notice 'first'; end$$; select 1; copy customers to stdout; copy customers from stdin`,
      { stopOnError: false },
    );
    expect(query.run?.statements.map(({ notices }) => notices.map(({ message }) => message))).toEqual([
      ['first'],
      [],
      [],
      [],
    ]);
    expect(states(query)).toEqual(['done', 'done', 'done', 'failed']);
    expect(await cells(resultOf(query, 2), 0, 1)).toEqual([['1\tperson 1\tp1@example.com\t1']]);
    expect(states(await run('select 1'))).toEqual(['done']);
  });

  it('shows a plan, as JSON and as text', async () => {
    const query = await run('select * from customers where id = 7', { mode: 'measure' });
    const { json, text } = await service.methods.readPlan({ result: resultOf(query) });
    expect(JSON.parse(json)).toMatchObject([{ Plan: { 'Node Type': expect.stringContaining('Index') } }]);
    expect(text).toMatch(/Index Scan using customers_pkey on customers .*actual time/);
  });

  it('asks before what cannot be taken back, on production, once', async () => {
    isProduction = true;
    const sql = 'update customers set note = note';
    expect(await service.methods.runQuery(asked(sql))).toMatchObject({
      kind: 'confirm',
      cautions: [{ kind: 'no-where' }],
    });
    expect(remembered).toEqual([]);
    expect(states(await run(sql, { confirmed: true }))).toEqual(['done']);
    const hidden =
      'select 1; with x as (update customers set note = (select note where true) returning 1) select 1';
    expect(await service.methods.runQuery(asked(hidden))).toMatchObject({
      kind: 'confirm',
      cautions: [{ kind: 'no-where', from: 10, message: expect.stringContaining('of customers is meant') }],
    });
    expect(states(await run('update customers set note = note where id < 0'))).toEqual(['done']);
  });

  it('remarks what is never true, where it stands, and names results by their table', async () => {
    await run('delete from customers where false');
    const sql = 'select extract(year from now()) from customers where id = null';
    const query = await run(sql);
    expect((await service.methods.describeResult({ result: resultOf(query) })).name).toBe('customers');
    expect(query.run?.statements[0]?.notices).toMatchObject([{ position: sql.indexOf('= null') }]);
  });

  it('remembers what was run and how it ended', async () => {
    await run('select 1; select nothing');
    expect(
      remembered.map(({ sql, outcome, sqlstate, database }) => [sql, outcome, sqlstate, database.name]),
    ).toEqual([
      ['select 1', 'done', null, 'orders'],
      ['select nothing', 'failed', '42703', 'orders'],
    ]);
  });
});

describe('rows of a result', () => {
  it('have values whole where a window cuts them', async () => {
    const id = resultOf(await run(`select repeat('é', 3000), null, ''`));
    const window = PackedRows.fromBase64(
      (await service.methods.readRows({ result: id, view: null, first: 0, rows: 10 })).packed,
    );
    expect([window.isCut(0, 0), window.isCut(0, 2), window.text(0, 1), window.text(0, 2)]).toEqual([
      true,
      false,
      null,
      '',
    ]);
    expect(await service.methods.readCell({ result: id, view: null, row: 0, column: 0, from: 0 })).toEqual({
      value: 'é'.repeat(3_000),
      length: 3_000,
      next: null,
    });
    expect(
      await service.methods.readCell({ result: id, view: null, row: 0, column: 1, from: 0 }),
    ).toMatchObject({ value: null });
    await expect(
      service.methods.readCell({ result: id, view: null, row: 9, column: 0, from: 0 }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are found, ordered and chosen by what they show', async () => {
    const id = resultOf(await run('select id, name, note from customers where id <= 900 order by id'));
    const search = { result: id, view: null, isCaseSensitive: false, from: 0, limit: 2 };
    const found = await service.methods.searchRows({ ...search, text: 'PERSON 80' });
    expect(found).toEqual({
      matches: [
        { row: 79, column: 1 },
        { row: 799, column: 1 },
      ],
      next: 800,
    });
    expect(await service.methods.searchRows({ ...search, text: 'PERSON 80', isCaseSensitive: true })).toEqual(
      { matches: [], next: null },
    );
    const { view, rows } = await service.methods.arrangeRows({
      result: id,
      order: [{ column: 0, direction: 'descending' }],
      filters: [
        { column: 2, operator: 'null', text: '' },
        { column: 0, operator: 'less', text: '10' },
      ],
    });
    expect(rows).toBe(3);
    expect((await cells(id, 0, 10, view)).map(([first]) => first)).toEqual(['9', '6', '3']);
  });

  it('are copied in each format as they are, and what would break out of it is kept in', async () => {
    const id = resultOf(
      await run(`select 1 as n, 'a"b,\t''c|' || chr(10) || '<b>' as "t x", true as b, null as z`),
    );
    const copy = async (format: Params<'copyRows'>['format']): Promise<string> =>
      (
        await service.methods.copyRows({
          result: id,
          view: null,
          rows: [{ first: 0, last: 1 }],
          columns: [0, 1, 2, 3],
          format,
          hasHeader: true,
        })
      ).text;
    expect(await copy('csv')).toBe(`n,t x,b,z\n1,"a""b,\t'c|\n<b>",t,\n`);
    expect(await copy('tsv')).toBe(`n\tt x\tb\tz\n1\ta"b, 'c| <b>\tt\t\n`);
    expect(JSON.parse(await copy('json'))).toEqual([{ n: 1, 't x': `a"b,\t'c|\n<b>`, b: true, z: null }]);
    expect(await copy('markdown')).toContain(`| 1 | a"b,\t'c\\| \\<b\\> | t |  |`);
    expect(await copy('insert')).toBe(
      `INSERT INTO table_name (n, "t x", b, z) VALUES (1, 'a"b,\t''c|\n<b>', true, NULL);\n`,
    );
    expect(await copy('in-list')).toBe('IN (1)');
  });

  it('are written to a file that only the person can read, and never over another one', async () => {
    const id = resultOf(await run('select id, note from customers order by id'));
    const exported = { ...exportOf(id), rows: 'all', delimiter: ';', nullText: 'NULL' } as const;
    const [one, two] = [
      await service.methods.startExport(exported),
      await service.methods.startExport({ ...exported, rows: 'loaded' }),
    ];
    expect(one.file).not.toBe(two.file);
    await expect
      .poll(async () => (await service.methods.listExports({})).map(({ state }) => state))
      .toEqual(['done', 'done']);
    const lines = (await readFile(one.file, 'utf8')).split('\n');
    expect([lines.length, lines[0], lines[3], lines[2_500]]).toEqual([2_502, 'id;note', '3;NULL', '2500;1']);
    expect((await stat(one.file)).mode & 0o077).toBe(0);
  });

  it('are no formulas in a file, unless that is asked for', async () => {
    const id = resultOf(await run(`select '=1+1' as a, -1 as n`));
    const exported = { ...exportOf(id), hasHeader: false } as const;
    const files = [
      await service.methods.startExport(exported),
      await service.methods.startExport({ ...exported, keepsFormulas: true }),
    ];
    await expect
      .poll(async () => (await service.methods.listExports({})).map(({ state }) => state))
      .toEqual(['done', 'done']);
    const texts = await Promise.all(files.map(async ({ file }) => await readFile(file, 'utf8')));
    expect(texts).toEqual(["'=1+1,-1\n", '=1+1,-1\n']);
  });

  it('stop being written, and are listed no more, when somebody else signs in', async () => {
    const id = resultOf(await run(`select g, pg_sleep(0.0005) from generate_series(1, 200000) g`));
    const { file } = await service.methods.startExport({ ...exportOf(id), rows: 'all' });
    await service.forgetAll();
    expect(await service.methods.listExports({})).toEqual([]);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('that are not there are not found, and never somebody else’s', async () => {
    const id = resultOf(await run('select 1 as a'));
    const { readRows, searchRows, copyRows, arrangeRows, readCell } = service.methods;
    expect(await readRows({ result: id, view: null, first: 1_000_000_000, rows: 2_000 })).toMatchObject({
      rows: 0,
    });
    const search = { result: id, text: '1', isCaseSensitive: true, limit: 10 };
    expect(await searchRows({ ...search, view: null, from: 5 })).toEqual({ matches: [], next: null });
    expect(await readCell({ result: id, view: null, row: 0, column: 1_663, from: 9 })).toMatchObject({
      value: null,
    });
    const copy = { result: id, view: null, format: 'csv', hasHeader: false } as const;
    expect(await copyRows({ ...copy, rows: [{ first: 5, last: 1 }], columns: [0] })).toMatchObject({
      text: '',
      rows: 0,
    });
    await expect(copyRows({ ...copy, rows: [{ first: 0, last: 1 }], columns: [3] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(readRows({ result: id, view: 'other', first: 0, rows: 1 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const { rows } = await arrangeRows({
      result: id,
      order: [{ column: 900, direction: 'descending' }],
      filters: [],
    });
    expect(rows).toBe(1);
  });

  it('leave nothing on the disk', async () => {
    await run('select * from customers');
    const spool = join(folder, 'spool');
    expect(await readdir(spool)).toEqual([]);
    await service.methods.closeQuery({ tab: 'tab' });
    expect(await readdir(spool)).toEqual([]);
    expect(await service.methods.listQueries({})).toEqual([]);
  });
});
