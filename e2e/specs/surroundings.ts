/** What specs look at around a system: processes, roles of the server, the agent's health. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';

const root = join(import.meta.dirname, '..', '..');

/** All processes that descend from this one, itself included. Linux. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(Number(entry));
    if (parent !== null) parents.set(Number(entry), parent);
  }
  const found = [pid];
  for (const at of found) for (const [child, parent] of parents) if (parent === at) found.push(child);
  return found;
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/** False once it is gone; a zombie counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** The command line of a process, its words apart; empty once it is gone. Linux. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Those of the ports on which somebody waits for UDP (proc_net(5)). Linux. */
export function udpPortsInUse(ports: readonly number[]): number[] {
  const tables = ['/proc/net/udp', '/proc/net/udp6'].map((path) => readFileSync(path, 'utf8'));
  const bound = tables.flatMap((table) => [...table.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)]);
  const found = new Set(bound.map(([, port = '']) => Number.parseInt(port, 16)));
  return ports.filter((port) => found.has(port));
}

/** Unix sockets in a folder and those below it. */
export function socketsUnder(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isSocket()).map(({ parentPath, name }) => join(parentPath, name));
}

/** One column of one query, as texts. */
export async function column(dsn: string, sql: string): Promise<string[]> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows.map((row) => String(Object.values(row)[0]));
  } finally {
    await client.end();
  }
}

/** Names of the session roles, or only of those that could log in now. */
export async function sessionRoles(
  dsn: string,
  { canLogIn }: { readonly canLogIn: boolean },
): Promise<string[]> {
  const condition = canLogIn
    ? 'AND rolcanlogin AND coalesce(rolvaliduntil, now() + interval $$1s$$) > now()'
    : '';
  return await column(dsn, `SELECT rolname FROM pg_roles WHERE rolname ~ '^daam_s_' ${condition}`);
}

/** Status code of an address; 0 when nobody answers. */
export async function statusOf(url: string): Promise<number> {
  return await fetch(url, { signal: AbortSignal.timeout(3000) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.status;
    },
    () => 0,
  );
}

/** Ends a process and waits until it is gone. */
export async function end(pid: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  process.kill(pid, signal);
  const deadline = Date.now() + 30_000;
  while (isAlive(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** One of the programs started again from the configuration that the system wrote. Dispose to end it. */
export class Restarted implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(main: string, configPath: string, logPath: string) {
    const log = openSync(logPath, 'a');
    this.#child = spawn(process.execPath, [join(root, main), '--config', configPath], {
      stdio: ['ignore', log, log],
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** The agent again. */
export function restartAgent(stateDir: string): Restarted {
  return new Restarted(
    'agent/main.ts',
    join(stateDir, 'agent', 'agent.yaml'),
    join(stateDir, 'logs', 'agent.log'),
  );
}

/** The control plane again. */
export function restartControlPlane(stateDir: string): Restarted {
  const config = join(stateDir, 'control-plane', 'control-plane.yaml');
  return new Restarted('control-plane/main.ts', config, join(stateDir, 'logs', 'control-plane.log'));
}
