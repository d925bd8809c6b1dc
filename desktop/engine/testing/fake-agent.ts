/** An agent for tests: asks for the proof as a real one does, then echoes every byte. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { makeChallenge, verifyProof } from '@daam/shared/identity/possession';
import {
  encodePrefaceLine,
  type Knock,
  knockSchema,
  type Outcome,
  PrefaceLines,
  parsePrefaceLine,
  proofSchema,
} from '@daam/shared/identity/preface';
import type { AgentTarget } from '../account.ts';
import { readPrefaceLine } from '@daam/shared/identity/read-preface-line';
import { ids } from './fake-control-plane.ts';

export interface FakeAgent extends AsyncDisposable {
  readonly target: AgentTarget;
  /** The first lines that it got, in order. */
  readonly knocks: Knock[];
  /** Streams open now. */
  readonly streams: Set<Socket>;
  /** What to answer instead of a challenge. */
  refuseWith: Exclude<Outcome, { ok: true }> | null;
  /** What happens with an accepted stream; echoes unless told. */
  serve: (socket: Socket, leftover: Buffer) => void;
}

export async function startFakeAgent(): Promise<FakeAgent> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    agent.streams.add(socket);
    socket.once('close', () => agent.streams.delete(socket));
    accept(agent, socket).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent: FakeAgent = {
    target: { id: ids.agent, host: '127.0.0.1', port },
    knocks: [],
    streams: new Set(),
    refuseWith: null,
    serve: (socket, leftover) => {
      socket.write(leftover);
      socket.pipe(socket);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of agent.streams) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return agent;
}

async function accept(agent: FakeAgent, socket: Socket): Promise<void> {
  const lines = new PrefaceLines();
  const signal = AbortSignal.timeout(3_000);
  const knock = parsePrefaceLine(knockSchema, await readPrefaceLine(socket, lines, signal));
  agent.knocks.push(knock);
  if (agent.refuseWith !== null) {
    socket.end(encodePrefaceLine(agent.refuseWith));
    return;
  }
  const pending = makeChallenge();
  const { nonce, verifierKey } = pending.challenge;
  socket.write(encodePrefaceLine({ v: 1, nonce, agentKey: verifierKey }));
  const { proof } = parsePrefaceLine(proofSchema, await readPrefaceLine(socket, lines, signal));
  const claims = JSON.parse(Buffer.from(knock.certificate.split('.')[1] ?? '', 'base64url').toString()) as {
    wgKey: string;
  };
  const binding = { purpose: 'agent', document: knock.certificate, audience: agent.target.id } as const;
  if (!verifyProof({ pending, deviceKey: claims.wgKey, binding, proof })) {
    socket.end(encodePrefaceLine({ ok: false, code: 'INVALID_PROOF', message: 'no', hint: null }));
    return;
  }
  socket.write(encodePrefaceLine({ ok: true }));
  agent.serve(socket, lines.rest());
}
