/**
 * The agent of a development system without a tunnel: the real one, which besides listens on loopback TCP in the clear.
 * The agent's own main never does.
 */
import { startAgent } from '@daam/agent/app';
import { loadConfig } from '@daam/agent/config';
import { terminalLogger } from './log.ts';

const agent = await startAgent(loadConfig(), {
  logger: terminalLogger((line) => process.stderr.write(line)),
  openListener: (options, openOwn) => openOwn(options),
});

process.once('SIGTERM', () => {
  void agent
    .drain()
    .then(async () => await agent[Symbol.asyncDispose]())
    .then(() => process.exit(0));
});
