import type { ApiClient } from '@daam/shared/api/client';
import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import type { BridgeEvent } from '../../ipc/schema.ts';
import { databaseObjectsSchema } from '../../ipc/schema/objects.ts';
import { ObjectsService } from './objects-service.ts';

type MySchema = Awaited<ReturnType<ApiClient['getMySchema']>>;

const table = (name: string, masked: boolean): MySchema['tables'][number] => ({
  schema: 'public',
  name,
  kind: 'partitioned table',
  comment: null,
  operations: ['select', 'update'],
  isFiltered: false,
  columns: [
    { name: 'id', type: 'integer', notNull: true, comment: null, mask: null },
    {
      name: 'email',
      type: 'text',
      notNull: false,
      comment: null,
      mask: masked ? { preset: 'email', match: 'equality', policy: 'p' } : null,
    },
  ],
  primaryKey: ['id'],
  foreignKeys: [{ columns: ['id'], references: { schema: 'public', name: 'x', columns: ['id'] } }],
});

function start() {
  const events: BridgeEvent[] = [];
  const given = {
    tables: [table('customers', true)],
    isKnown: true,
    reads: 0,
    now: 0,
    failure: null as AppError | null,
  };
  const getMySchema = async (): Promise<MySchema> => {
    given.reads += 1;
    if (given.failure !== null) throw given.failure;
    const database = { id: '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10', name: 'shop' };
    return {
      database,
      isKnown: given.isKnown,
      version: 1,
      epoch: 7,
      searchPath: ['public'],
      tables: given.tables,
    };
  };
  const api = async (): Promise<ApiClient> => ({ getMySchema }) as unknown as ApiClient;
  return {
    given,
    events,
    service: new ObjectsService({ api, emit: (event) => events.push(event), now: () => given.now }),
  };
}
const asked = { database: 'db', refresh: false };

describe('what a database has for a person', () => {
  it('is told in the words of the bridge, and counted for the list', async () => {
    const { service } = start();
    expect(service.access('db')).toEqual({ operations: null, maskedColumns: null });
    const objects = databaseObjectsSchema.parse(await service.read(asked));
    expect(objects.tables[0]).toMatchObject({
      kind: 'partitioned-table',
      columns: [
        { isKey: true, isNullable: false, preset: null },
        { preset: 'email', match: 'equality' },
      ],
      foreignKeys: [{ table: 'x', referencedColumns: ['id'] }],
    });
    expect(service.access('db')).toEqual({ operations: ['select', 'update'], maskedColumns: 1 });
  });

  it('is read once for many who ask, and again when it is old or wanted anew', async () => {
    const { service, given } = start();
    await Promise.all([service.read(asked), service.read(asked)]);
    await service.read(asked);
    expect(given.reads).toBe(1);
    await service.read({ ...asked, refresh: true });
    given.now = 61_000;
    await service.read(asked);
    expect(given.reads).toBe(3);
  });

  it('is told to have changed when it differs, and only then', async () => {
    const { service, given, events } = start();
    await service.read(asked);
    await service.read({ ...asked, refresh: true });
    expect(events).toEqual([]);
    given.tables = [table('customers', false)];
    await service.read({ ...asked, refresh: true });
    expect(events).toEqual([{ event: 'objectsChanged', payload: { database: 'db' } }]);
  });

  it('is read again after a change of policy, and counted as before until then', async () => {
    const { service, events } = start();
    await service.read(asked);
    service.forget('db');
    expect([service.isKnown('db'), service.access('db').maskedColumns]).toEqual([false, 1]);
    expect(events).toHaveLength(1);
  });

  it('stays of use in an outage, and not after a refusal', async () => {
    const { service, given } = start();
    await service.read(asked);
    given.failure = new AppError('CONTROL_PLANE_UNAVAILABLE');
    expect((await service.read({ ...asked, refresh: true })).tables).toHaveLength(1);
    given.failure = new AppError('FORBIDDEN');
    await expect(service.read({ ...asked, refresh: true })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(service.access('db').maskedColumns).toBeNull();
  });

  it('is not known, rather than nothing, before an agent reported', async () => {
    const { service, given } = start();
    Object.assign(given, { isKnown: false, tables: [] });
    expect((await service.read(asked)).asOf).toBeNull();
    expect(service.access('db')).toEqual({ operations: null, maskedColumns: null });
  });

  it('goes with its person, also what is still being read for them', async () => {
    const { service, given } = start();
    await service.read(asked);
    const reading = service.read({ ...asked, refresh: true });
    service.forgetAll();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(service.access('db')).toEqual({ operations: null, maskedColumns: null });
    expect(service.isKnown('db')).toBe(false);
    given.tables = [];
    expect((await service.read(asked)).tables).toEqual([]);
  });
});
