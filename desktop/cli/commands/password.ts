import { type Command, exitCodes, print, UsageError } from '../command.ts';

/** `daam password` */
export const passwordCommand: Command = {
  name: 'password',
  summary: 'A password for the local ports, for machines that others share.',
  usage: 'password [show | on | off] [--json]',
  details: `
  show    print it (default)
  on      make one, and have every local port ask for it; said again, it makes a new one
  off     ask for none

Without it, whoever can reach 127.0.0.1 on this machine reaches your open ports as you; "daam connect --socket" keeps
other users out too. The password is checked on this machine alone (SCRAM-SHA-256) and goes no further. "daam psql" and
"daam run" hand it to their program by themselves.`,
  options: { 'secret-store': { type: 'string' } },
  positionals: { min: 0, max: 1 },
  run: async (context) => {
    const [verb = 'show'] = context.positionals;
    if (verb === 'on' || verb === 'off') await context.engine.switchLocalPassword(verb);
    else if (verb !== 'show') throw new UsageError('Use "password show", "password on" or "password off".');
    const password = (await context.engine.localPassword())?.reveal() ?? null;
    const text =
      password === null
        ? 'Local ports ask for no password.'
        : verb === 'on'
          ? 'Local ports ask for a password now. "daam password show" prints it.'
          : password;
    // Only who asks for it gets to see it.
    print(context, { on: password !== null, ...(verb === 'show' ? { password } : {}) }, text);
    return exitCodes.done;
  },
};
