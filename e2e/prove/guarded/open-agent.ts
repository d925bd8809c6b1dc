/** A real agent that one known person reaches without the desktop engine before it: raw PostgreSQL bytes from the first. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  type Agent,
  type AgentDeps,
  type ListenerOptions,
  type StreamListener,
  startAgent,
} from '@daam/agent/app';
import { loadConfig } from '@daam/agent/config';
import { type Logger, silentLogger } from '@daam/shared/base/logger';
import { guardedIds, guardedUser } from './agent-files.ts';

type Identity = Parameters<ListenerOptions['onAccepted']>[0]['identity'];

const identity: Identity = {
  user: guardedIds.user,
  email: guardedUser,
  device: guardedIds.device,
  org: guardedIds.org,
  certificateJti: 'proof',
  authTime: 0,
  expiresAt: Math.floor(Date.now() / 1000) + 86_400,
  path: 'loopback',
};

/** Starts the agent of `configPath`, in this process. `listen.port` is where the person connects. */
export async function openAgent(
  configPath: string,
  deps: { readonly logger?: Logger; readonly port?: number } & Omit<Partial<AgentDeps>, 'logger'> = {},
): Promise<Agent> {
  const { port, logger, ...rest } = deps;
  const config = loadConfig({
    argv: ['--config', configPath],
    env: {},
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  return await startAgent(config, {
    ...rest,
    logger: logger ?? silentLogger,
    openListener: (options) => listenDirectly(options, port ?? 0),
  });
}

async function listenDirectly(options: ListenerOptions, port: number): Promise<StreamListener> {
  const open = new Set<Socket>();
  // Thousands may knock in one moment.
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    void options.onAccepted({ socket, leftover: Buffer.alloc(0), identity });
  });
  server.listen({ host: '127.0.0.1', port, backlog: 4_096 });
  await once(server, 'listening');
  const listen = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  return {
    listen,
    stop: () => void server.close(),
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}
