import { type Command } from '../command.ts';
import { runWithDatabase } from '../run-with-database.ts';

/** `daam psql` */
export const psqlCommand: Command = {
  name: 'psql',
  summary: 'Open psql on a database.',
  usage: 'psql <database> [-- psql arguments]',
  details: 'Returns the exit code of psql.',
  positionals: { min: 1, max: 1 },
  takesRest: true,
  run: (context) => runWithDatabase(context, ['psql', ...context.rest]),
};
