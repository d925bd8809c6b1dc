/** The server's process: start, wait until it is ready, stop, and a watchdog for when this process dies first. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, serverEnv } from './postgres-cluster.ts';

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

/** A server and its watchdog. */
export interface ServerProcess {
  readonly server: ChildProcess;
  readonly watchdog: ChildProcess;
}

/** Starts both, detached, so that a Ctrl-C in the terminal reaches only this process, which stops them in order. */
export function spawnServer(cluster: Cluster): ServerProcess {
  const { binaries, data, home, user } = cluster;
  const logFile = openSync(logPath(cluster), 'w', 0o600);
  const common = { ...user, env: serverEnv(), cwd: home, detached: true } as const;
  const server = spawn(binaries.postgres, ['-D', data], { ...common, stdio: ['ignore', logFile, logFile] });
  closeSync(logFile);
  // Its standard input ends when this process ends, however that happens.
  const script = 'while read -r _; do :; done; "$1" stop -D "$2" -m immediate; [ -z "$3" ] || rm -rf "$3"';
  const args = [
    '-c',
    script,
    'daam-postgres-watchdog',
    binaries.pgCtl,
    data,
    cluster.isTemporary ? home : '',
  ];
  const watchdog = spawn('/bin/sh', args, { ...common, stdio: ['pipe', 'ignore', 'ignore'] });
  for (const child of [server, watchdog]) {
    child.on('error', () => {});
    child.unref();
  }
  return { server, watchdog };
}

/** True when the server takes connections, false when it ended or did not get ready in time. */
export async function waitUntilReady({ data }: Cluster, { server }: ServerProcess): Promise<boolean> {
  const end = Date.now() + readyTimeoutMs;
  while (Date.now() < end && !hasEnded(server)) {
    const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    // A file that a crashed server left behind names another pid.
    if (lines[0] === String(server.pid) && lines[7]?.trim() === 'ready') return true;
    await delay(20);
  }
  return false;
}

/** Ends the server, then the watchdog, and removes a temporary cluster. May be called again. */
export async function stopServer(cluster: Cluster, { server, watchdog }: ServerProcess): Promise<void> {
  // SIGQUIT: leave at once. SIGINT: end the sessions, write a checkpoint, leave.
  const signals = [cluster.isTemporary ? 'SIGQUIT' : 'SIGINT', 'SIGQUIT', 'SIGKILL'] as const;
  for (const signal of signals) {
    if (hasEnded(server)) break;
    server.ref();
    server.kill(signal);
    await Promise.race([once(server, 'exit'), delay(stopTimeoutMs, null, { ref: false })]);
  }
  watchdog.kill('SIGKILL');
  if (cluster.isTemporary) await rm(cluster.home, { recursive: true, force: true, maxRetries: 5 });
}

/** What the server wrote since it was started. */
export async function serverLog(cluster: Cluster): Promise<string> {
  return await readFile(logPath(cluster), 'utf8').catch(() => '');
}

function logPath({ home }: Cluster): string {
  return join(home, 'server.log');
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
