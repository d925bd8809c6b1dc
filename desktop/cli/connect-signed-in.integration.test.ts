import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Secret } from '@daam/shared/base/secret';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { type FakeControlPlane, ids, startFakeControlPlane } from '../engine/testing/fake-control-plane.ts';
import { FakeAgentDoor, fakeSidecars } from '../engine/testing/fake-sidecar.ts';
import { type CommandContext, UsageError } from './command.ts';
import { connectSignedIn } from './connect-signed-in.ts';
import { readConfig } from './config.ts';

let controlPlane: FakeControlPlane;
let engine: Engine;
let stack: AsyncDisposableStack;
let stderr: PassThrough;
let time: number;
let interrupt: () => void;
let home: string;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  controlPlane = stack.use(await startFakeControlPlane());
  const door = new FakeAgentDoor();
  time = Date.now();
  controlPlane.now = () => time;
  controlPlane.tunnel = { publicKey: door.publicKey, candidates: [] };
  const expiresAt = new Date(time + 3_600_000).toISOString();
  controlPlane.relay = { name: 'relay', url: 'ws://localhost:1/relay/v1', stun: [], token: 't', expiresAt };
  controlPlane.agent = { id: ids.agent, host: '127.0.0.1', port: 1 };
  home = await mkdtemp(join(tmpdir(), 'daam-connect-'));
  stack.defer(async () => await rm(home, { recursive: true, maxRetries: 5 }));
  const startSidecar = fakeSidecars(door).start;
  const clock = { now: () => time };
  engine = stack.use(await Engine.open({ stateDir: home, secretStore: 'file', startSidecar, clock }));
  stderr = new PassThrough();
});
afterEach(async () => await stack.disposeAsync());

async function signInByPasskey(): Promise<void> {
  await engine.loginWithPasskey({
    controlPlane: controlPlane.url,
    signal: new AbortController().signal,
    way: { kind: 'browser', show: ({ url }) => void fetch(controlPlane.signIn.authorize(url)) },
  });
}

/** From now on the database wants a sign-in of just now. */
function wantNewSignIn(): void {
  time += 60_000;
  controlPlane.stepUpSince = time;
}

function context(signIn?: string): CommandContext {
  return {
    values: signIn === undefined ? {} : { 'sign-in': signIn },
    positionals: ['shop'],
    rest: [],
    config: readConfig({ env: { DAAM_HOME: home } }),
    engine,
    json: true,
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    onSignal: (listener) => {
      interrupt = () => listener('SIGINT');
      return () => {};
    },
  };
}

/** The page that was shown. */
async function page(): Promise<string> {
  let said = '';
  for await (const chunk of stderr) {
    said += String(chunk);
    const shown = /^\{"open".*\}$/m.exec(said)?.[0];
    if (shown !== undefined) return (JSON.parse(shown) as { readonly open: string }).open;
  }
  throw new Error(`no page was shown: ${said}`);
}

describe('connecting to a database that wants a newer sign-in', () => {
  it('asks the person for it, then goes on', async () => {
    await signInByPasskey();
    wantNewSignIn();
    const connecting = connectSignedIn(context('print'), 'shop', { port: 0 });
    await fetch(controlPlane.signIn.authorize(await page()));
    expect(await connecting).toMatchObject({ failure: null });
  });

  it('asks nobody where nobody is at a terminal, or where it must not', async () => {
    await signInByPasskey();
    wantNewSignIn();
    for (const given of [context(), context('never')]) {
      const local = await connectSignedIn(given, 'shop', { port: 0 });
      expect(local.failure?.code).toBe('STEP_UP_REQUIRED');
    }
    expect(stderr.readableLength).toBe(0);
  });

  it('asks nobody for a passkey who signed in by a token', async () => {
    await engine.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
    wantNewSignIn();
    const local = await connectSignedIn(context('print'), 'shop', { port: 0 });
    expect(local.failure?.code).toBe('STEP_UP_REQUIRED');
    expect(stderr.readableLength).toBe(0);
  });

  it('asks for nothing when the sign-in is recent enough', async () => {
    await signInByPasskey();
    expect(await connectSignedIn(context('print'), 'shop', { port: 0 })).toMatchObject({ failure: null });
    expect(stderr.readableLength).toBe(0);
  });

  it('ends when it is interrupted while the person is asked, and when they refuse', async () => {
    await signInByPasskey();
    wantNewSignIn();
    const left = connectSignedIn(context('print'), 'shop', { port: 0 });
    await page();
    interrupt();
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
    stderr = new PassThrough();
    const refused = connectSignedIn(context('print'), 'shop', { port: 0 });
    const address = await page();
    await Promise.all([
      expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' }),
      fetch(controlPlane.signIn.authorize(address, 'no')),
    ]);
  });

  it('knows four ways to ask', async () => {
    await expect(connectSignedIn(context('maybe'), 'shop', {})).rejects.toThrow(UsageError);
  });
});
