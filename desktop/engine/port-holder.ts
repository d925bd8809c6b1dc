/** Which program of this machine listens on a local port, for a message that helps. Linux only; elsewhere nobody is named. */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface PortHolder {
  /** At most 64 characters, none of them of control. */
  readonly program: string;
  readonly pid: number;
}

/** Null where it cannot be told: another system, another user's process, or nobody. Never rejects. */
export async function findPortHolder(port: number, proc = '/proc'): Promise<PortHolder | null> {
  try {
    const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readText(`${proc}/net/${name}`)));
    const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
    if (inodes.size === 0) return null;
    const pids = (await readdir(proc)).filter((name) => /^[0-9]+$/.test(name));
    for (const pid of pids) {
      if (!(await holdsOneOf(`${proc}/${pid}/fd`, inodes))) continue;
      const name = (await readText(`${proc}/${pid}/comm`)).trim().replaceAll(/\p{C}/gu, '?').slice(0, 64);
      return name === '' ? null : { program: name, pid: Number(pid) };
    }
    return null;
  } catch {
    return null;
  }
}

/** Lines of /proc/net/tcp (proc(5)): local address, remote address, state 0A (LISTEN), …, inode in the tenth column. */
export function listeningInodes(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${hex}`) === true)
    .map((columns) => columns[9] ?? '')
    .filter((inode) => /^[1-9][0-9]*$/.test(inode));
}

async function holdsOneOf(folder: string, inodes: ReadonlySet<string>): Promise<boolean> {
  // Those of other users cannot be read.
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const link = await readlink(`${folder}/${name}`).catch(() => '');
    if (inodes.has(/^socket:\[([0-9]+)\]$/.exec(link)?.[1] ?? '')) return true;
  }
  return false;
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'latin1').catch(() => '');
}
