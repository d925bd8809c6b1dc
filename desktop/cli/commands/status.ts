import { type Command, exitCodes, print, table } from '../command.ts';
import { RunningConnections } from '../running-connections.ts';

/** `daam status` */
export const statusCommand: Command = {
  name: 'status',
  summary: 'Who is signed in, and which databases are connected.',
  usage: 'status [--json]',
  details: 'Asks nobody: it works without a network.',
  positionals: { min: 0, max: 0 },
  run: async (context) => {
    const { account, secrets, certificateExpiresAt } = await context.engine.status();
    const running = await RunningConnections.open(context.config.stateDir);
    const connections = await running.list();
    const expiresAt = certificateExpiresAt === null ? null : new Date(certificateExpiresAt).toISOString();
    const value = {
      signedIn: account !== null,
      controlPlane: account?.controlPlane ?? null,
      user: account === null ? null : { id: account.user.id, email: account.user.email },
      organization: account?.organization ?? null,
      device: account === null ? null : { id: account.device.id, name: account.device.name },
      secrets,
      certificateExpiresAt: expiresAt,
      connections: connections.map(({ database, host, port, user, pid, since }) => ({
        database,
        host,
        port,
        user,
        pid,
        since: new Date(since).toISOString(),
      })),
    };
    const lines = [
      account === null
        ? 'Not signed in. Sign in with "daam login".'
        : `Signed in as ${account.user.email} (${account.organization.name}) at ${account.controlPlane}.`,
      ...(account === null ? [] : [`Device key: ${secrets.state} in the ${secrets.store} store.`]),
      ...(expiresAt === null ? [] : [`Certificate until ${expiresAt}.`]),
      connections.length === 0
        ? 'No database is connected.'
        : table(
            ['DATABASE', 'ADDRESS', 'USER', 'PID'],
            connections.map((each) => [
              each.database,
              `${each.host}:${each.port}`,
              each.user,
              String(each.pid),
            ]),
          ),
    ];
    print(context, value, lines.join('\n'));
    return exitCodes.done;
  },
};
