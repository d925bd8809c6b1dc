import { silentLogger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import { MemoryBackend } from '../../ipc/testing/memory-backend.ts';
import { sampleDatabases, sampleStatus, sampleTime } from '../../ipc/testing/sample.ts';
import { type BridgeEvent, type Method, methods } from '../../ipc/schema.ts';
import { LockService, type LockServiceOptions } from './lock-service.ts';

function start(options: { readonly isSignedIn?: boolean; readonly files?: Map<string, unknown> } = {}) {
  const files = options.files ?? new Map<string, unknown>();
  const told: BridgeEvent[] = [];
  const state = {
    read: async (name: string) => files.get(name) ?? null,
    write: async (name: string, value: unknown) => void files.set(name, value),
    remove: async (name: string) => void files.delete(name),
  } as unknown as LockServiceOptions['state'];
  const lock = new LockService({
    state,
    emit: (event) => told.push(event),
    isSignedIn: async () => options.isSignedIn ?? true,
    logger: silentLogger,
  });
  const memory = new MemoryBackend({
    databases: sampleDatabases,
    status: sampleStatus,
    now: sampleTime,
    user: 'dev',
  });
  return { lock, files, told, guarded: lock.guard({ ...memory.methods, ...lock.methods }) };
}

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'answered',
    (thrown: unknown) => (thrown instanceof AppError ? thrown.code : 'other'),
  );

describe('a locked app', () => {
  it('answers what the lock screen needs, and nothing else', async () => {
    const { lock, guarded } = start();
    await guarded.lock({});
    const answered: string[] = [];
    for (const name of Object.keys(methods) as Method[]) {
      const call = guarded[name] as (params: unknown) => Promise<unknown>;
      const isRefused = await call({}).then(
        () => false,
        (thrown: unknown) => thrown instanceof AppError && thrown.message === 'The app is locked.',
      );
      if (!isRefused) answered.push(name);
    }
    expect(answered.toSorted()).toEqual([
      'cancelSignIn',
      'lock',
      'readLock',
      'readSettings',
      'readSignIn',
      'signOut',
      'startSignIn',
      'status',
    ]);
    expect(lock.mayTell({ event: 'historyChanged', payload: {} })).toBe(false);
    expect(lock.mayTell({ event: 'lockChanged', payload: { isLocked: true } })).toBe(true);
  });

  it('is locked after a restart too, and open again after the touch', async () => {
    const { guarded, files } = start();
    await guarded.lock({});
    const again = start({ files });
    expect(await codeOf(again.guarded.listDatabases({}))).toBe('FORBIDDEN');
    await again.lock.open();
    expect(await codeOf(again.guarded.listDatabases({}))).toBe('answered');
    expect(again.told.map(({ event }) => event)).toEqual(['lockChanged']);
    expect(files.size).toBe(0);
  });

  it('tells of nothing before it is known whether it is open', async () => {
    const { lock } = start();
    const event: BridgeEvent = { event: 'historyChanged', payload: {} };
    expect(lock.mayTell(event)).toBe(false);
    await lock.isLocked();
    expect(lock.mayTell(event)).toBe(true);
  });

  it('is never made where nobody could open it', async () => {
    const { guarded } = start({ isSignedIn: false });
    expect(await codeOf(guarded.lock({}))).toBe('UNAUTHENTICATED');
    expect(await guarded.readLock({})).toEqual({ isLocked: false });
  });

  it('holds when its mark cannot be read', async () => {
    const lock = new LockService({
      state: {
        read: async () => await Promise.reject(new AppError('INTERNAL')),
      } as unknown as LockServiceOptions['state'],
      emit: () => {},
      isSignedIn: async () => true,
      logger: silentLogger,
    });
    expect(await lock.isLocked()).toBe(true);
  });
});
