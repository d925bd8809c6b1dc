/** Many devices at one agent: how long until all are up, and what the agent's sidecar weighs. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import {
  agentIp,
  type Identity,
  makeIdentity,
  startAgentEnd,
  startBenchRelay,
  tunnelPort,
} from './sidecars.ts';
import { type Built, memoryOf, Program } from './programs.ts';

/** MB of memory (resident set), milliseconds. */
export interface CrowdResult {
  readonly devices: number;
  readonly p50Ms: number;
  readonly allMs: number;
  readonly beforeMb: number;
  readonly afterMb: number;
}

const upSchema = z.object({ devices: z.number(), p50Ms: z.number(), allMs: z.number() });

/**
 * Brings up that many devices at once, each from nothing to its first answer: relay admission, WireGuard handshake, TCP,
 * echo. The agent has admitted them before, as it does with a knock. Afterwards each holds one connection at rest.
 */
export async function measureCrowd(
  built: Built,
  options: {
    readonly folder: string;
    readonly socket: string;
    readonly count: number;
    readonly isDirect: boolean;
  },
): Promise<CrowdResult> {
  await using stack = new AsyncDisposableStack();
  const relay = stack.use(await startBenchRelay(options.folder));
  const own = await makeIdentity(relay, []);
  const agent = stack.use(await startAgentEnd({ file: built.sidecar, relay }, options.socket, own));
  const path = { direct: options.isDirect ? 'auto' : 'never', relay: 'auto' };
  await agent.sidecar.send('path.policy', path);
  const devices: (Identity & { readonly ip: string })[] = [];
  for (let number = 0; number < options.count; number += 1) {
    const device = { ...(await makeIdentity(relay, [own.publicKey])), ip: deviceIp(number) };
    devices.push(device);
    await agent.sidecar.send('peer.add', { publicKey: device.publicKey, allowedIp: device.ip });
  }
  const beforeMb = await memoryOf(agent.sidecar.pid);
  const crowd = stack.use(new Program(built.load, ['crowd']));
  crowd.write(
    JSON.stringify({
      agent: own.publicKey,
      agentIp,
      port: tunnelPort,
      candidates: options.isDirect ? [agent.candidate] : [],
      relay: { url: relay.url, name: relay.name },
      devices: devices.map(({ privateKey, token, ip }) => ({ privateKey, token, ip })),
    }),
  );
  const up = upSchema.parse(JSON.parse(await crowd.line()));
  return { ...up, beforeMb, afterMb: await memoryOf(agent.sidecar.pid) };
}

/** What peers cost that are admitted and silent. */
export async function measureIdlePeers(
  built: Built,
  options: { readonly folder: string; readonly socket: string; readonly count: number },
): Promise<{ readonly emptyMb: number; readonly fullMb: number }> {
  await using stack = new AsyncDisposableStack();
  const relay = stack.use(await startBenchRelay(options.folder));
  const own = await makeIdentity(relay, []);
  const agent = stack.use(await startAgentEnd({ file: built.sidecar, relay }, options.socket, own));
  await sleep(500);
  const emptyMb = await memoryOf(agent.sidecar.pid);
  for (let number = 0; number < options.count; number += 1) {
    const { publicKey } = await makeIdentity(relay, []);
    await agent.sidecar.send('peer.add', { publicKey, allowedIp: deviceIp(number) });
  }
  await sleep(2_000);
  return { emptyMb, fullMb: await memoryOf(agent.sidecar.pid) };
}

function deviceIp(number: number): string {
  return `100.64.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
}
