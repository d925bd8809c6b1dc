import { type Command, exitCodes, print, UsageError } from '../command.ts';

/** `daam tls` */
export const tlsCommand: Command = {
  name: 'tls',
  summary: 'TLS on the local ports, for clients that insist on it.',
  usage: 'tls [show | on | off] [--json]',
  details: `
  show    whether it is on, and what a client needs (default)
  on      make a certificate authority for this device, which can vouch for its local ports alone, and answer TLS
  off     forget it

It is not needed: a local port is on 127.0.0.1, and from there everything travels inside WireGuard. Where a client cannot
be told sslmode=disable or prefer, switch it on; with sslrootcert the client also checks that the port is yours. Nothing
is added to what this system trusts.`,
  options: { 'secret-store': { type: 'string' } },
  positionals: { min: 0, max: 1 },
  run: async (context) => {
    const [verb = 'show'] = context.positionals;
    if (verb === 'on' || verb === 'off') await context.engine.switchLocalTls(verb);
    else if (verb !== 'show') throw new UsageError('Use "tls show", "tls on" or "tls off".');
    const { isOn, caFile } = await context.engine.localTls();
    const text =
      caFile === null
        ? 'TLS on local ports is off. Clients with sslmode=disable, allow or prefer connect without it; "daam tls on" switches it on.'
        : `TLS on local ports is on. The authority of this device is in\n\n  ${caFile}\n\n` +
          `psql "… sslmode=verify-full sslrootcert=${caFile}" checks it; sslmode=require uses TLS without.`;
    print(context, { on: isOn, caFile }, text);
    return exitCodes.done;
  },
};
