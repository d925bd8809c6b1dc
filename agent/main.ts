#!/usr/bin/env node
import { setTimeout as delay } from 'node:timers/promises';
import { toAppError } from '@daam/shared/errors/app-error';
import { pino } from 'pino';
import { agentVersion, startAgent } from './app.ts';
import { parseArguments } from './arguments.ts';
import { loadConfig } from './config.ts';
import { introspect } from './introspect.ts';
import { pinoLogger } from './logger.ts';
import { passkeysCommand } from './passkeys/command.ts';

const help = `daam-agent ${agentVersion}: guards one PostgreSQL database

Usage
  daam-agent --config FILE             serve
  daam-agent introspect --config FILE  print the database's tables and the doctor's report (--json: as one
                                       JSON object); changes nothing, exits with 1 for a critical finding
  daam-agent passkeys --config FILE    print which passkeys this agent trusts, and which wait (--json)
  daam-agent passkeys approve FINGERPRINT --config FILE
                                       trust a passkey that waits, on this machine's word (--admin: its person may
                                       also speak for the passkeys of others)
  daam-agent --version | --help

Every setting can also come from the environment: DAAM_ and its path in upper case, _ between levels
(DAAM_CONTROL_PLANE_URL, DAAM_UPSTREAM_DSN_FILE, DAAM_LISTEN). Short names: DAAM_AUTH_TOKEN,
DAAM_CONTROL_PLANE_URL, DAAM_UPSTREAM_HOST, DAAM_UPSTREAM_PORT.

Settings (YAML)
  wireguard              the tunnel: enabled, listen_port (UDP), candidates: ["192.0.2.7:51820"], path: auto|direct|relay,
                         private_key_path (made at the first start), sidecar_path
  identity               require_passkey_proof: auto|always|never, new_users: pin|approve
  listen, listen_tls     host:port or :port; a TCP port is opened only with   default :6432
                         listen_tls.cert_file and listen_tls.key_file (PEM)
  upstream               dsn | dsn_file, host, port, scope: ["schema.table"] (the only tables ever served),
                         elevation: false (never read raw values, not even for masks),
                         refuse_on: [critical] (findings of the doctor that keep it from serving)
  control_plane          url, auth_token | auth_token_file (once), credential_path, policy_cache_path, audit_buffer_path
  health                 enabled, host, port                                default 127.0.0.1:8080
  logging                level, queries, redact_queries

Exit codes: 0 done, 1 failed, 64 usage.
`;

async function main(): Promise<number> {
  const command = parseArguments(process.argv.slice(2));
  if (command.kind === 'help' || command.kind === 'version') {
    process.stdout.write(command.kind === 'help' ? help : `${agentVersion}\n`);
    return 0;
  }
  if (command.kind === 'usage') {
    process.stderr.write(`daam-agent: unknown argument. Try daam-agent --help.\n`);
    return 64;
  }
  const config = loadConfig();
  const print = (text: string): void => void process.stdout.write(text);
  if (command.kind === 'introspect') return await introspect(config, { json: command.json, print });
  if (command.kind === 'passkeys') return await passkeysCommand(config, { ...command, print });
  const logger = pinoLogger(
    pino({ level: config.logging.level }, pino.destination({ dest: 2, sync: false })),
  );
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
