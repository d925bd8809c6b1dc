import { addressWords } from '../../engine/local-address.ts';
import { noticeWords } from '../../engine/sign-in/sign-in-notice.ts';
import { type Command, exitCodes, print, table } from '../command.ts';
import { type RunningConnection, RunningConnections } from '../../engine/running-connections.ts';

/** `daam status` */
export const statusCommand: Command = {
  name: 'status',
  summary: 'Who is signed in, and which databases are connected.',
  usage: 'status [--json]',
  details: 'Asks nobody: it works without a network.',
  positionals: { min: 0, max: 0 },
  run: async (context) => {
    const { account, secrets, certificateExpiresAt, notice } = await context.engine.status();
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
      signedInWith: account?.signedInWith ?? null,
      signInAgain: notice.kind !== 'fine',
      connections: connections.map((each) => ({
        database: each.database,
        host: each.host,
        port: each.port,
        user: each.user,
        pid: each.pid,
        since: new Date(each.since).toISOString(),
        path: each.path,
        relay: each.relay,
        failure: each.failure,
      })),
    };
    const lines = [
      account === null
        ? 'Not signed in. Sign in with "daam login".'
        : `Signed in as ${account.user.email} (${account.organization.name}) at ${account.controlPlane}.`,
      ...(account === null ? [] : [`Device key: ${secrets.state} in the ${secrets.store} store.`]),
      ...(expiresAt === null ? [] : [`Certificate until ${expiresAt}.`]),
      ...[noticeWords(notice) ?? []].flat(),
      connections.length === 0
        ? 'No database is connected.'
        : table(
            ['DATABASE', 'ADDRESS', 'USER', 'PATH', 'ROUND TRIP', 'PID'],
            connections.map((each) => [
              each.database,
              addressWords(each),
              each.user,
              pathWords(each),
              roundTripWords(each),
              String(each.pid),
            ]),
          ),
      ...connections.flatMap(problemsOf),
    ];
    print(context, value, lines.join('\n'));
    return exitCodes.done;
  },
};

/** How the bytes travel, in words. */
function pathWords({ path, relay }: RunningConnection): string {
  const kind = path?.kind ?? 'none';
  if (kind === 'none') return relay?.state === 'connected' ? 'ready' : 'none';
  if (kind === 'relay' || kind === 'loopback') return kind;
  return `direct (${path?.address ?? 'looking again'})`;
}

function roundTripWords({ path }: RunningConnection): string {
  const rttMs = path?.rttMs ?? null;
  return rttMs === null ? '' : `${rttMs.toFixed(1)} ms`;
}

function problemsOf({ database, failure, relay }: RunningConnection): string[] {
  const lines: string[] = [];
  if (failure !== null) {
    const { message, hint, code } = failure;
    lines.push(`${database}: ${message} [${code}]${hint === null ? '' : ` ${hint}`}`);
  }
  if (relay?.state === 'waiting') lines.push(`${database}: the relay cannot be reached (${relay.reason}).`);
  return lines.map((line) => line.replaceAll(/\p{Cc}/gu, ' '));
}
