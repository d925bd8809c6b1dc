import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import * as z from 'zod';
import { StateFolder } from './state-folder.ts';
import { failureViewSchema, pathViewSchema, relayViewSchema } from './tunnel/tunnel-view.ts';

const runningSchema = z.strictObject({
  pid: z.int().min(1),
  /** When the process started, in the system's own words; null where the system does not say. */
  started: z.string().nullable(),
  database: z.string(),
  host: z.string(),
  port: z.int().min(1).max(65_535),
  user: z.string(),
  since: z.number(),
  path: pathViewSchema.nullable(),
  relay: relayViewSchema.nullable(),
  failure: failureViewSchema.nullable(),
});

/** A connection that is open now, perhaps in another process: how it stood when that last looked. */
export type RunningConnection = z.infer<typeof runningSchema>;

/** What one connection shows of itself. */
export interface Mark {
  update(connection: Omit<RunningConnection, 'pid' | 'started'>): Promise<void>;
  remove(): Promise<void>;
}

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

  /** A mark for a connection of this process; there is nothing to see until its first update. */
  mark(): Mark {
    const name = `${randomUUID()}.json`;
    const { pid } = process;
    let written = '';
    let isRemoved = false;
    let turn: Promise<unknown> = Promise.resolve();
    /** One after the other; a mark that cannot be written costs only what `status` shows elsewhere. */
    const inTurn = async (act: () => Promise<unknown>): Promise<void> => {
      turn = turn.then(act).catch(() => {});
      await turn;
    };
    return {
      update: (connection) =>
        inTurn(async () => {
          const text = JSON.stringify(connection);
          if (isRemoved || text === written) return;
          await this.#folder.write(name, { pid, started: await startOf(pid), ...connection });
          written = text;
        }),
      remove: () => {
        isRemoved = true;
        return inTurn(() => this.#folder.remove(name));
      },
    };
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
