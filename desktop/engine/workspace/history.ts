/**
 * Statements of this person on this device, newest first: one line of JSON each in a file of the state folder (0600).
 * Literals are in it, so it can be switched off and emptied. It is read once, and written anew when old lines weigh.
 */
import { randomUUID } from 'node:crypto';
import { appendFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import type { HistoryEntry, Params, Result } from '../../ipc/schema.ts';
import { historyEntrySchema } from '../../ipc/schema/workspace.ts';
import type { StateFolder } from '../state-folder.ts';

const fileName = 'history.jsonl';
const maxEntries = 5_000;
/** A file beyond it was not written by us. Bytes. */
const maxFileBytes = 128 * 1024 * 1024;
/** Of a statement; the rest is cut. Characters. */
const maxSql = 20_000;
const dayMs = 86_400_000;

export interface HistoryOptions {
  readonly state: StateFolder;
  /** Days that entries are kept; 0: none are. */
  readonly days: () => Promise<number>;
  readonly now: () => number;
  readonly onChange: () => void;
  readonly logger: Logger;
}

export class History {
  readonly #options: HistoryOptions;
  /** Oldest first. */
  #entries: Promise<HistoryEntry[]> | null = null;
  #working: Promise<void> = Promise.resolve();

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  async list({
    database,
    text,
    outcome,
    after,
    limit,
  }: Params<'listHistory'>): Promise<Result<'listHistory'>> {
    const wanted = text?.toLowerCase() ?? null;
    const all = (await this.#read())
      .toReversed()
      .filter(
        (entry) =>
          (database === null || entry.database.id === database) &&
          (outcome === null || entry.outcome === outcome) &&
          (wanted === null || entry.sql.toLowerCase().includes(wanted)),
      );
    const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const items = all.slice(start, start + limit);
    return { items, next: start + limit < all.length ? (items.at(-1)?.id ?? null) : null };
  }

  /** Never rejects: a full disk must not look like a failed statement. */
  async add(entry: Omit<HistoryEntry, 'id'>): Promise<void> {
    try {
      await this.#inOrder(async () => await this.#add(entry));
    } catch (thrown) {
      this.#options.logger.warn({ code: toAppError(thrown).code }, 'the history could not be written');
    }
  }

  /** One entry, or (null) all: also those that are being added. */
  async remove(id: string | null): Promise<void> {
    await this.#inOrder(async () => {
      const entries = await this.#read();
      const rest = id === null ? [] : entries.filter((entry) => entry.id !== id);
      this.#entries = Promise.resolve(rest);
      if (rest.length === 0) await rm(this.#path, { force: true });
      else await this.#replace(rest);
    });
    this.#options.onChange();
  }

  async #add(entry: Omit<HistoryEntry, 'id'>): Promise<void> {
    if ((await this.#options.days()) === 0) return;
    const kept = { ...entry, id: randomUUID(), sql: entry.sql.slice(0, maxSql) };
    const entries = await this.#read();
    entries.push(kept);
    const isTooLong = entries.length > maxEntries * 1.2;
    if (isTooLong) entries.splice(0, entries.length - maxEntries);
    if (isTooLong) await this.#replace(entries);
    else await appendFile(this.#path, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
    this.#options.onChange();
  }

  /** One change after another: what is added before all is removed does not come back. */
  async #inOrder(act: () => Promise<void>): Promise<void> {
    const working = this.#working.then(act);
    this.#working = working.catch(() => {});
    await working;
  }

  #read(): Promise<HistoryEntry[]> {
    return (this.#entries ??= this.#load());
  }

  async #load(): Promise<HistoryEntry[]> {
    const oldest = this.#options.now() - (await this.#options.days()) * dayMs;
    try {
      if ((await stat(this.#path)).size > maxFileBytes) return [];
      const lines = (await readFile(this.#path, 'utf8')).split('\n');
      const entries = lines.flatMap((line) => readLine(line)).filter(({ at }) => Date.parse(at) >= oldest);
      return entries.slice(-maxEntries);
    } catch {
      return [];
    }
  }

  get #path(): string {
    return join(this.#options.state.path, fileName);
  }

  async #replace(entries: readonly HistoryEntry[]): Promise<void> {
    const temporary = `${this.#path}.${randomUUID()}`;
    await writeFile(temporary, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), {
      mode: 0o600,
    });
    await rename(temporary, this.#path);
  }
}

/** A line that was cut off, or is of another version, is as good as lost. */
function readLine(line: string): HistoryEntry[] {
  if (line === '') return [];
  try {
    return [historyEntrySchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
