import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import * as z from 'zod';
import { StateFolder } from '../engine/state-folder.ts';

const runningSchema = z.strictObject({
  pid: z.int().min(1),
  /** When the process started, in the system's own words; null where the system does not say. */
  started: z.string().nullable(),
  database: z.string(),
  host: z.string(),
  port: z.int().min(1).max(65_535),
  user: z.string(),
  since: z.number(),
});

/** A `daam connect` that runs now, perhaps in another terminal. */
export type RunningConnection = z.infer<typeof runningSchema>;

const ours = /^[0-9a-f-]{36}\.json$/;

/** The marks that running processes leave in the state folder, so that others can tell what is connected. */
export class RunningConnections {
  readonly #folder: StateFolder;

  private constructor(folder: StateFolder) {
    this.#folder = folder;
  }

  static async open(stateDir: string): Promise<RunningConnections> {
    const state = await StateFolder.open(stateDir);
    return new RunningConnections(await state.folder('running'));
  }

  /** Marks a connection of this process. */
  async add(
    connection: Omit<RunningConnection, 'pid' | 'started'>,
  ): Promise<{ readonly remove: () => Promise<void> }> {
    const name = `${randomUUID()}.json`;
    const { pid } = process;
    await this.#folder.write(name, { pid, started: await startOf(pid), ...connection });
    return { remove: async () => void (await this.#folder.remove(name)) };
  }

  /** Those whose process still runs; the marks of the others are cleared away. */
  async list(): Promise<readonly RunningConnection[]> {
    const names = (await readdir(this.#folder.path)).filter((name) => ours.test(name));
    const found: RunningConnection[] = [];
    for (const name of names) {
      const running = await this.#folder.read(name, runningSchema);
      if (running !== null && (await isSameProcess(running))) found.push(running);
      else await this.#folder.remove(name);
    }
    return found.sort((a, b) => a.since - b.since);
  }
}

/** A process id is used again one day; its start time tells the two apart. */
async function isSameProcess({ pid, started }: RunningConnection): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return (await startOf(pid)) === started;
}

/** Field 22 of /proc/<pid>/stat (proc(5)): clock ticks from boot to the start of the process. Linux only. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
