/** Our own ways: two sidecars as the engine and the agent start them, and the relay as a process. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSigningKey, type SigningKey } from '@daam/shared/identity/keys';
import { generateX25519, x25519PrivateText, x25519PublicText } from '@daam/shared/identity/x25519';
import { signRelayToken } from '@daam/shared/relay-protocol/token';
import { type SidecarRole, SidecarProcess } from '@daam/shared/wireguard/sidecar-process';
import { silentLogger } from '@daam/shared/base/logger';
import { freePort } from './free-port.ts';
import { Program } from './programs.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const relayName = 'bench-relay';
export const agentIp = '100.64.0.1';
export const tunnelPort = 5432;

/** A relay that admits whom its issuer's key vouches for. */
export interface BenchRelay extends AsyncDisposable {
  readonly url: string;
  readonly name: string;
  readonly issuer: SigningKey;
  readonly pid: number;
}

/** Starts relay/main.ts as a process of its own, as in the product. */
export async function startBenchRelay(folder: string): Promise<BenchRelay> {
  const issuer = generateSigningKey();
  const port = await freePort();
  const keys = join(folder, `issuer-${port}.json`);
  await writeFile(keys, JSON.stringify([issuer.publicKey]));
  const program = new Program(process.execPath, [join(root, 'relay', 'main.ts')], {
    env: {
      DAAM_RELAY_NAME: relayName,
      DAAM_LISTEN: `127.0.0.1:${port}`,
      DAAM_ISSUER_KEYS_FILE: keys,
      DAAM_LOGGING_LEVEL: 'silent',
    },
  });
  return {
    url: `ws://127.0.0.1:${port}/relay/v1`,
    name: relayName,
    issuer,
    pid: program.pid,
    [Symbol.asyncDispose]: async () => await program[Symbol.asyncDispose](),
  };
}

/** A key pair, and the relay's ticket for it. */
export interface Identity {
  readonly privateKey: string;
  readonly publicKey: string;
  readonly token: string;
}

export async function makeIdentity(relay: BenchRelay, counterparts: readonly string[]): Promise<Identity> {
  const pair = generateX25519();
  const publicKey = x25519PublicText(pair);
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    relay: relay.name,
    publicKey,
    counterparts: [...counterparts],
    iat: now,
    exp: now + 3_600,
  };
  const token = await signRelayToken({ ...claims, jti: randomBytes(8).toString('hex') }, relay.issuer);
  return { privateKey: x25519PrivateText(pair), publicKey, token };
}

async function startSidecar(file: string, role: SidecarRole): Promise<SidecarProcess> {
  return await SidecarProcess.start({
    file,
    role,
    onEvent: (event) => {
      if (event.event === 'conn.close' && event.reason !== 'ended')
        process.stderr.write(`the ${role}'s sidecar: a connection ended: ${event.reason}\n`);
    },
    onExit: (failure) => process.stderr.write(`the ${role}'s sidecar ended: ${failure.message}\n`),
    logger: silentLogger,
  });
}

export interface AgentEnd extends AsyncDisposable {
  readonly sidecar: SidecarProcess;
  readonly publicKey: string;
  readonly candidate: string;
}

export interface StartEnd {
  readonly file: string;
  readonly relay: BenchRelay;
}

/** The agent's side: connections go to the Unix socket. */
export async function startAgentEnd(
  { file, relay }: StartEnd,
  socket: string,
  identity: Identity,
): Promise<AgentEnd> {
  const sidecar = await startSidecar(file, 'agent');
  const up = await sidecar.send('up', {
    privateKey: identity.privateKey,
    relay: { url: relay.url, name: relay.name, token: identity.token },
    address: agentIp,
    accept: { port: tunnelPort, socket, token: randomBytes(32).toString('base64url') },
  });
  return {
    sidecar,
    publicKey: identity.publicKey,
    candidate: `127.0.0.1:${Number(up['port'])}`,
    [Symbol.asyncDispose]: async () => await sidecar[Symbol.asyncDispose](),
  };
}

export type PathPolicy = 'direct' | 'relay';

export interface OurWay extends AsyncDisposable {
  /** The local port. */
  readonly address: string;
  /** Which way packets take now, as the sidecar says. */
  readonly pathNow: () => Promise<string>;
}

/** Both ends and a local port. The direct way keeps its relay beside it, as in the product. */
export async function startOurWay(ends: StartEnd, socket: string, path: PathPolicy): Promise<OurWay> {
  const stack = new AsyncDisposableStack();
  try {
    const agentIdentity = await makeIdentity(ends.relay, []);
    const device = await makeIdentity(ends.relay, [agentIdentity.publicKey]);
    const agent = stack.use(await startAgentEnd(ends, socket, agentIdentity));
    const sidecar = stack.use(await startSidecar(ends.file, 'client'));
    await sidecar.send('up', {
      privateKey: device.privateKey,
      relay: { url: ends.relay.url, name: ends.relay.name, token: device.token },
    });
    const policy = { direct: path === 'direct' ? 'auto' : 'never', relay: 'auto' };
    for (const each of [agent.sidecar, sidecar]) await each.send('path.policy', policy);
    await agent.sidecar.send('peer.add', { publicKey: device.publicKey, allowedIp: '100.64.0.2' });
    await sidecar.send('peer.add', {
      publicKey: agent.publicKey,
      allowedIp: agentIp,
      ownAddress: '100.64.0.2',
      candidates: [agent.candidate],
    });
    const forward = { forward: 'bench', listen: '127.0.0.1:0', peer: agent.publicKey, port: tunnelPort };
    const { listen } = await sidecar.send('forward.add', forward);
    const pathNow = async (): Promise<string> => {
      const { peers } = await sidecar.send('stats');
      return (peers as { path: string }[])[0]?.path ?? 'none';
    };
    const held = stack.move();
    return {
      address: String(listen),
      pathNow,
      [Symbol.asyncDispose]: async () => await held.disposeAsync(),
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}
