/** The sidecar on both ends, the real relay between them: what goes through, on which path, and who can read it. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Relay, startRelay } from '@daam/relay/app';
import { relayDefaults } from '@daam/relay/config';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { generateX25519, x25519PrivateText, x25519PublicText } from '@daam/shared/identity/x25519';
import { signRelayToken } from '@daam/shared/relay-protocol/token';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildSidecar, SidecarProcess } from './sidecar-process.ts';

const built = buildSidecar();
if ('missing' in built) process.stderr.write(`skipped: sidecar.spec: ${built.missing}\n`);
const file = 'file' in built ? built.file : '';

const issuer = generateSigningKey();
const name = 'relay-test';
const agentAddress = '100.64.0.1';
const deviceAddress = '100.64.0.2';
const acceptToken = randomBytes(32);

interface End {
  readonly sidecar: SidecarProcess;
  readonly publicKey: string;
  readonly port: number;
}

let stack: AsyncDisposableStack;
let relay: Relay;
let folder: string;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'daam-sidecar-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const listen = { host: '127.0.0.1', port: 0 };
  relay = stack.use(await startRelay({ ...relayDefaults, name, listen, issuerKeys: [issuer.publicKey] }));
});
afterEach(async () => await stack.disposeAsync());

async function startEnd(
  role: 'client' | 'agent',
  peers: { readonly privateKey: string; readonly publicKey: string; readonly counterpart: string },
  more: Readonly<Record<string, unknown>> = {},
): Promise<End> {
  const now = Math.floor(Date.now() / 1000);
  const token = await signRelayToken(
    {
      relay: name,
      publicKey: peers.publicKey,
      counterparts: [peers.counterpart],
      iat: now,
      exp: now + 60,
      jti: 'j',
    },
    issuer,
  );
  const sidecar = stack.use(new SidecarProcess(file, role));
  await sidecar.send('hello', { proto: 1 });
  const up = await sidecar.send('up', {
    privateKey: peers.privateKey,
    relay: { url: relay.url, name, token },
    ...more,
  });
  return { sidecar, publicKey: String(up['publicKey']), port: Number(up['port']) };
}

/** Reads the PROXY header, then echoes. */
async function startAgentSocket(): Promise<{ readonly path: string; readonly headers: Buffer[] }> {
  const path = join(folder, 'agent.sock');
  const headers: Buffer[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    socket.once('data', (chunk: Buffer) => {
      const length = 16 + chunk.readUInt16BE(14);
      headers.push(chunk.subarray(0, length));
      socket.write(chunk.subarray(length));
      socket.pipe(socket);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  stack.defer(() => void server.close());
  return { path, headers };
}

async function connectBoth(policy: Readonly<Record<string, string>>) {
  const [deviceKey, agentKey] = [generateX25519(), generateX25519()];
  const device = { privateKey: x25519PrivateText(deviceKey), publicKey: x25519PublicText(deviceKey) };
  const agent = { privateKey: x25519PrivateText(agentKey), publicKey: x25519PublicText(agentKey) };
  const socket = await startAgentSocket();
  const accept = { port: 5432, socket: socket.path, token: acceptToken.toString('base64url') };
  const agentEnd = await startEnd(
    'agent',
    { ...agent, counterpart: device.publicKey },
    { address: agentAddress, accept },
  );
  const deviceEnd = await startEnd('client', { ...device, counterpart: agent.publicKey });
  for (const { sidecar } of [agentEnd, deviceEnd]) await sidecar.send('path.policy', policy);
  await agentEnd.sidecar.send('peer.add', { publicKey: device.publicKey, allowedIp: deviceAddress });
  await deviceEnd.sidecar.send('peer.add', {
    publicKey: agent.publicKey,
    allowedIp: agentAddress,
    ownAddress: deviceAddress,
    candidates: [`127.0.0.1:${agentEnd.port}`],
  });
  const forward = { forward: 'shop', listen: '127.0.0.1:0', peer: agent.publicKey, port: 5432 };
  const { listen } = await deviceEnd.sidecar.send('forward.add', forward);
  return { agentEnd, deviceEnd, headers: socket.headers, port: Number(String(listen).split(':')[1]) };
}

async function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

describe.skipIf(file === '')('two sidecars and the relay', () => {
  it('carry bytes by the relay alone, and name the peer to the agent', async () => {
    const both = await connectBoth({ direct: 'never', relay: 'auto' });
    const bytes = randomBytes(3_000_000);
    expect((await exchange(both.port, bytes)).equals(bytes)).toBe(true);
    const header = both.headers[0] as Buffer;
    expect(header.subarray(0, 12).toString('latin1')).toBe('\r\n\r\n\0\r\nQUIT\n');
    expect(header.includes(Buffer.from(both.deviceEnd.publicKey, 'base64url'))).toBe(true);
    expect(header.includes(acceptToken)).toBe(true);
    expect(header.includes(Buffer.from('relay'))).toBe(true);
    const stats = await both.deviceEnd.sidecar.send('stats');
    expect(stats['peers']).toMatchObject([{ path: 'relay', directSent: 0 }]);
  });

  it('move to a direct path when there is one, and back when it is forbidden', async () => {
    const both = await connectBoth({ direct: 'auto', relay: 'auto' });
    const pathNow = async (): Promise<unknown> => {
      await exchange(both.port, Buffer.from('x'));
      const { peers } = await both.deviceEnd.sidecar.send('stats');
      return (peers as { path: string }[])[0]?.path;
    };
    await expect.poll(pathNow, { timeout: 15_000 }).toBe('direct');
    await both.agentEnd.sidecar.send('path.policy', { direct: 'never', relay: 'auto' });
    await expect.poll(pathNow, { timeout: 15_000 }).toBe('relay');
    expect(both.deviceEnd.sidecar.events.filter(({ event }) => event === 'path').length).toBeGreaterThan(1);
  });

  it('hand a sealed knock to the program at the other end', async () => {
    const both = await connectBoth({ direct: 'auto', relay: 'auto' });
    const payload = Buffer.concat([Buffer.of(0xdb), randomBytes(6_000)]).toString('base64url');
    await expect
      .poll(
        async () =>
          (await both.deviceEnd.sidecar.send('knock.send', { to: both.agentEnd.publicKey, payload }))['sent'],
      )
      .toBe(true);
    await expect
      .poll(() => both.agentEnd.sidecar.events.find(({ event }) => event === 'knock'))
      .toMatchObject({ from: both.deviceEnd.publicKey, payload });
  });

  it('live through a restart of the relay', async () => {
    const both = await connectBoth({ direct: 'never', relay: 'auto' });
    expect((await exchange(both.port, Buffer.from('before'))).toString()).toBe('before');
    const port = Number(new URL(relay.url).port);
    await relay[Symbol.asyncDispose]();
    const listen = { host: '127.0.0.1', port };
    stack.use(await startRelay({ ...relayDefaults, name, listen, issuerKeys: [issuer.publicKey] }));
    expect((await exchange(both.port, Buffer.from('after'))).toString()).toBe('after');
  });
});
