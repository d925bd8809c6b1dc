/** The agent's end with a real sidecar, and another one for the device. There is no relay: the device has the address. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RelayTicket } from '@daam/shared/api/schemas';
import { silentLogger } from '@daam/shared/base/logger';
import type { DeviceId, OrgId, UserId } from '@daam/shared/domain/ids';
import { generateX25519, x25519PrivateText, x25519PublicText } from '@daam/shared/identity/x25519';
import { buildSidecar } from '@daam/shared/testing/built-sidecar';
import { sampleId } from '@daam/shared/testing/identity-samples';
import { SidecarProcess } from '@daam/shared/wireguard/sidecar-process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AcceptedStream } from './accept.ts';
import { AddressPool } from './address-pool.ts';
import { AdmittedPeers } from './admitted-peers.ts';
import { SidecarLink, type SidecarLinkOptions, tunnelPort, type TunnelState } from './sidecar-link.ts';
import { TunnelSocket } from './tunnel-socket.ts';

const built = buildSidecar();
if ('missing' in built) process.stderr.write(`skipped: sidecar-link: ${built.missing}\n`);
const file = 'file' in built ? built.file : '';

const [agentKey, deviceKey] = [generateX25519(), generateX25519()];
const publicKey = x25519PublicText(deviceKey);
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

let stack: AsyncDisposableStack;
let accepted: AcceptedStream[];
let states: TunnelState[];
let removed: string[];

beforeEach(() => {
  stack = new AsyncDisposableStack();
  [accepted, states, removed] = [[], [], []];
});
afterEach(async () => {
  for (const { socket } of accepted) socket.destroy();
  await stack.disposeAsync();
});

async function startAgent(config: Partial<SidecarLinkOptions['config']> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'daam-link-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const pool = new AddressPool({ ownKey: x25519PublicText(agentKey) });
  const peers: AdmittedPeers = new AdmittedPeers({
    pool,
    now: () => 0,
    addPeer: (peer) => link.addPeer(peer),
    removePeer: async (key) => {
      await link.removePeer(key);
      removed.push(key);
    },
    onReplaced: () => {},
    graceMs: 0,
  });
  const secret = randomBytes(32);
  const socket = stack.use(
    await TunnelSocket.start({
      folder,
      secret,
      peerOf: (key) => peers.find(key),
      onAccepted: (stream) => {
        accepted.push(stream);
        stream.socket.end('hello');
        stream.socket.resume();
      },
      onRefused: () => {},
    }),
  );
  const link: SidecarLink = stack.use(
    new SidecarLink({
      config: { listenPort: null, candidates: ['192.0.2.1:51820'], path: 'auto', environment: {}, ...config },
      file,
      privateKey: agentKey,
      address: pool.own,
      socket: { path: socket.path, secret },
      peers: () => peers.all(),
      onKnock: () => {},
      onTarget: () => {},
      onState: (state) => states.push(state),
      logger: silentLogger,
    }),
  );
  await expect.poll(() => link.state.sidecar).toBe('up');
  return { link, peers, own: pool.own };
}

/** A device that knows the agent's key and address; it is let in by `peers` alone. */
async function startDevice(
  ownAddress: string,
  agent: Awaited<ReturnType<typeof startAgent>>,
): Promise<number> {
  const sidecar = stack.use(
    await SidecarProcess.start({
      file,
      role: 'client',
      onEvent: () => {},
      onExit: () => {},
      logger: silentLogger,
    }),
  );
  await sidecar.send('up', { privateKey: x25519PrivateText(deviceKey) });
  const port = agent.link.target.candidates.at(-1)?.split(':').at(-1) ?? '';
  const peer = agent.link.target.publicKey;
  await sidecar.send('peer.add', {
    publicKey: peer,
    allowedIp: agent.own,
    ownAddress,
    candidates: [`127.0.0.1:${port}`],
  });
  const { listen } = await sidecar.send('forward.add', {
    forward: 'shop',
    listen: '127.0.0.1:0',
    peer,
    port: tunnelPort,
  });
  return Number(String(listen).split(':').at(-1));
}

async function greeting(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // Whoever is not let in hears nothing: the device's own sidecar gives up after a while.
  const timer = setTimeout(() => socket.destroy(), 20_000);
  await once(socket, 'close');
  clearTimeout(timer);
  return Buffer.concat(chunks).toString('latin1');
}

describe.skipIf(file === '')('the agent’s sidecar', () => {
  it('tells where the agent is found, the configured addresses first', async () => {
    const { link } = await startAgent();
    expect(link.target.publicKey).toBe(x25519PublicText(agentKey));
    expect(link.target.candidates[0]).toBe('192.0.2.1:51820');
    expect(link.state).toEqual({ sidecar: 'up', relay: 'none', reason: null });
  });

  it('lets an admitted key through, by the path that the connection takes, and nobody else', async () => {
    const agent = await startAgent();
    const { address } = await agent.peers.admit({ key: publicKey, identity, candidates: ['nonsense'] });
    const port = await startDevice(address, agent);
    expect(await greeting(port)).toBe('hello');
    expect(accepted[0]?.identity).toMatchObject({ email: 'dev@example.com', path: 'direct' });
    agent.peers.removeWhere(() => true);
    await expect.poll(() => removed).toEqual([publicKey]);
    expect(await greeting(port)).not.toBe('hello');
    expect(accepted).toHaveLength(1);
  });

  it('knows its peers again after it was killed, under another name of the run', async () => {
    const agent = await startAgent();
    const { address } = await agent.peers.admit({ key: publicKey, identity, candidates: [] });
    const run = agent.link.run;
    agent.link.restart();
    await expect.poll(() => states.some(({ sidecar }) => sidecar === 'waiting')).toBe(true);
    await expect.poll(() => agent.link.state.sidecar, { timeout: 10_000 }).toBe('up');
    expect(agent.link.run).not.toBe(run);
    expect(await greeting(await startDevice(address, agent))).toBe('hello');
  });

  it('takes the relay that it is given, and another one, and says that it is not there', async () => {
    const { link } = await startAgent();
    const ticket = (url: string): RelayTicket => ({
      name: 'relay',
      url,
      stun: [],
      token: 'a.b.c',
      expiresAt: '2030-01-01T00:00:00.000Z',
    });
    const run = link.run;
    link.useRelay(ticket('ws://127.0.0.1:9/relay/v1'));
    await expect.poll(() => link.state.relay).toBe('waiting');
    expect(link.state.reason).not.toBeNull();
    const second = link.run;
    link.useRelay({ ...ticket('ws://127.0.0.1:9/relay/v1'), token: 'd.e.f' });
    link.useRelay(null);
    await link.addPeer({ key: publicKey, identity, address: '100.64.0.9', candidates: [] });
    expect(link.run).toBe(second);
    link.useRelay(ticket('ws://127.0.0.1:9/elsewhere'));
    await expect.poll(() => link.run).not.toBe(second);
    expect(second).not.toBe(run);
  });

  it('does not use the direct path where only the relay may be', async () => {
    const agent = await startAgent({ path: 'relay' });
    const { address } = await agent.peers.admit({ key: publicKey, identity, candidates: [] });
    expect(await greeting(await startDevice(address, agent))).not.toBe('hello');
    expect(accepted).toEqual([]);
  });
});
