import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { type AppError, toAppError } from '@daam/shared/errors/app-error';
import { Engine } from '../engine/engine.ts';
import type { EngineOptions } from '../engine/engine-options.ts';
import { type Command, exitCodes, type OnSignal, UsageError } from './command.ts';
import { commands } from './command-list.ts';
import { type CliConfig, readConfig } from './config.ts';
import { commandHelp, overview } from './help.ts';
import { version } from './version.ts';

/** The process as parameters. */
export interface CliOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly onSignal: OnSignal;
}

const commonOptions = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  'state-dir': { type: 'string' },
} as const;

/** Runs one command and returns the exit code. Never rejects. */
export async function runCli(options: CliOptions): Promise<number> {
  const [name, ...args] = options.argv;
  if (name === undefined || isHelp(name)) return showHelp(name, args, options);
  if (name === '--version') {
    options.stdout.write(`${version}\n`);
    return exitCodes.done;
  }
  const command = commands.find((each) => each.name === name);
  const json = beforeDashes(args).includes('--json');
  try {
    if (command === undefined) throw new UsageError(`There is no command "${name}".`);
    return await runCommandLine(command, args, options);
  } catch (thrown) {
    if (thrown instanceof UsageError) return reportUsage(thrown, command, options);
    return reportFailure(toAppError(thrown), json, options.stderr);
  }
}

function isHelp(name: string): boolean {
  return name === '--help' || name === '-h' || name === 'help';
}

/** `daam help`, `daam help <command>`, and what is shown to who gives no command. */
function showHelp(
  name: string | undefined,
  [topic]: readonly string[],
  { stdout, stderr }: CliOptions,
): number {
  const command = commands.find((each) => each.name === topic);
  if (topic !== undefined && command === undefined) {
    stderr.write(`daam: There is no command "${topic}".\nTry "daam --help".\n`);
    return exitCodes.usage;
  }
  (name === undefined ? stderr : stdout).write(
    command === undefined ? overview(commands) : commandHelp(command),
  );
  return name === undefined ? exitCodes.usage : exitCodes.done;
}

async function runCommandLine(
  command: Command,
  args: readonly string[],
  options: CliOptions,
): Promise<number> {
  const own = beforeDashes(args);
  const rest = args.slice(own.length + 1);
  const { values, positionals } = parse(command, own);
  if (values['help'] === true) {
    options.stdout.write(commandHelp(command));
    return exitCodes.done;
  }
  const { min, max } = command.positionals;
  if (positionals.length < min || positionals.length > max)
    throw new UsageError(`Usage: daam ${command.usage}`);
  if (args.length > own.length && command.takesRest !== true) {
    throw new UsageError(`"daam ${command.name}" takes nothing after --.`);
  }
  const config = readConfig({
    env: options.env,
    stateDir: text(values['state-dir']),
    secretStore: text(values['secret-store']),
  });
  await using engine = await Engine.open({
    stateDir: config.stateDir,
    env: config.env,
    ...(config.secretStore === undefined ? {} : { secretStore: config.secretStore }),
    ...(config.transport === undefined ? {} : { transport: config.transport }),
    ...(config.path === undefined ? {} : { path: config.path }),
    ...(config.sidecarFile === undefined ? {} : { sidecarFile: config.sidecarFile }),
    ...programOf(config),
  });
  const { stdin, stdout, stderr, onSignal } = options;
  const json = values['json'] === true;
  return await command.run({
    values,
    positionals,
    rest,
    config,
    engine,
    json,
    stdin,
    stdout,
    stderr,
    onSignal,
  });
}

/** A service account's token needs no sign-in: it is sent with each call, and kept nowhere. */
function programOf({ token, controlPlane }: CliConfig): Pick<EngineOptions, 'program'> {
  if (token?.reveal().startsWith(serviceTokenPrefix) !== true) return {};
  if (controlPlane !== undefined) return { program: { controlPlane, token } };
  throw new UsageError('With a service account’s DAAM_TOKEN, DAAM_CONTROL_PLANE_URL says where.');
}

const serviceTokenPrefix = 'daam_sat_';

function parse(command: Command, args: readonly string[]) {
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { ...commonOptions, ...command.options },
      allowPositionals: true,
      strict: true,
    });
    return {
      values: parsed.values as Record<string, string | boolean | undefined>,
      positionals: parsed.positionals,
    };
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? (thrown.message.split('. ')[0] ?? '') : 'Wrong usage.');
  }
}

function beforeDashes(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--');
  return at === -1 ? args : args.slice(0, at);
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function reportUsage(error: UsageError, command: Command | undefined, { stderr }: CliOptions): number {
  const help = command === undefined ? 'daam --help' : `daam ${command.name} --help`;
  stderr.write(`daam: ${error.message}\nTry "${help}".\n`);
  return exitCodes.usage;
}

function reportFailure(failure: AppError, json: boolean, stderr: Writable): number {
  const { code, message, hint, field } = failure;
  if (json) {
    stderr.write(
      `${JSON.stringify({ error: { code, message, hint: hint ?? null, field: field ?? null } })}\n`,
    );
  } else {
    stderr.write(`daam: ${message} [${code}]\n${hint === undefined ? '' : `hint: ${hint}\n`}`);
  }
  return exitCodes.failed;
}
