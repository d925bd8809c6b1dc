import { type Command } from '../command.ts';
import { signInHelp, signInOption } from '../connect-signed-in.ts';
import { runWithDatabase } from '../run-with-database.ts';

/** `daam psql` */
export const psqlCommand: Command = {
  name: 'psql',
  summary: 'Open psql on a database.',
  usage: 'psql <database> [--sign-in HOW] [-- psql arguments]',
  details: `${signInHelp}

Returns the exit code of psql.`,
  options: signInOption,
  positionals: { min: 1, max: 1 },
  takesRest: true,
  run: (context) => runWithDatabase(context, ['psql', ...context.rest]),
};
