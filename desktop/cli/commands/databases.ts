import { type Command, exitCodes, print, table } from '../command.ts';

/** `daam databases` */
export const databasesCommand: Command = {
  name: 'databases',
  summary: 'The databases that you may use.',
  usage: 'databases [--json]',
  positionals: { min: 0, max: 0 },
  run: async (context) => {
    const { live, asOf, items } = await context.engine.databases();
    const value = {
      live,
      asOf: new Date(asOf).toISOString(),
      databases: items.map(({ id, name, environment, state, policies, port }) => ({
        id,
        name,
        environment,
        state,
        policies,
        port,
      })),
    };
    if (!live) context.stderr.write(`The control plane does not answer; this is as of ${value.asOf}.\n`);
    const rows = items.map(({ name, environment, state, policies, port }) => [
      name,
      environment,
      state,
      policies.join(', '),
      port === null ? '' : String(port),
    ]);
    const text = table(['NAME', 'ENVIRONMENT', 'AGENT', 'POLICIES', 'PORT'], rows);
    print(context, value, items.length === 0 ? 'No policy gives you access to a database yet.' : text);
    return exitCodes.done;
  },
};
