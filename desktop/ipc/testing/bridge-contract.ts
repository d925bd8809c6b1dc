import { AppError } from '@daam/shared/errors/app-error';
import { expect, it } from 'vitest';
import type { Bridge, BridgeState } from '../bridge.ts';
import type { DesktopBackend } from '../backend.ts';
import type { Status } from '../schema.ts';
import { MemoryBackend } from './memory-backend.ts';
import { sampleDatabases, sampleStatus, sampleTime } from './sample.ts';

/** A bridge over the transport under test, and how to end what serves it. */
export interface OpenedBridge extends AsyncDisposable {
  readonly bridge: Bridge;
}

/** What every transport promises; each runs it in its own test file. */
export function testBridgeContract(open: (backend: DesktopBackend) => Promise<OpenedBridge>): void {
  const startBackend = (): MemoryBackend =>
    new MemoryBackend({ databases: sampleDatabases, status: sampleStatus, now: sampleTime, user: 'dev' });

  it('tells the capabilities of the shell when it opens', async () => {
    const backend = startBackend();
    await using opened = await open(backend);
    expect(await whenOpen(opened.bridge)).toEqual(backend.capabilities);
  });

  it('answers each call with its own result, whatever order they are asked in', async () => {
    await using opened = await open(startBackend());
    await whenOpen(opened.bridge);
    const [status, databases] = await Promise.all([
      opened.bridge.call('status', {}),
      opened.bridge.call('listDatabases', {}),
    ]);
    expect(status).toEqual(sampleStatus);
    expect(databases).toEqual(sampleDatabases);
  });

  it('connects and disconnects a database', async () => {
    await using opened = await open(startBackend());
    await whenOpen(opened.bridge);
    const connected = await opened.bridge.call('connect', { database: 'id-orders', port: 55_000 });
    expect(connected.connection).toMatchObject({ kind: 'connected', local: { port: 55_000 } });
    const disconnected = await opened.bridge.call('disconnect', { database: 'id-orders' });
    expect(disconnected).toMatchObject({ port: 55_000, connection: { kind: 'disconnected' } });
  });

  it('rejects with the code, message and hint of the failure and without its detail', async () => {
    const backend = startBackend();
    await using opened = await open(backend);
    await whenOpen(opened.bridge);
    backend.failNext(
      'connect',
      new AppError('PORT_IN_USE', { message: 'Taken.', hint: 'Use 1.', detail: 'canary' }),
    );
    const failure = await opened.bridge
      .call('connect', { database: 'id-orders' })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({
      code: 'PORT_IN_USE',
      message: 'Taken.',
      hint: 'Use 1.',
      detail: undefined,
    });
  });

  it('refuses parameters that the schema does not know, before the backend sees them', async () => {
    await using opened = await open(startBackend());
    await whenOpen(opened.bridge);
    const params = { database: 'id-orders', port: 70_000 };
    await expect(opened.bridge.call('connect', params)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'port',
    });
  });

  it('answers INTERNAL when the backend says what the schema does not know', async () => {
    const backend = startBackend();
    await using opened = await open(backend);
    await whenOpen(opened.bridge);
    backend.setStatus({ ...sampleStatus, apiToken: 'canary' } as Status);
    await expect(opened.bridge.call('status', {})).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('hands out events until the listener is taken off', async () => {
    const backend = startBackend();
    await using opened = await open(backend);
    await whenOpen(opened.bridge);
    const seen: number[] = [];
    const stop = opened.bridge.on('databasesChanged', ({ databases }) => seen.push(databases.length));
    backend.setDatabases(sampleDatabases.slice(0, 1));
    // An answer comes after the event that was sent before it.
    await opened.bridge.call('status', {});
    stop();
    backend.setDatabases([]);
    await opened.bridge.call('status', {});
    expect(seen).toEqual([1]);
  });

  it('stops listening to the backend when it is closed, and refuses further calls', async () => {
    const backend = startBackend();
    await using opened = await open(backend);
    await whenOpen(opened.bridge);
    expect(backend.subscribers).toBe(1);
    opened.bridge.close();
    await expect.poll(() => backend.subscribers).toBe(0);
    await expect(opened.bridge.call('status', {})).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });
}

/** Resolves with the capabilities; rejects when the token is refused. */
export function whenOpen(bridge: Bridge): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const look = (state: BridgeState): void => {
      if (state.kind === 'open') resolve(state.capabilities);
      if (state.kind === 'refused') reject(new AppError('UNAUTHENTICATED'));
    };
    bridge.onState(look);
    look(bridge.state());
  });
}
