import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DeviceId, OrgId, UserId } from '@daam/shared/domain/ids';
import { sampleId } from '@daam/shared/testing/identity-samples';
import { testRandom } from '@daam/shared/testing/random';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AcceptedStream } from './accept.ts';
import { TunnelSocket, type TunnelSocketOptions } from './tunnel-socket.ts';

const secret = randomBytes(32);
const key = randomBytes(32);
const address = '100.64.0.2';

let stack: AsyncDisposableStack;
let folder: string;
let accepted: AcceptedStream[];
let refused: string[];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'daam-socket-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  [accepted, refused] = [[], []];
});
afterEach(async () => {
  for (const { socket } of accepted) socket.destroy();
  await stack.disposeAsync();
});

async function listen(changes: Partial<TunnelSocketOptions> = {}): Promise<TunnelSocket> {
  const identity = {
    user: sampleId<UserId>(1),
    email: 'dev@example.com',
    device: sampleId<DeviceId>(2),
    org: sampleId<OrgId>(3),
    certificateJti: 'one',
    authTime: 0,
    expiresAt: 2_000_000_000,
    path: 'relay',
  } as const;
  const peer = { key: key.toString('base64url'), identity, address, candidates: [] };
  return stack.use(
    await TunnelSocket.start({
      folder,
      secret,
      peerOf: (asked) => (asked === peer.key ? peer : null),
      onAccepted: (stream) => void accepted.push(stream),
      onRefused: ({ code }) => refused.push(code),
      ...changes,
    }),
  );
}

interface Words {
  readonly token?: Buffer;
  readonly key?: Buffer;
  readonly path?: string;
  readonly address?: string;
}

/** What the sidecar writes (shared/wireguard/forward/header.go). */
function header(words: Words = {}): Buffer {
  const tlv = (type: number, value: Buffer): Buffer =>
    Buffer.concat([Buffer.of(type, value.length >> 8, value.length & 255), value]);
  const body = Buffer.concat([
    Buffer.from((words.address ?? address).split('.').map(Number)),
    Buffer.of(100, 64, 0, 1, 0x9c, 0x40, 0x15, 0x38),
    tlv(0xe0, words.key ?? key),
    tlv(0xe1, Buffer.from(words.path ?? 'direct')),
    tlv(0xe2, words.token ?? secret),
  ]);
  const start = Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11', 'latin1');
  return Buffer.concat([start, Buffer.of(body.length >> 8, body.length & 255), body]);
}

async function dial({ path }: TunnelSocket, ...parts: readonly Buffer[]): Promise<Socket> {
  const socket = connect(path);
  socket.on('error', () => {});
  stack.defer(() => void socket.destroy());
  await once(socket, 'connect');
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return socket;
}

describe('the socket of the tunnel', () => {
  it('is in a folder that only the agent may enter, and gone with the agent', async () => {
    const socket = await listen();
    expect((await stat(dirname(socket.path))).mode & 0o777).toBe(0o700);
    await socket[Symbol.asyncDispose]();
    await expect(stat(dirname(socket.path))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is elsewhere where the path would be too long for a socket', async () => {
    const socket = await listen({ folder: join(folder, 'a'.repeat(90)) });
    expect(socket.path.length).toBeLessThan(100);
    expect((await stat(dirname(socket.path))).mode & 0o777).toBe(0o700);
  });

  it('takes the place of one that an agent left behind', async () => {
    const first = await listen();
    const again = await listen();
    expect(again.path).toBe(first.path);
    await dial(again, header());
    await expect.poll(() => accepted.length).toBe(1);
  });

  it('gives the person whose key was admitted, the way they came, and every byte after the header', async () => {
    const words = Buffer.from('the first bytes');
    const socket = await dial(await listen(), Buffer.concat([header(), words]));
    await expect.poll(() => accepted.length).toBe(1);
    expect(accepted[0]?.identity).toMatchObject({ email: 'dev@example.com', path: 'direct' });
    expect(accepted[0]?.leftover).toEqual(words);
    const more = once(accepted[0]?.socket as Socket, 'data');
    accepted[0]?.socket.resume();
    socket.write('more');
    expect(((await more) as [Buffer])[0].toString()).toBe('more');
  });

  it('reads a header that comes in pieces', async () => {
    const bytes = header({ path: 'both' });
    await dial(await listen(), ...[0, 5, 20, 60].map((at, index, all) => bytes.subarray(at, all[index + 1])));
    await expect.poll(() => accepted.length).toBe(1);
    expect(accepted[0]?.identity.path).toBe('relay');
  });

  it.each<[string, string, Words]>([
    ['without the secret', 'PROTOCOL_VIOLATION', { token: randomBytes(32) }],
    ['with a key that was not admitted', 'REVOKED', { key: randomBytes(32) }],
    ['from an address that is not the key’s', 'PROTOCOL_VIOLATION', { address: '100.64.0.3' }],
    ['on a path that there is not', 'PROTOCOL_VIOLATION', { path: 'loopback' }],
  ])('refuses a connection %s', async (_, code, words) => {
    const socket = await dial(await listen(), header(words));
    await once(socket, 'close');
    expect([accepted, refused]).toEqual([[], [code]]);
  });

  it('refuses a connection that says nothing in time, and one that goes', async () => {
    const listener = await listen({ headerTimeoutMs: 50 });
    await once(await dial(listener, Buffer.from('\r\n\r\n')), 'close');
    (await dial(listener, header().subarray(0, 30))).destroy();
    await expect.poll(() => refused).toEqual(['PROTOCOL_VIOLATION', 'PROTOCOL_VIOLATION']);
  });

  it('takes no more than a bound before they are known', async () => {
    const listener = await listen({ maxPending: 2 });
    const waiting = [await dial(listener), await dial(listener)];
    await once(await dial(listener), 'close');
    expect(refused).toEqual(['TOO_MANY_SESSIONS']);
    waiting[0]?.write(header());
    await expect.poll(() => accepted.length).toBe(1);
  });

  it('lets nobody in with any other bytes, and never falls over them', async () => {
    const listener = await listen();
    const random = testRandom(11);
    const good = header();
    for (let turn = 0; turn < 300; turn += 1) {
      const bytes = random.chance(0.5) ? Buffer.from(good) : randomBytes(random.int(700));
      for (let change = 0; change <= random.int(3) && bytes.length > 0; change += 1) {
        const at = random.int(Math.min(bytes.length, good.length - 1));
        bytes.writeUInt8((bytes[at] as number) ^ (1 + random.int(255)), at);
      }
      // The device's port, the agent's address and its port are nobody's business here.
      if (good.subarray(0, 20).equals(bytes.subarray(0, 20)) && good.subarray(28).equals(bytes.subarray(28)))
        continue;
      const socket = await dial(listener, bytes);
      socket.end();
      await once(socket, 'close');
    }
    expect(accepted).toEqual([]);
    await dial(listener, good);
    await expect.poll(() => accepted.length).toBe(1);
  });
});
