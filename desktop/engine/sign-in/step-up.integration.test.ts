import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine } from '../engine.ts';
import type { PasskeyLogin } from '../engine-options.ts';
import { type FakeControlPlane, ids, startFakeControlPlane } from '../testing/fake-control-plane.ts';
import { FakeAgentDoor, fakeSidecars } from '../testing/fake-sidecar.ts';

let controlPlane: FakeControlPlane;
let door: FakeAgentDoor;
let sidecars: ReturnType<typeof fakeSidecars>;
let stateDir: string;
let time: number;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  controlPlane = stack.use(await startFakeControlPlane());
  door = new FakeAgentDoor();
  sidecars = fakeSidecars(door);
  time = Date.UTC(2030, 0, 1);
  controlPlane.now = () => time;
  controlPlane.tunnel = { publicKey: door.publicKey, candidates: [] };
  controlPlane.relay = {
    name: 'relay',
    url: 'ws://localhost:1/relay/v1',
    stun: [],
    token: 'ticket',
    expiresAt: '2030-01-02T00:00:00.000Z',
  };
  controlPlane.agent = { id: ids.agent, host: '127.0.0.1', port: 1 };
  stateDir = await mkdtemp(join(tmpdir(), 'daam-step-up-'));
  stack.defer(async () => await rm(stateDir, { recursive: true, maxRetries: 5 }));
});
afterEach(async () => await stack.disposeAsync());

async function open(): Promise<Engine> {
  const clock = { now: () => time };
  return stack.use(await Engine.open({ stateDir, secretStore: 'file', clock, startSidecar: sidecars.start }));
}

const signal = new AbortController().signal;
const pages: URL[] = [];
const way: PasskeyLogin['way'] = {
  kind: 'browser',
  show: ({ url }) => {
    pages.push(new URL(url));
    void fetch(controlPlane.signIn.authorize(url));
  },
};

/** Signed in, connected, and then the database wants a sign-in of just now. */
async function staleSignIn(): Promise<Engine> {
  const engine = await open();
  await engine.loginWithPasskey({ controlPlane: controlPlane.url, way, signal });
  await engine.connect('shop');
  time += 400_000;
  controlPlane.stepUpSince = time;
  return engine;
}

const failureOf = async (engine: Engine) => (await engine.status()).connections[0]?.failure?.code ?? null;

describe('a database that wants a recent sign-in', () => {
  it('is refused to an older one, and goes on at the same port after the person has signed in again', async () => {
    const engine = await staleSignIn();
    const before = (await engine.connect('shop')).port;
    await engine.renew();
    await expect.poll(() => failureOf(engine)).toBe('STEP_UP_REQUIRED');
    expect(sidecars.all.at(-1)?.sent('forward.refuse').at(-1)).toMatchObject({
      refusal: { code: '28000', message: expect.stringContaining('STEP_UP_REQUIRED') as string },
    });
    const knocks = door.knocks.length;
    pages.length = 0;
    await engine.signInAgain({ way, signal });
    const query = pages[0]?.searchParams;
    expect([query?.get('login_hint'), query?.get('org')]).toEqual(['dev@example.com', ids.org]);
    const after = await engine.connect('shop');
    expect(after).toMatchObject({ port: before, failure: null });
    const shown = door.knocks.slice(knocks);
    expect(shown.at(-1)?.certificate).not.toBe(door.knocks[knocks - 1]?.certificate);
    expect(sidecars.all).toHaveLength(1);
  });

  it('is told to one who connects for the first time, by its code', async () => {
    const engine = await staleSignIn();
    await engine.disconnect('shop');
    expect(await engine.connect('shop')).toMatchObject({ failure: { code: 'STEP_UP_REQUIRED' } });
    await engine.signInAgain({ way, signal });
    expect(await engine.connect('shop')).toMatchObject({ failure: null });
  });

  it('goes on in the process that holds the port when the person signs in again in another', async () => {
    const holder = await staleSignIn();
    await holder.renew();
    await expect.poll(() => failureOf(holder)).toBe('STEP_UP_REQUIRED');
    const other = await open();
    await other.signInAgain({ way, signal });
    await expect.poll(() => failureOf(holder)).toBeNull();
  });

  it('cannot be had by signing in again where nobody is signed in', async () => {
    await expect((await open()).signInAgain({ way, signal })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });
});
