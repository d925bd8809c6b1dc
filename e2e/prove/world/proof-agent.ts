/**
 * A real agent over one server, with a door of its own: a port that skips the preface, so that what is measured is
 * the agent alone and every byte between it and the client can be seen.
 */
import { createServer } from 'node:net';
import { type AdjustView, type Agent, type ListenerOptions, startAgent } from '@daam/agent/app';
import { loadConfig } from '@daam/agent/config';
import type { Logger } from '@daam/shared/base/logger';
import type { DeviceId, OrgId, UserId } from '@daam/shared/domain/ids';
import type { ProofControlPlane } from './control-plane.ts';
import { worldPolicy } from './policy.ts';

/** What an agent is started for. */
export interface ProofAgentOptions {
  readonly controlPlane: ProofControlPlane;
  /** The name under which the database is registered. */
  readonly name: string;
  /** The agent's own login. */
  readonly upstreamDsn: string;
  /** For credential, cached policy and audit buffer. */
  readonly folder: string;
  readonly logger: Logger;
  /** Takes layers away. */
  readonly adjustView?: AdjustView;
  /** In place of the world's policy. */
  readonly policy?: Record<string, unknown>;
  /** False: the organization switches elevation off for this database. */
  readonly elevation?: boolean;
}

/** A running agent and the port of its door. */
export interface ProofAgent extends AsyncDisposable {
  readonly port: number;
  readonly name: string;
}

type Identity = Parameters<ListenerOptions['onAccepted']>[0]['identity'];
const readyTimeoutMs = 30_000;

/** Registers a database, gives it a policy, starts its agent and waits until a session would be served. */
export async function startProofAgent(options: ProofAgentOptions): Promise<ProofAgent> {
  const { controlPlane, name, logger, adjustView } = options;
  const { admin } = controlPlane;
  const { agentToken } = await admin.createDatabase({
    body: { name, databaseName: 'shop', environment: 'development' },
  });
  if (options.elevation === false)
    await admin.updateDatabase({ params: { database: name }, body: { elevation: false } });
  await admin.putPolicies({ params: { database: name }, body: options.policy ?? worldPolicy(name) });
  const door = Promise.withResolvers<Door>();
  const agent: Agent = await startAgent(configOf(options, agentToken), {
    logger,
    ...(adjustView === undefined ? {} : { adjustView }),
    openListener: (listening, openOwn) => {
      openDoor(listening, identityOf(controlPlane)).then(door.resolve, door.reject);
      return openOwn(listening);
    },
  });
  try {
    await untilHealthy(agent);
    const { port, close } = await door.promise;
    const dispose = async (): Promise<void> => {
      close();
      await agent[Symbol.asyncDispose]();
    };
    return { name, port, [Symbol.asyncDispose]: dispose };
  } catch (thrown) {
    await agent[Symbol.asyncDispose]();
    throw thrown;
  }
}

function configOf({ controlPlane, upstreamDsn, folder }: ProofAgentOptions, token: string) {
  const file = JSON.stringify({
    listen: '127.0.0.1:0',
    upstream: { dsn: upstreamDsn },
    control_plane: {
      url: controlPlane.url,
      auth_token: token,
      credential_path: `${folder}/credential.json`,
      policy_cache_path: `${folder}/policy.json`,
      audit_buffer_path: `${folder}/audit`,
    },
    health: { enabled: true, port: 0 },
    logging: { level: 'debug', queries: true, redact_queries: true },
  });
  return loadConfig({ argv: ['--config', 'proof.json'], env: {}, readFile: () => file });
}

function identityOf({ developer, orgId }: ProofControlPlane): Identity {
  return {
    user: developer.id as UserId,
    email: developer.email,
    device: '00000000-0000-4000-8000-000000000001' as DeviceId,
    org: orgId as OrgId,
    certificateJti: 'proof',
    authTime: Math.floor(Date.now() / 1000),
    expiresAt: Math.floor(Date.now() / 1000) + 86_400,
    path: 'loopback',
  };
}

interface Door {
  readonly port: number;
  readonly close: () => void;
}

function openDoor(options: ListenerOptions, identity: Identity): Promise<Door> {
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    void options.onAccepted({ socket, leftover: Buffer.alloc(0), identity });
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ port, close: () => server.close() });
    });
  });
}

async function untilHealthy(agent: Agent): Promise<void> {
  const end = Date.now() + readyTimeoutMs;
  while (Date.now() < end) {
    const isReady = await fetch(`${agent.health?.url}/health`).then(
      async (response) => {
        await response.body?.cancel();
        return response.status === 200;
      },
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the agent did not become healthy');
}
