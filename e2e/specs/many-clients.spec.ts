/** Three hundred devices knock at once: all are let in, and each has its own way to the agent. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSidecar } from './sidecar-process.ts';
import { descendantsOf } from './surroundings.ts';
import { type AgentWorld, startAgentWorld } from './tunnel/agent-world.ts';
import { Knocker } from './tunnel/knocker.ts';
import { ManySidecars } from './tunnel/many-sidecars.ts';
import type { Person } from './tunnel/organization-double.ts';
import { maskedEmail } from './tunnel/person-at-work.ts';

const built = buildSidecar();
if ('missing' in built) process.stderr.write(`skipped: many-clients.spec: ${built.missing}\n`);

const clients = 300;
const authenticator = new FakeAuthenticator();

describe.skipIf('missing' in built)(`${clients} devices at once`, () => {
  let stack: AsyncDisposableStack;
  let world: AgentWorld;
  let person: Person;
  let devices: Knocker[];

  beforeAll(async () => {
    stack = new AsyncDisposableStack();
    world = stack.use(
      await startAgentWorld({
        file: 'file' in built ? built.file : '',
        populate: (organization) =>
          void (person = organization.addPerson('dev@example.com', [authenticator])),
      }),
    );
    const folder = await mkdtemp(join(tmpdir(), 'daam-many-'));
    stack.defer(async () => await rm(folder, { recursive: true, force: true }));
    const many = stack.use(await ManySidecars.start(folder));
    devices = await Promise.all(
      Array.from({ length: clients }, async () =>
        stack.use(await Knocker.start(await many.open(), world.organization)),
      ),
    );
  });
  afterAll(async () => await stack.disposeAsync());

  it('are all let in, and each gets an answer from the agent through its own tunnel', async () => {
    const { organization, agentPid } = world;
    const certificates = await Promise.all(
      devices.map(({ publicKey }) => organization.certify({ person, wgKey: publicKey, by: authenticator })),
    );
    const idle = memoryOf(agentPid);
    const startedAt = performance.now();
    const up: number[] = [];
    const ports = await Promise.all(
      devices.map(async (device, index) => {
        const answer = await device.knock({ certificate: certificates[index] ?? '' }, 60_000);
        const port = await device.open(answer);
        expect(await askForTls(port)).toBe('N');
        up.push(performance.now() - startedAt);
        return port;
      }),
    );
    const busy = memoryOf(agentPid);
    const median = up.sort((a, b) => a - b)[clients >> 1] ?? 0;
    process.stdout.write(
      `many-clients.spec: ${clients} devices from knock to the agent's first byte: all in ` +
        `${seconds(Math.max(...up))} s, half in ${seconds(median)} s; agent side: ` +
        `tunnel ${idle.sidecar} → ${busy.sidecar} MB, agent ${idle.agent} → ${busy.agent} MB resident\n`,
    );
    expect(up).toHaveLength(clients);
    expect(new Set(ports).size).toBe(clients);
    expect(await maskedEmail(ports[0] ?? 0)).toMatch(/^.\*{3}@/);
    expect(await maskedEmail(ports.at(-1) ?? 0)).toMatch(/^.\*{3}@/);
  });
});

/** A SSLRequest, which the agent answers by one letter: the way to it is open, and no session is needed. */
async function askForTls(port: number): Promise<string> {
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(80_877_103, 4);
  return await new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(request));
    socket.once('data', (answer: Buffer) => {
      resolve(answer.toString('latin1'));
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without an answer')));
  });
}

/** Resident megabytes of the agent's process and of its sidecar. Linux. */
function memoryOf(pid: number): { readonly agent: number; readonly sidecar: number } {
  const sidecar = descendantsOf(pid).find((each) =>
    readFileSync(`/proc/${each}/cmdline`, 'latin1').includes('--role=agent'),
  );
  return { agent: residentOf(pid), sidecar: sidecar === undefined ? 0 : residentOf(sidecar) };
}

function residentOf(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(found?.[1] ?? 0) / 1024);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
