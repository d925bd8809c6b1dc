#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { LogFields, Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import { pino } from 'pino';
import { startRelay } from './app.ts';
import { loadConfig, processEnvironment } from './config.ts';

/** The command `daam-relay`: reads the environment, starts the relay, handles signals. */
const usage = `Usage: daam-relay

Forwards encrypted frames between peers that cannot reach each other directly.

  DAAM_RELAY_NAME          name of this relay, as relay tokens carry it (required)
  DAAM_LISTEN              host:port, default 127.0.0.1:7420; TLS is terminated before the relay
  DAAM_ISSUER_KEYS_FILE    JSON file: [{"kid","x"}], the Ed25519 keys that sign relay tokens;
                           without it nobody is admitted
  DAAM_STUN_LISTEN         host:port of STUN over UDP, usually :3478; without it there is none
  DAAM_METRICS_LISTEN      host:port of GET /metrics; without it there are none
  DAAM_LOGGING_LEVEL       debug, info (default), warn, error, silent

  -h, --help               this help

GET /health answers 200 while the relay takes peers. Exit codes: 0 done, 1 failed, 64 wrong usage.
`;

async function main(argv: readonly string[]): Promise<number> {
  let help: boolean | undefined;
  try {
    ({ help } = parseArgs({ args: [...argv], options: { help: { type: 'boolean', short: 'h' } } }).values);
  } catch {
    process.stderr.write('daam-relay: unknown argument. Try daam-relay --help.\n');
    return 64;
  }
  if (help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const config = loadConfig({ env: processEnvironment(), readFile: (path) => readFileSync(path, 'utf8') });
  await using _relay = await startRelay(config, { logger: createLogger(config.logLevel) });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  return 0;
}

/** pino behind the logger that is passed in everywhere; JSON lines on stderr. */
function createLogger(level: string): Logger {
  const wrap = (inner: pino.Logger): Logger => ({
    debug: (fields, message) => inner.debug(fields, message),
    info: (fields, message) => inner.info(fields, message),
    warn: (fields, message) => inner.warn(fields, message),
    error: (fields, message) => inner.error(fields, message),
    child: (fields: LogFields) => wrap(inner.child(fields)),
  });
  return wrap(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2)));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  const { code, message } = toAppError(thrown);
  process.stderr.write(`daam-relay: ${message} [${code}]\n`);
  process.exitCode = 1;
}
