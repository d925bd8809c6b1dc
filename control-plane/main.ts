#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '@daam/shared/base/clock';
import type { LogFields, Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { pino } from 'pino';
import { startControlPlane } from './app.ts';
import { bootstrap, bootstrapWithPasskey } from './bootstrap.ts';
import { type ControlPlaneConfig, environment, loadConfig } from './config.ts';
import { Store } from './db/store.ts';
import { OrgSigner } from './identity/org-signer.ts';
import { inviteByEmail } from './identity/invitations.ts';
import { rotateMasterKey } from './identity/rotate-master-key.ts';
import { masterKeyOf } from './identity/sealed-box.ts';
import { Site } from './identity/site.ts';
import { version } from './version.ts';

/** The command `daam-control-plane`: reads arguments and environment, runs a subcommand, handles signals. */
const usage = `daam-control-plane ${version}

Usage: daam-control-plane [serve] [--config FILE | --env]
       daam-control-plane migrate [--config FILE | --env]
       daam-control-plane bootstrap --org NAME --admin-email EMAIL [--no-token] [--config FILE | --env]
       daam-control-plane invite EMAIL [--org NAME] [--config FILE | --env]
       daam-control-plane rotate-master-key [--config FILE | --env]

  serve       migrate the database, then serve (the default)
  migrate     migrate the database, then exit
  bootstrap   make an organization, its signing key and its first administrator;
              prints one JSON object with a link on which they make a passkey, and an API token,
              which is shown once (with --no-token: the link alone)
  invite      a link with which a user makes a passkey, once: one JSON object

  rotate-master-key
              seal every secret that second_master_key opens with master_key (docs/operations.md);
              prints what it did as one JSON object

  --config FILE   YAML configuration; every field also by environment as DAAM_ + path,
                  for example DAAM_DATABASE_DSN_FILE, DAAM_MASTER_KEY_FILE, DAAM_LISTEN_PORT
  --env           configuration by environment alone (the default without --config)
  --help          this text
  --version       the version

Exit codes: 0 done, 1 failed, 64 usage.
`;

const options = {
  config: { type: 'string' },
  env: { type: 'boolean', default: false },
  org: { type: 'string' },
  'admin-email': { type: 'string' },
  'no-token': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

async function main(argv: readonly string[]): Promise<number> {
  const args = parse(argv);
  if (args === null) return fail(64, usage);
  const { values, command, argument } = args;
  if (values.help) return print(usage);
  if (values.version) return print(`${version}\n`);
  const mistake = mistakeIn(args);
  if (mistake !== null) return fail(64, `daam-control-plane: ${mistake} Try daam-control-plane --help.\n`);
  const config = loadConfig({
    file: values.config ?? null,
    env: environment(),
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (command === 'serve') return await serve(config);
  await using store = await Store.open(config.database);
  const applied = await store.migrate();
  if (command === 'migrate') return print(`${JSON.stringify({ applied })}\n`);
  if (command === 'invite') return await invite(config, store, values.org ?? null, argument);
  if (command === 'rotate-master-key') return await rotate(config, store);
  const { org = '', 'admin-email': adminEmail = '' } = values;
  const deps = {
    store,
    signer: new OrgSigner({ master: masterKeyOf(config.masterKey, config.secondMasterKey) }),
    clock: systemClock,
  };
  const request = { org, adminEmail, inviteTo: siteOf(config).url };
  const make = values['no-token'] ? bootstrapWithPasskey : bootstrap;
  return print(`${JSON.stringify(await make(deps, request))}\n`);
}

const commands = ['serve', 'migrate', 'bootstrap', 'invite', 'rotate-master-key'];

/** What is wrong with the arguments; nothing is read or migrated for those that mean nothing. */
function mistakeIn({ values, command, argument }: NonNullable<ReturnType<typeof parse>>): string | null {
  if (!commands.includes(command)) return `there is no command "${command}".`;
  if (command !== 'invite' && argument !== undefined) return `"${command}" takes no "${argument}".`;
  if (command === 'invite' && argument === undefined) return 'invite: EMAIL is missing.';
  if (values.env && values.config !== undefined) return 'give either --config or --env.';
  if (command !== 'bootstrap') return null;
  if (values.org === undefined) return 'bootstrap: --org NAME is missing.';
  return values['admin-email'] === undefined ? 'bootstrap: --admin-email EMAIL is missing.' : null;
}

async function serve(config: ControlPlaneConfig): Promise<number> {
  const logger = createLogger(config.logging.level);
  await using _controlPlane = await startControlPlane(config, { logger });
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  return 0;
}

/** Fails when something is left that no key opens: the second key must not be thrown away then. */
async function rotate(config: ControlPlaneConfig, store: Store): Promise<number> {
  const rotation = await rotateMasterKey(store, masterKeyOf(config.masterKey, config.secondMasterKey));
  print(`${JSON.stringify(rotation)}\n`);
  if (rotation.unopened === 0) return 0;
  return fail(1, `daam-control-plane: ${rotation.unopened} secrets are sealed with another key still.\n`);
}

async function invite(
  config: ControlPlaneConfig,
  store: Store,
  org: string | null,
  email = '',
): Promise<number> {
  const { url } = siteOf(config);
  const result = await inviteByEmail({ store, clock: systemClock, url }, { email, org });
  return print(`${JSON.stringify(result)}\n`);
}

function siteOf(config: ControlPlaneConfig): Site {
  const site = new Site(config.publicUrl);
  site.listening(config.listen);
  return site;
}

function parse(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [command = 'serve', argument, ...rest] = positionals;
    return rest.length === 0 ? { values, command, argument } : null;
  } catch {
    return null;
  }
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

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function fail(code: number, text: string): number {
  process.stderr.write(text);
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  const error = toAppError(thrown);
  const hint = error instanceof AppError && error.hint !== undefined ? ` ${error.hint}` : '';
  process.exitCode = fail(1, `daam-control-plane: ${error.code}: ${error.message}${hint}\n`);
}
