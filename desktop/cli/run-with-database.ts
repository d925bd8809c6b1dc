import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import type { LocalEndpoint } from '../engine/engine.ts';
import type { CommandContext } from './command.ts';
import { connectSignedIn } from './connect-signed-in.ts';

/** Settings of libpq that would lead a client past the local port, or ask of it what it has not. */
const overruled = [
  'PGHOSTADDR',
  'PGSERVICE',
  'PGSERVICEFILE',
  'PGPASSWORD',
  'PGREQUIRESSL',
  'PGREQUIREAUTH',
  'PGSSLNEGOTIATION',
  'PGCHANNELBINDING',
  'PGTARGETSESSIONATTRS',
];

/** The environment in which a client finds the database (libpq, docs 34.15). */
export function clientEnvironment(
  base: Readonly<Record<string, string>>,
  local: Pick<LocalEndpoint, 'host' | 'port' | 'user' | 'database'>,
  password: Secret | null = null,
): Record<string, string> {
  const kept = Object.entries(base).filter(([name]) => !overruled.includes(name));
  return {
    ...Object.fromEntries(kept),
    PGHOST: local.host,
    PGPORT: String(local.port),
    PGUSER: local.user,
    PGDATABASE: local.database,
    ...(password === null ? {} : { PGPASSWORD: password.reveal() }),
    PGSSLMODE: 'disable',
    PGGSSENCMODE: 'disable',
  };
}

/**
 * Opens a port for the command's first word, runs the program on it, closes the port. Resolves with the program's
 * exit code; 128 and the signal's number when a signal ended it, as shells do.
 */
export async function runWithDatabase(context: CommandContext, command: readonly string[]): Promise<number> {
  const { config, positionals } = context;
  // Any port: the database's own may belong to a "daam connect" that runs.
  const local = await connectSignedIn(context, positionals[0] ?? '', { port: 0 });
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: clientEnvironment(config.childEnvironment, local, await context.engine.localPassword()),
  });
  const stop = context.onSignal((signal) => {
    // From a terminal, Ctrl-C reaches the child by itself: a second one would mean "twice".
    if (signal !== 'SIGINT' || context.stdin.isTTY !== true) child.kill(signal);
  });
  try {
    return await exitCodeOf(child, program);
  } finally {
    stop();
  }
}

function exitCodeOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const message =
        cause.code === 'ENOENT'
          ? `There is no program "${program}" on this machine.`
          : `"${program}" cannot be run.`;
      reject(new AppError('NOT_FOUND', { message, cause }));
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
