/**
 * The whole system on one machine, in the order in which its parts need each other: the databases, the control plane,
 * the relay, the agent, the developers' side. Disposing stops it in reverse order and leaves nothing running.
 */
import type { Logger } from '@daam/shared/base/logger';
import { agentAddressOf, isAgentRegistered, startAgentProgram } from './agent-program.ts';
import { startControlPlaneProgram } from './control-plane-program.ts';
import { buildScreens, type Developer, startDeveloper, startWeb } from './developer.ts';
import { openElectronApp } from './electron.ts';
import { Guardian } from './guardian.ts';
import type { StartOptions } from './options.ts';
import { inviteAdministrator, setUpOrganization } from './organization.ts';
import { adminEmail, readPolicy } from './policy-file.ts';
import { portLayout } from './ports.ts';
import type { LocalAccess, ReadyObject } from './ready.ts';
import { relayPlaceOf, startDevRelay } from './relay.ts';
import { startStore, startUpstream } from './servers.ts';
import { prepareSidecar } from './sidecar.ts';
import { StateDir } from './state-dir.ts';

/** A running system. */
export interface System extends AsyncDisposable {
  readonly ready: ReadyObject;
  readonly stateDir: string;
  /** The developer's engine state, for the command `daam`. */
  readonly developerHome: string;
  /** Why the app is in a browser; null when its window is open. */
  readonly noWindow: string | null;
  /** Where the administrator makes a passkey for the console; null when there is one. */
  readonly adminInvitation: string | null;
}

/** Starts everything; if a part fails, what was started is stopped again. */
export async function startSystem(options: StartOptions, logger: Logger): Promise<System> {
  const policy = await readPolicy(options.policyFile);
  await using stack = new AsyncDisposableStack();
  const state = stack.use(await StateDir.open(options.stateDir, { fresh: options.fresh }));
  const ports = portLayout(options.portBase);
  const guardian = stack.use(new Guardian());
  const parts = { options, ports, state, guardian, logger };
  const building = options.transport === 'loopback' ? Promise.resolve(null) : prepareSidecar(parts);
  // Whoever waits for it gets the failure; until then it must not end the process.
  building.catch(() => {});

  const screens = options.ui ? buildScreens(logger) : null;
  const [upstream, store] = await startBoth(startUpstream(parts), startStore(parts), stack);
  const controlPlane = await startControlPlaneProgram({
    ...parts,
    storeDsn: store.dsn,
    consoleDir: screens === null ? null : await screens.console,
  });
  stack.use(controlPlane.program);
  const relay = stack.use(await startDevRelay({ ...parts, admin: controlPlane.admin }));
  const organization = await setUpOrganization({
    ...parts,
    admin: controlPlane.admin,
    policy,
    databaseName: upstream.databaseName,
    isAgentRegistered: await isAgentRegistered(state),
  });
  const sidecar = await building;
  const agent = stack.use(
    await startAgentProgram({
      ...parts,
      sidecar,
      controlPlaneUrl: controlPlane.url,
      upstreamDsn: upstream.agentDsn,
      registrationToken: organization.agentToken,
    }),
  );
  const developers: Developer[] = [];
  for (const [index, user] of organization.users.entries()) {
    const port = ports.developerLocal + index;
    const { database } = organization;
    developers.push(
      stack.use(
        await startDeveloper({ ...parts, sidecar, user, controlPlaneUrl: controlPlane.url, database, port }),
      ),
    );
  }
  const [developer] = developers;
  if (developer === undefined) throw new Error('a policy file gives at least one user');
  const web =
    screens === null
      ? null
      : stack.use(
          await startWeb({ developer, assetsDir: await screens.app, port: ports.desktopWeb, logger }),
        );

  const { noWindow } = stack.use(await openElectronApp({ ...parts, developer, sidecar }));

  const ready: ReadyObject = {
    ready: true,
    controlPlane: { url: controlPlane.url, pid: controlPlane.program.pid },
    console: screens === null ? null : { url: `${controlPlane.url}/console/` },
    desktop: web === null ? null : { url: web.openUrl.reveal() },
    relay: { url: relayPlaceOf(ports).url, pid: relay.pid },
    agent: { ...agentAddressOf(ports), pid: agent.pid },
    upstream: { dsn: upstream.dsn.reveal() },
    admin: { email: adminEmail, apiToken: controlPlane.adminToken.reveal() },
    developer: { email: developer.user.email, ...accessOf(developer) },
    users: Object.fromEntries(developers.map((each) => [each.user.email, accessOf(each)])),
  };
  const running = stack.move();
  return {
    ready,
    stateDir: state.path,
    developerHome: developer.home,
    noWindow,
    adminInvitation: await inviteAdministrator(controlPlane.admin),
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  };
}

/** Two starts at once, so that two cores are of use; if one fails, the other is stopped. */
async function startBoth<A extends AsyncDisposable, B extends { readonly server: AsyncDisposable }>(
  upstream: Promise<A>,
  store: Promise<B>,
  stack: AsyncDisposableStack,
): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([upstream, store]);
  if (first.status === 'fulfilled') stack.use(first.value);
  if (second.status === 'fulfilled') stack.use(second.value.server);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}

function accessOf({ user, local }: Developer): { readonly apiToken: string; readonly local: LocalAccess } {
  const { host, port, user: name, database, dsn } = local;
  return { apiToken: user.apiToken.reveal(), local: { host, port, user: name, database, dsn } };
}
