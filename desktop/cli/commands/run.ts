import { type Command, UsageError } from '../command.ts';
import { signInHelp, signInOption } from '../connect-signed-in.ts';
import { runWithDatabase } from '../run-with-database.ts';

/** `daam run` */
export const runCommand: Command = {
  name: 'run',
  summary: 'Run a program that finds the database in PGHOST, PGPORT, PGUSER and PGDATABASE.',
  usage: 'run <database> [--sign-in HOW] -- command [arguments]',
  details: `${signInHelp}

The port is open while the command runs. No password is set, none is needed. Signals are passed on.
Returns the exit code of the command.`,
  options: signInOption,
  positionals: { min: 1, max: 1 },
  takesRest: true,
  run: async (context) => {
    if (context.rest.length === 0)
      throw new UsageError('The command is missing: daam run <database> -- command');
    return runWithDatabase(context, context.rest);
  },
};
