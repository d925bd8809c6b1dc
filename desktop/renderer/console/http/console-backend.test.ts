import type { ApiClient } from '@daam/shared/api/client';
import { AppError } from '@daam/shared/errors/app-error';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { beforeEach, describe, expect, it } from 'vitest';
import { apiOverBridge } from '../../../ipc/api-over-bridge.ts';
import { connectInMemory } from '../../../ipc/memory-transport.ts';
import type { BridgeEvent } from '../../../ipc/schema.ts';
import { ConsoleBackend } from './console-backend.ts';

const me = {
  id: '9f0d1a3e-1111-4222-8333-444455556666',
  email: 'ada@example.com',
  role: 'admin',
  org: { id: '9f0d1a3e-1111-4222-8333-444455556667', name: 'Example' },
};

let failure: AppError | null;
let asked: object[];
let kept: Map<string, string>;
let events: BridgeEvent[];
let touches: number;
let backend: ConsoleBackend;

beforeEach(() => {
  failure = null;
  asked = [];
  kept = new Map();
  events = [];
  touches = 0;
  const answer = async (value: unknown): Promise<unknown> => {
    if (failure !== null) throw failure;
    return value;
  };
  backend = new ConsoleBackend({
    api: {
      getMe: () => answer(me),
      listGroups: (request: object) => {
        asked.push(request);
        return answer({ items: [] });
      },
    } as unknown as ApiClient,
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    origin: 'https://daam.example.com',
    passkey: {
      signIn: async () => {
        touches += 1;
        if (failure?.code === 'CANCELLED') throw failure;
      },
      end: async () => {
        failure = new AppError('UNAUTHENTICATED');
      },
    },
  });
  backend.subscribe((event) => void events.push(event));
});

const signInParams = {
  controlPlane: 'https://daam.example.com',
  way: 'browser',
  organization: null,
} as const;

describe('the console in a browser', () => {
  it('knows who is signed in, and that nobody is when the session has ended', async () => {
    expect((await backend.methods.status({})).account).toMatchObject({
      email: me.email,
      role: 'admin',
      organization: 'Example',
    });
    failure = new AppError('UNAUTHENTICATED');
    expect(await backend.methods.status({})).toMatchObject({
      account: null,
      controlPlane: { kind: 'online' },
    });
    failure = new AppError('CONTROL_PLANE_UNAVAILABLE');
    expect(await backend.methods.status({})).toMatchObject({
      account: null,
      controlPlane: { kind: 'offline' },
    });
  });

  it('signs in by the passkey of this browser and tells the screens', async () => {
    expect(await backend.methods.startSignIn(signInParams)).toEqual({ kind: 'done' });
    expect([touches, events.map(({ event }) => event)]).toEqual([
      1,
      ['signInChanged', 'signInChanged', 'statusChanged'],
    ]);
  });

  it('leaves everything as it was when the passkey is not used', async () => {
    failure = new AppError('CANCELLED');
    expect(await codeOfAsync(backend.methods.startSignIn(signInParams))).toBe('CANCELLED');
    expect(await backend.methods.readSignIn({})).toEqual({ kind: 'none' });
  });

  it('ends the session when asked', async () => {
    await backend.methods.signOut({});
    expect(events.at(-1)).toMatchObject({ event: 'statusChanged', payload: { status: { account: null } } });
  });

  it('passes calls to routes that exist, and to nothing else', async () => {
    const query = { limit: 5 };
    expect(await backend.methods.callApi({ route: 'listGroups', query })).toEqual({ value: { items: [] } });
    expect(asked).toEqual([{ params: undefined, query, body: undefined }]);
    for (const route of ['noSuchRoute', 'constructor', 'toString']) {
      expect(await codeOfAsync(backend.methods.callApi({ route }))).toBe('NOT_FOUND');
    }
  });

  it('tells the screens at once when a call shows that the session has ended', async () => {
    failure = new AppError('UNAUTHENTICATED');
    expect(await codeOfAsync(backend.methods.callApi({ route: 'listGroups' }))).toBe('UNAUTHENTICATED');
    expect(events.at(-1)).toMatchObject({ event: 'statusChanged', payload: { status: { account: null } } });
  });

  it('refuses what needs an engine', async () => {
    expect(await codeOfAsync(backend.methods.connect({ database: 'shop' }))).toBe('FORBIDDEN');
    expect(backend.capabilities).toMatchObject({ tunnel: false, localPort: false, queryEditor: false });
  });

  it('keeps choices of appearance in this browser, and survives what an older console kept', async () => {
    const { appearance } = await backend.methods.readSettings({});
    await backend.methods.changeSettings({ appearance: { ...appearance, theme: 'dark' } });
    expect((await backend.methods.readSettings({})).appearance.theme).toBe('dark');
    for (const key of kept.keys()) kept.set(key, '{"appearance":7}');
    expect((await backend.methods.readSettings({})).appearance).toEqual(appearance);
  });
});

describe('the bridge to it', () => {
  it('answers nothing for a route that answers nothing', async () => {
    const api = { deleteGroup: async () => await Promise.resolve() } as unknown as ApiClient;
    const storage = { getItem: () => null, setItem: () => undefined };
    const bridge = connectInMemory(new ConsoleBackend({ api, storage, origin: 'https://daam.example.com' }));
    expect(await apiOverBridge(bridge).deleteGroup({ params: { id: me.id } })).toBeUndefined();
  });
});
