#!/usr/bin/env node
import { setTimeout as delay } from 'node:timers/promises';
import { toAppError } from '@daam/shared/errors/app-error';
import { pino } from 'pino';
import { agentVersion, startAgent } from './app.ts';
import { loadConfig } from './config.ts';
import { introspect } from './introspect.ts';
import { pinoLogger } from './logger.ts';

const help = `daam-agent ${agentVersion}: guards one PostgreSQL database

Usage
  daam-agent --config FILE             serve
  daam-agent introspect --config FILE  print the database's tables and the doctor's report (--json: as one
                                       JSON object); changes nothing, exits with 1 for a critical finding
  daam-agent --version | --help

Every setting can also come from the environment: DAAM_ and its path in upper case, _ between levels
(DAAM_CONTROL_PLANE_URL, DAAM_UPSTREAM_DSN_FILE, DAAM_LISTEN). Short names: DAAM_AUTH_TOKEN,
DAAM_CONTROL_PLANE_URL, DAAM_UPSTREAM_HOST, DAAM_UPSTREAM_PORT.

Settings (YAML)
  listen                 host:port or :port                                 default :6432
  upstream               dsn | dsn_file, host, port, scope: ["schema.table"] (the only tables ever served),
                         elevation: false (never read raw values, not even for masks),
                         refuse_on: [critical] (findings of the doctor that keep it from serving)
  control_plane          url, auth_token | auth_token_file (once), credential_path, policy_cache_path, audit_buffer_path
  health                 enabled, host, port                                default 127.0.0.1:8080
  logging                level, queries, redact_queries

Exit codes: 0 done, 1 failed, 64 usage.
`;

const known = new Set(['--config', '--help', '--version', '--json', 'introspect']);

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  if (args.includes('--version')) {
    process.stdout.write(`${agentVersion}\n`);
    return 0;
  }
  const strange = args.find(
    (arg, at) => !known.has(arg) && !arg.startsWith('--config=') && args[at - 1] !== '--config',
  );
  if (strange !== undefined || (args.includes('--json') && args[0] !== 'introspect')) {
    process.stderr.write(`daam-agent: unknown argument. Try daam-agent --help.\n`);
    return 64;
  }
  const config = loadConfig();
  const logger = pinoLogger(
    pino({ level: config.logging.level }, pino.destination({ dest: 2, sync: false })),
  );
  if (args[0] === 'introspect') {
    const json = args.includes('--json');
    return await introspect(config, { json, print: (text) => process.stdout.write(text) });
  }
  const agent = await startAgent(config, { logger });
  const signal = await nextSignal();
  logger.info({ signal }, 'stopping');
  // A second signal does not wait for the sessions.
  await Promise.race([agent.drain(), nextSignal()]);
  await agent[Symbol.asyncDispose]();
  await delay(50);
  return 0;
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

main().then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    const error = toAppError(thrown);
    const hint = error.hint === undefined ? '' : ` ${error.hint}`;
    process.stderr.write(`daam-agent: ${error.message}${hint}\n`);
    process.exit(error.code === 'INVALID_CONFIG' ? 64 : 1);
  },
);
