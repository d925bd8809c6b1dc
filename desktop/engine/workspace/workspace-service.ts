/** The methods of the bridge about what a person keeps on this device: history, saved queries, tabs, settings. */
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Logger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import * as z from 'zod';
import type { WorkspaceMethods } from '../../ipc/backend.ts';
import type { BridgeEvent, HistoryEntry, Params, SavedQuery, Settings, Workspace } from '../../ipc/schema.ts';
import { savedQuerySchema, settingsSchema, workspaceSchema } from '../../ipc/schema/workspace.ts';
import { initialSettings } from '../../ipc/initial-settings.ts';
import type { StateFolder } from '../state-folder.ts';
import { History } from './history.ts';
import { KeptValue } from './kept-value.ts';

const maxSaved = 2_000;
/** An id of the control plane becomes a part of a file's name. */
const fileSafe = z.uuid();

export interface WorkspaceServiceOptions {
  readonly state: StateFolder;
  /** Id of who is signed in; null: nobody. */
  readonly user: () => string | null;
  readonly emit: (event: BridgeEvent) => void;
  readonly now: () => number;
  readonly logger: Logger;
}

export class WorkspaceService {
  readonly methods: WorkspaceMethods;
  readonly #options: WorkspaceServiceOptions;
  readonly #history: History;
  /** Each person's are in a file of their own, which stays when they sign out. */
  #saved: { readonly user: string; readonly kept: KeptValue<SavedQuery[]> } | null = null;
  readonly #workspace: KeptValue<Workspace>;
  readonly #settings: KeptValue<Settings>;

  constructor(options: WorkspaceServiceOptions) {
    this.#options = options;
    const { state, emit, now, logger } = options;
    this.#workspace = new KeptValue({
      state,
      file: 'workspace.json',
      schema: workspaceSchema,
      initial: { tabs: [], active: null },
    });
    this.#settings = new KeptValue({
      state,
      file: 'settings.json',
      schema: settingsSchema,
      initial: initialSettings,
    });
    this.#history = new History({
      state,
      now,
      logger,
      days: async () => (await this.#settings.read()).editor.historyDays,
      onChange: () => emit({ event: 'historyChanged', payload: {} }),
    });
    this.methods = {
      listHistory: async (asked) => await this.#history.list(asked),
      removeHistory: async ({ id }) => {
        await this.#history.remove(id);
        return {};
      },
      listSavedQueries: async () => await this.#savedNow().read(),
      saveQuery: async (asked) => await this.#save(asked),
      removeSavedQuery: async ({ id }) => {
        await this.#savedNow().change((saved) => saved.filter((each) => each.id !== id));
        emit({ event: 'savedQueriesChanged', payload: {} });
        return {};
      },
      readWorkspace: async () => await this.#workspace.read(),
      writeWorkspace: async (workspace) => {
        await this.#workspace.write(workspace);
        return {};
      },
      readSettings: async () => await this.#settings.read(),
      changeSettings: async (changes) => await this.#changeSettings(changes),
    };
  }

  async remember(entry: Omit<HistoryEntry, 'id'>): Promise<void> {
    await this.#history.add(entry);
  }

  settings(): Promise<Settings> {
    return this.#settings.read();
  }

  /** Where exports go. */
  async exportFolder(): Promise<string> {
    return (await this.#settings.read()).exportFolder ?? join(homedir(), 'Downloads');
  }

  /**
   * What the person before wrote, ran, pinned and chose for their exports goes. Their saved queries wait for them; how this
   * device looks stays.
   */
  async forgetPerson(): Promise<void> {
    await this.#history.remove(null);
    await this.#workspace.forget();
    const { exportFolder, pinnedDatabases } = initialSettings;
    await this.#changeSettings({ exportFolder, pinnedDatabases });
  }

  /** Of who is signed in. UNAUTHENTICATED for nobody. */
  #savedNow(): KeptValue<SavedQuery[]> {
    const user = this.#options.user();
    if (user === null) throw new AppError('UNAUTHENTICATED');
    if (this.#saved?.user === user) return this.#saved.kept;
    const kept = new KeptValue({
      state: this.#options.state,
      file: `saved-queries.${fileSafe.parse(user)}.json`,
      schema: z.array(savedQuerySchema).max(maxSaved),
      initial: [],
    });
    this.#saved = { user, kept };
    return kept;
  }

  async #save({ id, ...asked }: Params<'saveQuery'>): Promise<SavedQuery> {
    const saved = {
      ...asked,
      id: id ?? randomUUID(),
      changedAt: new Date(this.#options.now()).toISOString(),
    };
    await this.#savedNow().change((all) => {
      if (id !== null && !all.some((each) => each.id === id))
        throw new AppError('NOT_FOUND', { field: 'id' });
      if (id === null && all.length >= maxSaved)
        throw new AppError('TOO_LARGE', { message: 'There are too many saved queries.' });
      return [...all.filter((each) => each.id !== saved.id), saved].toSorted((a, b) =>
        a.name < b.name ? -1 : 1,
      );
    });
    this.#options.emit({ event: 'savedQueriesChanged', payload: {} });
    return saved;
  }

  async #changeSettings(changes: Params<'changeSettings'>): Promise<Settings> {
    const { exportFolder } = changes;
    if (typeof exportFolder === 'string' && !isAbsolute(exportFolder)) {
      throw new AppError('INVALID_INPUT', {
        field: 'exportFolder',
        message: 'Name the folder from the root on.',
      });
    }
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const settings = await this.#settings.change((all) => ({ ...all, ...given }));
    this.#options.emit({ event: 'settingsChanged', payload: { settings } });
    return settings;
  }
}
