/** Debian's pgbouncer with session pooling: what a thin pooler costs on this machine. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A running pooler. */
export interface Pooler extends AsyncDisposable {
  readonly dsn: string;
}

/** Starts it in front of the server of the DSN, on the port. As root it runs as `nobody`: it refuses root. */
export async function startPgbouncer(options: {
  readonly program: string;
  readonly upstreamDsn: string;
  readonly port: number;
}): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), 'daam-pgbouncer-'));
  const config = join(folder, 'pgbouncer.ini');
  await writeFile(config, configText(options.upstreamDsn, options.port), { mode: 0o600 });
  const isRoot = process.getuid?.() === 0;
  const [uid, gid] = isRoot ? [idOfNobody('-u'), idOfNobody('-g')] : [0, 0];
  if (isRoot) {
    await chmod(folder, 0o700);
    for (const path of [folder, config]) await chown(path, uid, gid);
  }
  const child = spawn(options.program, ['-q', config], { stdio: 'ignore', ...(isRoot ? { uid, gid } : {}) });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await Promise.race([ended, delay(3000, null, { ref: false }).then(() => child.kill('SIGKILL'))]);
    }
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt += 1) {
    if (await answers(options.port)) {
      return { dsn: `postgres://bench@127.0.0.1:${options.port}/shop`, [Symbol.asyncDispose]: stop };
    }
    await delay(50);
  }
  await stop();
  throw new Error('pgbouncer did not start');
}

function configText(upstreamDsn: string, port: number): string {
  const url = new URL(upstreamDsn);
  const login = `user=${url.username} password=${decodeURIComponent(url.password)}`;
  return `[databases]
shop = host=${url.hostname} port=${url.port} dbname=shop ${login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = session
max_client_conn = 200
default_pool_size = 50
ignore_startup_parameters = extra_float_digits
`;
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}

function idOfNobody(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}
