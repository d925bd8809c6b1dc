/**
 * The agent of the benchmark: the real one, and besides its own listener a port for each person of BENCH_PEERS
 * (`{"email": port}`) that skips the preface, so that pgbench can reach the agent without the desktop engine before
 * it, as it reaches pgbouncer. A person is known once they came through the real listener.
 */
import { createServer } from 'node:net';
import { type Agent, type ListenerOptions, startAgent } from '@daam/agent/app';
import { loadConfig } from '@daam/agent/config';
import { terminalLogger } from '../dev-env/log.ts';

type Identity = Parameters<ListenerOptions['onAccepted']>[0]['identity'];

const peers = JSON.parse(process.env['BENCH_PEERS'] ?? '{}') as Record<string, number>;
const known = new Map<string, Identity>();

function openDirectPorts(options: ListenerOptions): void {
  for (const [email, port] of Object.entries(peers)) {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
      socket.on('error', () => {});
      const identity = known.get(email);
      if (identity === undefined) socket.destroy();
      else void options.onAccepted({ socket, leftover: Buffer.alloc(0), identity });
    });
    server.listen(port, '127.0.0.1').unref();
  }
}

const agent: Agent = await startAgent(loadConfig(), {
  logger: terminalLogger((line) => process.stderr.write(line)),
  openListener: (options, openOwn) => {
    openDirectPorts(options);
    return openOwn({
      ...options,
      onAccepted: (stream) => {
        known.set(stream.identity.email, stream.identity);
        return options.onAccepted(stream);
      },
    });
  },
});

process.once('SIGTERM', () => {
  void agent[Symbol.asyncDispose]().then(() => process.exit(0));
});
