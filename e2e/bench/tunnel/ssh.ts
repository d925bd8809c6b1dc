/**
 * `ssh -L` for comparison: sshd on a port of its own with keys made for this run, never the machine's. Without an
 * installed sshd, Debian's package is unpacked beside the benchmark and not installed, so that nothing is started by it.
 */
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findTool, mustRun, run } from '../../specs/tools.ts';
import { freePort } from './free-port.ts';
import { cacheFolder, Program } from './programs.ts';

const comparison = 'the comparison with ssh -L';

interface Daemon {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The installed sshd, or an unpacked one; null, with the reason on the screen. */
export async function findSshd(): Promise<Daemon | null> {
  const installed = findTool('sshd', 'an installed sshd: Debian’s package is unpacked instead');
  if (installed !== null) return { file: installed, env: {} };
  const folder = join(cacheFolder, 'sshd');
  const file = join(folder, 'usr', 'sbin', 'sshd');
  await mkdir(folder, { recursive: true });
  const downloaded = await run('apt-get', ['download', 'openssh-server', 'libwrap0'], { cwd: folder });
  for (const name of await readdir(folder)) {
    if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', name, '.'], { cwd: folder });
  }
  const libraries = await run('find', [folder, '-name', 'libwrap.so.0']);
  const library = libraries.stdout.split('\n')[0] ?? '';
  const env = { LD_LIBRARY_PATH: join(library, '..') };
  const { stderr } = await run(file, ['-V'], { env });
  if (stderr.includes('OpenSSH')) return { file, env };
  process.stderr.write(`skipped: ${comparison}: no sshd, and none can be had:\n${downloaded.stderr}\n`);
  return null;
}

/** A forwarded local port to the target port on 127.0.0.1. Null, with the reason on the screen, when it cannot be. */
export async function startSsh(
  target: string,
): Promise<(AsyncDisposable & { readonly address: string }) | null> {
  const client = findTool('ssh', comparison);
  const daemon = client === null ? null : await findSshd();
  if (client === null || daemon === null) return null;
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'daam-bench-ssh-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  try {
    const [serverPort, localPort] = [await freePort(), await freePort()];
    const identity = await prepare(folder, serverPort);
    const config = join(folder, 'sshd_config');
    stack.use(
      new Program(daemon.file, ['-D', '-e', '-f', config], {
        env: daemon.env,
        ...(identity.ids === null ? {} : { identity: identity.ids }),
      }),
    );
    await untilOpen(serverPort);
    const forward = `127.0.0.1:${localPort}:${target}`;
    const options = ['-N', '-F', join(folder, 'ssh_config'), '-L', forward, 'bench'];
    stack.use(new Program(client, options));
    await untilOpen(localPort);
    const held = stack.move();
    return {
      address: `127.0.0.1:${localPort}`,
      [Symbol.asyncDispose]: async () => await held.disposeAsync(),
    };
  } catch (thrown) {
    await stack.disposeAsync();
    process.stderr.write(`skipped: ${comparison}: ${String(thrown)}\n`);
    return null;
  }
}

interface SshIdentity {
  readonly name: string;
  /** Root's daemon runs as `nobody`, who needs no privilege separation folder. Null: as ourselves. */
  readonly ids: { readonly uid: number; readonly gid: number } | null;
}

/** Keys and configurations for one run. */
async function prepare(folder: string, port: number): Promise<SshIdentity> {
  const identity = await whoRuns();
  const path = (name: string): string => join(folder, name);
  for (const name of ['host', 'user'])
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)]);
  await writeFile(path('authorized'), await readFile(path('user.pub')));
  const daemon = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host')}`,
    `AuthorizedKeysFile ${path('authorized')}`,
    `PidFile ${path('pid')}`,
    'StrictModes no',
    'UsePAM yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'AllowTcpForwarding local',
    'LogLevel QUIET',
  ];
  await writeFile(path('sshd_config'), `${daemon.join('\n')}\n`);
  const hostKey = (await readFile(path('host.pub'), 'utf8')).trim();
  await writeFile(path('known'), `[127.0.0.1]:${port} ${hostKey}\n`);
  const client = [
    'Host bench',
    'HostName 127.0.0.1',
    `Port ${port}`,
    `User ${identity.name}`,
    `IdentityFile ${path('user')}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${path('known')}`,
    'ExitOnForwardFailure yes',
    'BatchMode yes',
    'Compression no',
  ];
  await writeFile(path('ssh_config'), `${client.join('\n')}\n`);
  if (identity.ids !== null) {
    await chmod(folder, 0o755);
    for (const name of ['host', 'authorized', 'sshd_config'])
      await chown(path(name), identity.ids.uid, identity.ids.gid);
    await chown(folder, identity.ids.uid, identity.ids.gid);
  }
  return identity;
}

async function whoRuns(): Promise<SshIdentity> {
  if (process.getuid?.() !== 0) return { name: userInfo().username, ids: null };
  const { stdout } = await run('getent', ['passwd', 'nobody']);
  const [name = 'nobody', , uid, gid] = stdout.trim().split(':');
  return { name, ids: { uid: Number(uid), gid: Number(gid) } };
}

/** Waits at most 10 s until something listens on the port. */
export async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(socket.destroy() !== undefined));
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on port ${port} after 10 s`);
}
