/**
 * The app's queries on the whole system: bridge over its WebSocket, engine, tunnel, agent, database. What a screen is
 * told of masks comes from the agent; what a policy takes away is told while the tab is open.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Engine } from '@daam/desktop/engine/engine';
import { EngineBackend } from '@daam/desktop/engine/bridge/engine-backend';
import { apiOverBridge } from '@daam/desktop/ipc/api-over-bridge';
import type { Bridge } from '@daam/desktop/ipc/bridge';
import { PackedRows } from '@daam/desktop/ipc/packed-rows';
import type { Params, Query, QueryResult } from '@daam/desktop/ipc/schema';
import { connectWebSocket } from '@daam/desktop/ipc/web-socket-transport';
import { startDesktopWeb } from '@daam/desktop/web/app';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { prepareSidecar } from '../dev-env/sidecar.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';

const token = 'token-of-the-query-bridge-spec-0123456789';
const stack = new AsyncDisposableStack();
let system: RunningSystem;
let bridge: Bridge;
let database: string;
let folder: string;
let isTunnelled = false;
const queries = new Map<string, Query>();
const results = new Map<string, QueryResult>();

beforeAll(async () => {
  system = stack.use(await startRunningSystem());
  folder = await mkdtemp(join(tmpdir(), 'daam-query-bridge-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const sidecarFile = await prepareSidecar({ options: { path: 'auto' }, logger: silentLogger });
  isTunnelled = sidecarFile !== null;
  const engine = stack.use(
    await Engine.open({
      stateDir: join(folder, 'home'),
      secretStore: 'file',
      transport: sidecarFile === null ? 'loopback' : 'tunnel',
      sidecarFile,
    }),
  );
  await engine.login({
    controlPlane: system.ready.controlPlane.url,
    token: new Secret(system.ready.developer.apiToken),
  });
  const backend = stack.use(new EngineBackend({ engine, version: '0', logger: silentLogger }));
  const assetsDir = join(folder, 'assets');
  await mkdir(assetsDir);
  await writeFile(join(assetsDir, 'index.html'), '<!doctype html><title>spec</title>');
  const web = stack.use(
    await startDesktopWeb({ backend, port: 0, token: new Secret(token), assetsDir, logger: silentLogger }),
  );
  bridge = connectWebSocket({
    open: () => new WebSocket(`${web.url.replace('http', 'ws')}/bridge`, { origin: web.url }),
    token,
    schedule: (callback, milliseconds) => {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  stack.defer(() => bridge.close());
  bridge.on('queryChanged', ({ query }) => queries.set(query.tab, query));
  bridge.on('resultChanged', ({ result }) => results.set(result.id, result));
  while (bridge.state().kind !== 'open') await delay(20);
  while ((await bridge.call('listDatabases', {}))[0]?.blocked !== null) await delay(100);
  database = (await bridge.call('listDatabases', {}))[0]?.id ?? missing('no database');
}, 300_000);
afterAll(async () => await stack.disposeAsync());

function missing(what: string): never {
  throw new Error(what);
}

async function run(sql: string, changes: Partial<Params<'runQuery'>> = {}): Promise<Query> {
  const started = await bridge.call('runQuery', {
    tab: 'tab',
    database,
    sql,
    mode: 'run',
    transaction: 'auto',
    stopOnError: true,
    keepResults: false,
    confirmed: true,
    ...changes,
  });
  const id = started.kind === 'started' ? started.run : missing('it waits for a second look');
  const isOver = (query: Query | undefined): boolean => query?.run?.id === id && query.run.tookMs !== null;
  await expect.poll(() => isOver(queries.get(changes.tab ?? 'tab')), { timeout: 30_000 }).toBe(true);
  return queries.get(changes.tab ?? 'tab') ?? missing('nothing was told');
}

const resultOf = (query: Query, index = 0): QueryResult =>
  results.get(query.run?.statements[index]?.result ?? '') ??
  missing(JSON.stringify(query.run?.statements[index]));

async function rows(result: string, count: number): Promise<(string | null)[][]> {
  const { packed } = await bridge.call('readRows', { result, view: null, first: 0, rows: count });
  const window = PackedRows.fromBase64(packed);
  return Array.from({ length: window.rows }, (_, row) =>
    Array.from({ length: window.columns }, (__, column) => window.text(row, column)),
  );
}

/** As an administrator, straight at the control plane. */
async function admin(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(new URL(`/api/v1/${path}`, system.ready.controlPlane.url), {
    method,
    headers: { authorization: `Bearer ${system.ready.admin.apiToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.status === 204 ? null : await response.json();
}

type Document = { policies: { name: string; grants: object[]; masks: object[] }[] };

describe('queries of the app', () => {
  it('show masks, and the agent’s word for which and why', async () => {
    const result = resultOf(
      await run('select id, name, email, upper(phone) as p, ssn from customers order by id limit 5'),
    );
    expect(result.columns.map(({ name, shows, masks }) => [name, shows, masks[0]?.preset ?? null])).toEqual([
      ['id', 'plain', null],
      ['name', 'plain', null],
      ['email', 'masked', 'email'],
      ['p', 'derived', 'phone'],
      ['ssn', 'masked', 'ssn'],
    ]);
    expect(result.columns[2]?.masks[0]).toMatchObject({
      relation: 'public.customers',
      column: 'email',
      policy: expect.any(String),
    });
    expect(result).toMatchObject({ maskedColumns: 3, rows: 5, state: 'complete' });
    for (const [, , email, , ssn] of await rows(result.id, 5)) {
      expect(email).toMatch(/^.\*\*\*@.\*\*\*\./);
      expect(ssn).toMatch(/^\*\*\*-\*\*-/);
    }
  });

  it('page through 20,000 rows, and bring all of them', async () => {
    const result = resultOf(await run('select * from customers order by id'));
    expect(result).toMatchObject({ rows: 1_000, state: 'paused' });
    await bridge.call('loadRows', { result: result.id, how: 'all' });
    await expect.poll(() => results.get(result.id)?.state, { timeout: 20_000 }).toBe('complete');
    expect(results.get(result.id)?.rows).toBeGreaterThanOrEqual(20_000);
  });

  it('tell what is not granted, with the table to ask for', async () => {
    const [statement] = (await run('select * from payments')).run?.statements ?? [];
    expect(statement).toMatchObject({
      state: 'failed',
      error: { sqlstate: '42501', table: 'public.payments' },
    });
    const refused = { database: null, text: 'payments', outcome: 'refused', after: null, limit: 5 } as const;
    await expect.poll(async () => (await bridge.call('listHistory', refused)).items.length).toBe(1);
  });

  it('run in transactions of the person, and show plans', async () => {
    const opened = await run('create temp table basket (n int); insert into basket values (1), (2)', {
      tab: 'transaction',
      transaction: 'manual',
    });
    expect(opened.run?.statements.map(({ tag }) => tag)).toEqual(['CREATE TABLE', 'INSERT 0 2']);
    expect(opened.session).toMatchObject({ kind: 'open', transaction: 'open' });
    await bridge.call('endTransaction', { tab: 'transaction', how: 'rollback' });
    const gone = await run('select * from basket', { tab: 'transaction' });
    expect(gone.run?.statements[0]).toMatchObject({ state: 'failed', error: { sqlstate: '42P01' } });
    for (const mode of ['plan', 'measure'] as const) {
      const { id } = resultOf(
        await run('select id from customers where id = 7', { tab: 'transaction', mode }),
      );
      const { json, text } = await bridge.call('readPlan', { result: id });
      expect(JSON.parse(json)).toMatchObject([{ Plan: { 'Node Type': expect.any(String) } }]);
      expect(text).toMatch(mode === 'plan' ? /cost=/ : /actual time=/);
    }
    await bridge.call('closeQuery', { tab: 'transaction' });
  });

  it('can be cancelled through the agent', async () => {
    const running = run('select count(*) from generate_series(1, 100000000000)');
    await expect.poll(() => queries.get('tab')?.run?.statements[0]?.state).toBe('running');
    await bridge.call('cancelQuery', { tab: 'tab' });
    expect((await running).run).toMatchObject({
      state: 'cancelled',
      statements: [{ state: 'cancelled', error: { sqlstate: '57014' } }],
    });
  });

  it('know the person’s tables, and pass what else is asked to the control plane', async () => {
    await expect
      .poll(async () => (await bridge.call('readObjects', { database, refresh: true })).tables.length, {
        timeout: 20_000,
      })
      .toBeGreaterThan(0);
    const { tables } = await bridge.call('readObjects', { database, refresh: false });
    expect(
      tables.find(({ name }) => name === 'customers')?.columns.find(({ name }) => name === 'email')?.preset,
    ).toBe('email');
    expect(tables.map(({ name }) => name)).not.toContain('payments');
    const api = apiOverBridge(bridge);
    expect((await api.getMe()).email).toBe(system.ready.developer.email);
    await expect(api.listUsers()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(
      bridge.call('callApi', { route: 'issueGrant', params: { database }, body: {} }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const { explanation } = await api.explainStatement({
      params: { database },
      body: { sql: 'select email from customers' },
    });
    expect(explanation.outcome).toBe('allow');
  });

  it('hear of a new policy in the open tab, mark what they showed, and export it no more', async () => {
    const before = resultOf(await run('select name from customers limit 3'));
    const { document } = (await admin('GET', 'databases/shop/policies')) as { document: Document };
    const changed = structuredClone(document);
    const policy =
      changed.policies.find(({ masks }) => masks.length > 0) ?? missing('no policy masks anything');
    policy.masks.push({ column: 'public.customers.name', preset: 'name' });
    const startedAt = Date.now();
    await admin('PUT', 'databases/shop/policies', changed);
    await expect
      .poll(() => queries.get('tab')?.policyChanged?.message, { timeout: 20_000, interval: 20 })
      .toMatch(/name is now masked/);
    process.stdout.write(`policy change to banner: ${Date.now() - startedAt} ms\n`);
    expect(results.get(before.id)?.isOutdated).toBe(true);
    await expect(
      bridge.call('startExport', {
        result: before.id,
        view: null,
        format: 'csv',
        columns: null,
        rows: 'loaded',
        hasHeader: true,
        delimiter: ',',
        nullText: '',
        hasByteOrderMark: false,
      }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const after = resultOf(await run('select name from customers limit 3'));
    expect(after.columns[0]).toMatchObject({ shows: 'masked', masks: [{ preset: 'name' }] });
    await admin('PUT', 'databases/shop/policies', document);
    await expect
      .poll(() => queries.get('tab')?.policyChanged?.message, { timeout: 20_000 })
      .toMatch(/name is no longer masked/);
  });

  it('hold up a mask that would be written over a value', async () => {
    const result = resultOf(await run('select email from customers order by id limit 1'));
    const { text } = await bridge.call('copyRows', {
      result: result.id,
      view: null,
      rows: [{ first: 0, last: 1 }],
      columns: [0],
      format: 'tsv',
      hasHeader: false,
    });
    const sql = `update customers set email = '${text.trim()}' where id = 1`;
    const held = await bridge.call('runQuery', {
      tab: 'other',
      database,
      sql,
      mode: 'run',
      transaction: 'auto',
      stopOnError: true,
      keepResults: false,
      confirmed: false,
    });
    expect(held).toMatchObject({ kind: 'confirm', cautions: [{ kind: 'mask-literal' }] });
  });

  it('go on where the local port asks for a password, which the engine alone knows', async () => {
    if (!isTunnelled) return;
    await bridge.call('switchLocalPassword', { to: 'on' });
    const query = await run('select 7 as n', { tab: 'protected' });
    expect(await rows(resultOf(query).id, 1)).toEqual([['7']]);
    expect(await bridge.call('connectionDetails', { database })).toMatchObject({ hasLocalPassword: true });
    await bridge.call('switchLocalPassword', { to: 'off' });
  });

  it('end with their tabs, on the server too', async () => {
    await run('begin; select 1');
    await bridge.call('closeQuery', { tab: 'tab' });
    await delay(100);
    expect((await bridge.call('listQueries', {})).map(({ tab }) => tab)).not.toContain('tab');
  });
});
