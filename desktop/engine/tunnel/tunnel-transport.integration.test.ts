import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { decodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine, type EngineOptions } from '../engine.ts';
import { RunningConnections } from '../running-connections.ts';
import { type FakeControlPlane, ids, startFakeControlPlane } from '../testing/fake-control-plane.ts';
import { FakeAgentDoor, type FakeSidecar, fakeSidecars } from '../testing/fake-sidecar.ts';

let controlPlane: FakeControlPlane;
let door: FakeAgentDoor;
let sidecars: ReturnType<typeof fakeSidecars>;
let stateDir: string;
let time: number;
let stack: AsyncDisposableStack;

const ticket = {
  name: 'relay',
  url: 'ws://localhost:1/relay/v1',
  stun: ['127.0.0.1:3478'],
  token: 'ticket-1',
  expiresAt: '2030-01-01T01:00:00.000Z',
};

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  controlPlane = stack.use(await startFakeControlPlane());
  door = new FakeAgentDoor();
  sidecars = fakeSidecars(door);
  controlPlane.tunnel = { publicKey: door.publicKey, candidates: ['192.0.2.9:4000'] };
  controlPlane.relay = ticket;
  controlPlane.agent = { id: ids.agent, host: '127.0.0.1', port: 1 };
  stateDir = await mkdtemp(join(tmpdir(), 'daam-tunnel-'));
  stack.defer(async () => await rm(stateDir, { recursive: true, maxRetries: 5 }));
  time = Date.UTC(2030, 0, 1);
  controlPlane.now = () => time;
});
afterEach(async () => await stack.disposeAsync());

async function signedIn(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = stack.use(
    await Engine.open({
      stateDir,
      secretStore: 'file',
      transport: 'tunnel',
      clock: { now: () => time },
      startSidecar: sidecars.start,
      ...options,
    }),
  );
  await engine.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
  return engine;
}

function sidecar(): FakeSidecar {
  const last = sidecars.all.at(-1);
  if (last === undefined) throw new Error('no sidecar was started');
  return last;
}

const startup = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 3, 0, 0]), Buffer.from('user\0dev\0\0')]);
startup.writeInt32BE(startup.length, 0);

async function say(port: number, bytes: Buffer | string): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

describe('a local port over the tunnel', () => {
  it('is the sidecar’s once the agent has said yes, and shows the agent certificate, grant and addresses', async () => {
    const engine = await signedIn();
    const local = await engine.connect('shop');
    expect(local.failure).toBeNull();
    expect((await say(local.port, 'hi')).toString()).toBe('through the tunnel\nhi');
    expect(door.knocks).toMatchObject([{ database: ids.database, candidates: ['198.51.100.7:5000'] }]);
    expect(door.knocks[0]?.grant).not.toBeNull();
    expect(sidecar().sent('up')).toMatchObject([
      { relay: { url: ticket.url, name: 'relay', token: 'ticket-1' }, stun: ticket.stun },
    ]);
    expect(sidecar().sent('peer.add')).toMatchObject([
      {
        publicKey: door.publicKey,
        allowedIp: '100.64.0.1',
        ownAddress: '100.64.0.2',
        candidates: ['192.0.2.1:4000', '192.0.2.9:4000'],
      },
    ]);
    expect(sidecar().sent('forward.add')).toMatchObject([{ peer: door.publicKey, port: 5432 }]);
  });

  it.each([
    ['auto', { direct: 'auto', relay: 'auto' }],
    ['direct', { direct: 'auto', relay: 'never' }],
    ['relay', { direct: 'never', relay: 'auto' }],
  ] as const)('takes the paths that %s allows', async (path, policy) => {
    const engine = await signedIn({ path });
    await engine.connect('shop');
    expect(sidecar().sent('path.policy')).toEqual([policy]);
  });

  it('tells clients the agent’s refusal, and opens when the agent changes its mind', async () => {
    door.mood = { code: 'REVOKED', message: 'This device was revoked.' };
    const engine = await signedIn();
    const { port, failure } = await engine.connect('shop');
    expect(failure).toMatchObject({ code: 'REVOKED' });
    const answer = await say(port, startup);
    expect(decodeErrorResponse(answer.subarray(5))).toMatchObject({
      code: '28000',
      message: 'This device was revoked.',
    });
    door.mood = 'yes';
    time += 5_000;
    expect((await say(port, 'again')).toString()).toBe('through the tunnel\nagain');
  });

  it('asks for a new grant when the agent refuses the one it was shown', async () => {
    door.mood = { code: 'FORBIDDEN', message: 'no' };
    const engine = await signedIn();
    await engine.connect('shop');
    expect(door.knocks).toHaveLength(2);
    expect(door.knocks[1]?.grant).not.toBe(door.knocks[0]?.grant);
  });

  it('keeps the port, and says so, while there is no sidecar on this machine', async () => {
    const engine = stack.use(
      await Engine.open({
        stateDir,
        secretStore: 'file',
        transport: 'tunnel',
        sidecarFile: '/nowhere/daam-tunnel',
      }),
    );
    await engine.login({ controlPlane: controlPlane.url, token: new Secret(controlPlane.token) });
    const { port, failure } = await engine.connect('shop');
    expect(failure).toMatchObject({ code: 'TUNNEL_FAILED' });
    expect(failure?.hint).toContain('build:wireguard');
    expect((await say(port, startup)).toString('latin1', 0, 1)).toBe('E');
  });

  it('says so when the control plane knows no tunnel of the agent, or no relay', async () => {
    controlPlane.tunnel = null;
    const engine = await signedIn();
    expect((await engine.connect('shop')).failure).toMatchObject({ code: 'AGENT_UNAVAILABLE' });
    expect(sidecars.all).toHaveLength(0);
  });

  it('is closed, with peer and sidecar, when it is disconnected', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    await engine.disconnect('shop');
    expect(sidecar().sent('peer.remove')).toEqual([{ publicKey: door.publicKey }]);
    expect(sidecar().isDisposed).toBe(true);
    const refused = connect({ host: '127.0.0.1', port });
    const [failure] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(failure.code).toBe('ECONNREFUSED');
  });
});

describe('when something ends', () => {
  it('holds the port while the sidecar is gone, and hands it over to the next one', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    await sidecar().crash();
    const squatter = createServer();
    await expect
      .poll(async () => {
        squatter.listen({ port, host: '127.0.0.1', exclusive: true });
        const [event] = await Promise.race([
          once(squatter, 'error').then(() => ['held']),
          once(squatter, 'listening').then(() => ['taken']),
        ]);
        if (event === 'taken') await new Promise((resolve) => squatter.close(resolve));
        return event;
      })
      .toBe('held');
    time += 5_000;
    const waiting = say(port, 'patient');
    await expect.poll(async () => (await engine.status()).connections[0]?.clients).toBe(1);
    await sidecar().up();
    expect((await waiting).toString()).toBe('through the tunnel\npatient');
    expect((await say(port, 'next')).toString()).toBe('through the tunnel\nnext');
    expect(sidecar().sent('forward.add')).toHaveLength(2);
  });

  it('knocks again when the agent is back, and makes the peer anew when it is another run', async () => {
    const engine = await signedIn();
    await engine.connect('shop');
    const presence = { event: 'presence', peer: door.publicKey, present: true } as const;
    time += 5_000;
    sidecar().emit(presence);
    await expect.poll(() => sidecar().sent('peer.add').length).toBe(2);
    expect(sidecar().sent('peer.remove')).toHaveLength(0);
    door.run = 'AAAAAAAAAAAAAAAAAAAAAA';
    time += 5_000;
    sidecar().emit(presence);
    await expect.poll(() => sidecar().sent('peer.add').length).toBe(3);
    expect(sidecar().sent('peer.remove')).toEqual([{ publicKey: door.publicKey }]);
    expect(sidecar().sent('forward.add')).toHaveLength(1);
  });

  it('forgets no word of an agent that comes back right after a knock: it knocks once, a little later', async () => {
    const engine = await signedIn();
    await engine.connect('shop');
    const knocks = door.knocks.length;
    const presence = { event: 'presence', peer: door.publicKey, present: true } as const;
    for (let i = 0; i < 3; i += 1) sidecar().emit(presence);
    expect(door.knocks).toHaveLength(knocks);
    await expect.poll(() => door.knocks.length, { timeout: 10_000 }).toBe(knocks + 1);
    await expect.poll(() => sidecar().sent('peer.add').length).toBe(2);
  });

  it('does not knock more often than is polite, whatever the clients do', async () => {
    door.mood = { code: 'NO_POLICY', message: 'no' };
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    for (let i = 0; i < 5; i += 1) await say(port, startup);
    expect(door.knocks).toHaveLength(1);
  });

  it('refuses clients in the sidecar when a later knock is refused, and lets them in again', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    door.mood = { code: 'NO_POLICY', message: 'No policy any more.' };
    time += 5_000;
    sidecar().emit({ event: 'presence', peer: door.publicKey, present: true });
    await expect.poll(async () => (await say(port, 'x')).toString()).toBe('refused\n');
    expect(sidecar().sent('forward.refuse')).toMatchObject([
      { refusal: { code: '42501', message: 'No policy any more.' } },
    ]);
    expect((await engine.status()).connections[0]?.failure).toMatchObject({ code: 'NO_POLICY' });
    door.mood = 'yes';
    time += 5_000;
    sidecar().emit({ event: 'conn.open', conn: 1, forward: ids.database, peer: door.publicKey });
    sidecar().emit({ event: 'conn.close', conn: 1, sent: 0, received: 0, reason: 'refused' });
    await expect.poll(async () => (await say(port, 'y')).toString()).toBe('through the tunnel\ny');
  });

  it('shows the agent a renewed grant, and the relay a renewed ticket', async () => {
    const engine = await signedIn();
    await engine.connect('shop');
    controlPlane.relay = { ...ticket, token: 'ticket-2' };
    time += 290_000;
    await engine.renew();
    await expect.poll(() => door.knocks.length).toBe(2);
    expect(door.knocks[1]?.grant).not.toBe(door.knocks[0]?.grant);
    expect(sidecar().sent('relay.token')).toEqual([{ token: 'ticket-2' }]);
    expect(sidecar().restarts).toBe(0);
  });

  it('starts the sidecar anew for another relay', async () => {
    const engine = await signedIn();
    const { port } = await engine.connect('shop');
    controlPlane.relay = { ...ticket, url: 'ws://localhost:2/relay/v1' };
    time += 290_000;
    await engine.renew();
    await expect.poll(() => sidecar().sent('up').length).toBe(2);
    expect(sidecar().sent('up')[1]).toMatchObject({ relay: { url: 'ws://localhost:2/relay/v1' } });
    await expect.poll(async () => (await say(port, 'z')).toString()).toBe('through the tunnel\nz');
  });

  it('connects with what is held while the control plane is away', async () => {
    const engine = await signedIn();
    await engine.connect('shop');
    await engine.disconnect('shop');
    controlPlane.failWith = { status: 503, code: 'CONTROL_PLANE_UNAVAILABLE' };
    time += 400_000;
    const { port, failure } = await engine.connect('shop');
    expect(failure).toBeNull();
    expect(door.knocks.at(-1)?.grant).toBeNull();
    expect((await say(port, 'x')).toString()).toBe('through the tunnel\nx');
  });
});

describe('a sign-in that ends', () => {
  async function signedInByPasskey(): Promise<Engine> {
    const engine = stack.use(
      await Engine.open({
        stateDir,
        secretStore: 'file',
        clock: { now: () => time },
        startSidecar: sidecars.start,
      }),
    );
    await byPasskey(engine);
    return engine;
  }

  async function byPasskey(engine: Engine): Promise<void> {
    await engine.loginWithPasskey({
      controlPlane: controlPlane.url,
      signal: new AbortController().signal,
      way: { kind: 'browser', show: ({ url }) => void fetch(controlPlane.signIn.authorize(url)) },
    });
  }

  it('closes the way, and tells clients to sign in', async () => {
    const engine = await signedInByPasskey();
    const { port } = await engine.connect('shop');
    time += 3_601_000;
    await engine.renew();
    await expect.poll(async () => (await say(port, 'x')).toString()).toBe('refused\n');
    expect(sidecar().sent('forward.refuse')).toMatchObject([{ refusal: { code: '28000' } }]);
    expect((await engine.status()).notice).toEqual({ kind: 'over' });
    expect(controlPlane.calls.filter((call) => call.endsWith('/certificate'))).toEqual([]);
  });

  it('goes on under the new certificate, on the same port and with its connections, after signing in again', async () => {
    const engine = await signedInByPasskey();
    const { port } = await engine.connect('shop');
    const open = connect({ host: '127.0.0.1', port });
    open.write('still ');
    await once(open, 'data');
    time += 3_000_000;
    const first = door.knocks[0]?.certificate;
    await byPasskey(engine);
    await expect.poll(() => door.knocks.at(-1)?.certificate).not.toBe(first);
    open.end('here');
    let text = '';
    for await (const chunk of open) text += String(chunk);
    expect(text).toContain('here');
    expect(sidecar().sent('forward.add')).toHaveLength(1);
    expect((await say(port, 'new')).toString()).toBe('through the tunnel\nnew');
  });
});

describe('TLS on a local port', () => {
  it('is the sidecar’s to answer, once it is switched on, and no more when it is off', async () => {
    const engine = await signedIn();
    await engine.connect('shop');
    expect(sidecar().sent('forward.add')[0]).not.toHaveProperty('tls');
    await engine.switchLocalTls('on');
    const [change] = sidecar().sent('forward.tls');
    expect(change).toMatchObject({
      forward: ids.database,
      tls: { key: expect.stringMatching(/PRIVATE KEY/) as string },
    });
    await engine.switchLocalTls('off');
    expect(sidecar().sent('forward.tls')[1]).toEqual({ forward: ids.database });
  });
});

describe('what is told of the path', () => {
  it('is the kind, the address and the round trip, here and to other processes', async () => {
    const engine = await signedIn();
    await engine.connect('shop');
    sidecar().emit({ event: 'relay', state: 'connected', retryInMs: 0, reason: '' });
    sidecar().emit({
      event: 'path',
      peer: door.publicKey,
      kind: 'direct',
      address: '192.0.2.1:4000',
      rttMs: 0.21,
    });
    const path = { kind: 'direct', address: '192.0.2.1:4000', rttMs: 0.21 };
    expect((await engine.status()).connections).toMatchObject([{ path, relay: { state: 'connected' } }]);
    const others = await RunningConnections.open(stateDir);
    await expect.poll(async () => (await others.list())[0]?.path).toEqual(path);
    expect(await readdir(join(stateDir, 'running'))).toHaveLength(1);
  });
});
