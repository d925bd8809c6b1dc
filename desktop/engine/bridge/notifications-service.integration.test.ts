import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '@daam/shared/api/client';
import { silentLogger } from '@daam/shared/base/logger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Export } from '../../ipc/schema.ts';
import { sampleDatabase } from '../../ipc/testing/sample.ts';
import { sampleSettings } from '../../ipc/testing/sample-workspace.ts';
import { StateFolder } from '../state-folder.ts';
import { NotificationsService } from './notifications-service.ts';

type Request = Awaited<ReturnType<ApiClient['listRequests']>>['items'][number];

let folder: string;
let mine: Partial<Request>[];
let inbox: Partial<Request>[];
let now: number;
let settings = sampleSettings;
/** What an answer of the control plane waits for. */
let waitFor: () => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-notify-'));
  mine = [];
  inbox = [];
  settings = sampleSettings;
  waitFor = async () => {};
  now = Date.parse('2030-01-15T09:00:00Z');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function open(): Promise<NotificationsService> {
  const listRequests = async ({ query }: { query: { scope: string } }) => {
    await waitFor();
    return { items: query.scope === 'mine' ? mine : inbox, next: null };
  };
  return new NotificationsService({
    state: await StateFolder.open(folder),
    api: async () => ({ listRequests }) as unknown as ApiClient,
    user: async () => 'me',
    settings: async () => settings,
    emit: () => {},
    now: () => now,
    logger: silentLogger,
  });
}

const request = (id: string, state: Request['state'], changes: object = {}): Partial<Request> =>
  ({
    id,
    state,
    database: { id: 'db', name: 'orders' },
    window: null,
    approval: { mine: true },
    reason: 'canary-reason',
    ...changes,
  }) as unknown as Partial<Request>;
const kinds = async (service: NotificationsService): Promise<string[]> =>
  (await service.list()).map(({ kind }) => kind).toReversed();

describe('notifications', () => {
  it('tell what is decided after the first look, once, and also after a start', async () => {
    await using first = await open();
    mine = [request('old', 'denied'), request('a', 'pending')];
    await first.look();
    expect(await kinds(first)).toEqual([]);
    const window = { startsAt: '2030-01-15T09:00:00Z', endsAt: '2030-01-15T10:00:00Z' };
    mine = [request('old', 'denied'), request('a', 'active', { window })];
    await first.look();
    await first.look();
    expect(await kinds(first)).toEqual(['request-approved']);
    await using again = await open();
    now = Date.parse('2030-01-15T09:52:00Z');
    await again.look();
    mine = [request('old', 'denied'), request('a', 'expired', { window })];
    await again.look();
    expect(await kinds(again)).toEqual(['request-approved', 'access-ends-soon', 'request-ended']);
    expect(JSON.stringify(await again.list())).not.toContain('canary-reason');
  });

  it('count what waits, and tell of each that waits for this person', async () => {
    await using service = await open();
    await service.look();
    mine = [request('a', 'pending')];
    inbox = [request('b', 'pending'), request('c', 'pending', { approval: { mine: false } })];
    expect(await service.countWaiting()).toEqual({ mine: 1, inbox: 1 });
    expect(await service.list()).toMatchObject([
      { kind: 'approval-needed', target: { kind: 'review', id: 'b' }, isRead: false },
    ]);
    await service.markRead(null);
    expect(await service.list()).toMatchObject([{ isRead: true }]);
  });

  it('tell of a database that is gone, but not because the list is old', async () => {
    await using service = await open();
    await service.databasesSeen([sampleDatabase({ name: 'orders' })], true);
    await service.databasesSeen([], false);
    expect(await kinds(service)).toEqual([]);
    await service.databasesSeen([], true);
    expect(await kinds(service)).toEqual(['access-removed']);
  });

  it('tell of a way that stays lost, not of one that comes back', async () => {
    await using service = await open();
    const error = { code: 'TUNNEL_FAILED', message: 'x', hint: null, field: null } as const;
    const down = sampleDatabase({ name: 'orders', connection: { kind: 'failed', error } });
    await service.databasesSeen([down], true);
    now += 10_000;
    await service.databasesSeen([sampleDatabase({ name: 'orders' })], true);
    await service.databasesSeen([down], true);
    expect(await kinds(service)).toEqual([]);
    now += 16_000;
    await service.databasesSeen([down], true);
    await service.databasesSeen([down], true);
    expect(await kinds(service)).toEqual(['tunnel-lost']);
  });

  it('say when a way that is lost has to be looked at again, until it was told of', async () => {
    await using service = await open();
    const error = { code: 'TUNNEL_FAILED', message: 'x', hint: null, field: null } as const;
    const down = sampleDatabase({ name: 'orders', connection: { kind: 'failed', error } });
    expect(service.lostLookIn()).toBeNull();
    await service.databasesSeen([down], true);
    now += 4_000;
    expect(service.lostLookIn()).toBe(11_000);
    now += 11_000;
    expect(service.lostLookIn()).toBeNull();
    await service.databasesSeen([down], true);
    expect(await kinds(service)).toEqual(['tunnel-lost']);
  });

  it('tell once that an export is done or failed, with neither its file nor its statement', async () => {
    await using service = await open();
    await service.look();
    const running: Export = {
      id: 'e1',
      result: 'r1',
      kind: 'result',
      format: 'csv',
      file: '/home/dev/canary-salaries.csv',
      state: 'running',
      rows: 10,
      totalRows: null,
      bytes: 100,
      startedAt: '2030-01-15T09:00:00Z',
      error: null,
    };
    await service.exportChanged(running);
    await service.exportChanged({ ...running, state: 'cancelled' });
    expect(await kinds(service)).toEqual([]);
    await service.exportChanged({ ...running, state: 'done', rows: 1_200 });
    await service.exportChanged({ ...running, state: 'done', rows: 1_200 });
    await service.exportChanged({ ...running, id: 'e2', state: 'failed' });
    expect(await kinds(service)).toEqual(['export-done', 'export-done']);
    expect(JSON.stringify(await service.list())).not.toContain('canary');
    expect((await service.list()).map(({ title }) => title)).toEqual(['Export failed', 'Export done']);
  });

  it('are not made of what the person does not want', async () => {
    settings = { ...sampleSettings, notifications: { ...sampleSettings.notifications, requests: false } };
    await using service = await open();
    await service.look();
    mine = [request('a', 'denied')];
    await service.look();
    expect(await kinds(service)).toEqual([]);
  });

  it('say nothing while the control plane is away', async () => {
    await using service = await open();
    mine = null as never;
    await service.look();
    expect(await service.countWaiting()).toEqual({ mine: 0, inbox: 0 });
  });

  it('of the person before are nobody’s, nor what was still being looked at for them', async () => {
    await using service = await open();
    await service.look();
    mine = [request('a', 'pending')];
    await service.databasesSeen([sampleDatabase({ id: 'canary', name: 'canary' })], true);
    await service.look();
    const answered = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    waitFor = async () => {
      asked.resolve();
      await answered.promise;
    };
    mine = [request('a', 'denied')];
    const looking = service.look();
    await asked.promise;
    await service.forget();
    answered.resolve();
    await looking;
    expect(await service.list()).toEqual([]);
    expect(service.lostLookIn()).toBeNull();
    mine = [];
    waitFor = async () => {};
    await service.databasesSeen([], true);
    expect(await service.list()).toEqual([]);
    expect(await service.countWaiting()).toEqual({ mine: 0, inbox: 0 });
  });
});
