import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@daam/shared/base/logger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initialSettings } from '../../ipc/initial-settings.ts';
import type { BridgeEvent, HistoryEntry } from '../../ipc/schema.ts';
import { StateFolder } from '../state-folder.ts';
import { WorkspaceService } from './workspace-service.ts';

let folder: string;
let events: BridgeEvent[];
const now = Date.parse('2030-01-15T09:41:00Z');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-workspace-'));
  events = [];
  user = ada;
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const ada = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10';
const ben = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b11';
let user: string | null;

async function open(): Promise<WorkspaceService> {
  return new WorkspaceService({
    state: await StateFolder.open(folder),
    user: () => user,
    emit: (event) => events.push(event),
    now: () => now,
    logger: silentLogger,
  });
}

const entry = (sql: string, changes: Partial<HistoryEntry> = {}): Omit<HistoryEntry, 'id'> => ({
  at: new Date(now).toISOString(),
  database: { id: 'db', name: 'orders' },
  sql,
  outcome: 'done',
  sqlstate: null,
  rows: 1,
  tookMs: 2,
  maskedColumns: 0,
  ...changes,
});
const everything = { database: null, text: null, outcome: null, after: null, limit: 100 } as const;
const sqls = async (service: WorkspaceService, changes: object = {}): Promise<string[]> =>
  (await service.methods.listHistory({ ...everything, ...changes })).items.map(({ sql }) => sql);

describe('the history', () => {
  it('is there again after a start, newest first, and only for its person', async () => {
    const before = await open();
    for (const sql of ['one', 'two', 'three']) await before.remember(entry(sql));
    const service = await open();
    expect(await sqls(service)).toEqual(['three', 'two', 'one']);
    expect((await stat(join(folder, 'history.jsonl'))).mode & 0o077).toBe(0);
    expect(events.filter(({ event }) => event === 'historyChanged')).toHaveLength(3);
  });

  it('is paged and filtered', async () => {
    const service = await open();
    for (let index = 0; index < 5; index += 1) await service.remember(entry(`SELECT ${index}`));
    await service.remember(
      entry('update x', { outcome: 'refused', database: { id: 'other', name: 'other' } }),
    );
    const first = await service.methods.listHistory({ ...everything, text: 'select', limit: 2 });
    expect(first.items.map(({ sql }) => sql)).toEqual(['SELECT 4', 'SELECT 3']);
    expect(await sqls(service, { text: 'select', after: first.next })).toEqual([
      'SELECT 2',
      'SELECT 1',
      'SELECT 0',
    ]);
    expect(await sqls(service, { outcome: 'refused' })).toEqual(['update x']);
    expect(await sqls(service, { database: 'other' })).toEqual(['update x']);
  });

  it('forgets one, what is too old, and all; and keeps nothing where it is switched off', async () => {
    const service = await open();
    await service.remember(entry('old', { at: '2029-01-01T00:00:00Z' }));
    await service.remember(entry('new'));
    expect(await sqls(await open())).toEqual(['new']);
    const { items } = await service.methods.listHistory(everything);
    await service.methods.removeHistory({ id: items[0]?.id ?? '' });
    expect(await sqls(service)).toEqual(['old']);
    await service.methods.removeHistory({ id: null });
    await service.methods.changeSettings({ editor: { ...initialSettings.editor, historyDays: 0 } });
    await service.remember(entry('secret'));
    expect(await sqls(await open())).toEqual([]);
    await expect(readFile(join(folder, 'history.jsonl'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('survives a file that was cut off or written by something else', async () => {
    await (await open()).remember(entry('kept'));
    const path = join(folder, 'history.jsonl');
    await writeFile(path, `{"id":"x"}\nnot json\n${await readFile(path, 'utf8')}{"id":"half`);
    expect(await sqls(await open())).toEqual(['kept']);
  });
});

describe('what a person keeps', () => {
  it('has saved queries that are changed in place, by name', async () => {
    const service = await open();
    const asked = { name: 'b', folder: '', description: '', database: null, sql: 'select 1' };
    const { id } = await service.methods.saveQuery({ ...asked, id: null });
    await service.methods.saveQuery({ ...asked, name: 'a', id: null });
    await service.methods.saveQuery({ ...asked, name: 'c', id });
    expect((await (await open()).methods.listSavedQueries({})).map(({ name }) => name)).toEqual(['a', 'c']);
    await expect(service.methods.saveQuery({ ...asked, id: 'nobody' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await service.methods.removeSavedQuery({ id });
    expect((await service.methods.listSavedQueries({})).map(({ name }) => name)).toEqual(['a']);
  });

  it('has settings that are changed group by group, and a folder that must be named whole', async () => {
    const service = await open();
    await service.methods.changeSettings({ appearance: { ...initialSettings.appearance, theme: 'dark' } });
    expect((await (await open()).methods.readSettings({})).appearance.theme).toBe('dark');
    expect(events.at(-1)).toMatchObject({
      event: 'settingsChanged',
      payload: { settings: { appearance: { theme: 'dark' } } },
    });
    await expect(service.methods.changeSettings({ exportFolder: '../up' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('has tabs, and says so when they are more than can be kept', async () => {
    const service = await open();
    const tab = {
      id: 't',
      title: 'x',
      database: null,
      sql: 'select 1',
      cursor: 3,
      scroll: 0,
      transaction: 'auto',
      savedQuery: null,
    } as const;
    await service.methods.writeWorkspace({ tabs: [tab], active: 't' });
    expect(await (await open()).methods.readWorkspace({})).toEqual({ tabs: [tab], active: 't' });
    const large = Array.from({ length: 6 }, (_, index) => ({
      ...tab,
      id: `t${index}`,
      sql: 'x'.repeat(900_000),
    }));
    await expect(service.methods.writeWorkspace({ tabs: large, active: null })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
    expect((await (await open()).methods.readWorkspace({})).tabs).toHaveLength(1);
  });

  it('has saved queries of each person for that person, and for nobody none', async () => {
    const service = await open();
    const asked = { name: 'a', folder: '', description: '', database: null, sql: 'select 1', id: null };
    await service.methods.saveQuery(asked);
    user = null;
    await expect(service.methods.listSavedQueries({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(service.methods.saveQuery(asked)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    user = ben;
    expect(await service.methods.listSavedQueries({})).toEqual([]);
    user = ada;
    expect((await service.methods.listSavedQueries({})).map(({ name }) => name)).toEqual(['a']);
  });
});

it('keeps nothing that was still being written when its person left', async () => {
  const service = await open();
  const { appearance } = await service.methods.changeSettings({
    appearance: { ...initialSettings.appearance, theme: 'dark' },
    pinnedDatabases: ['db'],
    exportFolder: folder,
  });
  const writing = [service.remember(entry('canary')), service.remember(entry('canary'))];
  await service.methods.writeWorkspace({ tabs: [], active: 't' });
  await Promise.all([...writing, service.forgetPerson()]);
  expect(await sqls(service)).toEqual([]);
  const again = await open();
  expect(await sqls(again)).toEqual([]);
  expect(await again.methods.readWorkspace({})).toEqual({ tabs: [], active: null });
  expect(await again.methods.readSettings({})).toEqual({ ...initialSettings, appearance });
});
