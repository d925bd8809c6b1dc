import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import type { DesktopBackend } from '../ipc/backend.ts';
import type { Database, Notification, Settings, Status } from '../ipc/schema.ts';

/** What tray and notifications show; null where it is not known yet. */
export interface ShellView {
  readonly status: Status | null;
  readonly databases: readonly Database[];
  readonly notifications: readonly Notification[];
  readonly settings: Settings | null;
  readonly waiting: { readonly mine: number; readonly inbox: number };
}

/** Keeps a view of the engine from its events, and calls `onChange` with it and the one before. */
export class ShellState implements Disposable {
  readonly #backend: DesktopBackend;
  readonly #logger: Logger;
  readonly #onChange: (now: ShellView, before: ShellView) => void;
  readonly #unsubscribe: () => void;
  #view: ShellView = {
    status: null,
    databases: [],
    notifications: [],
    settings: null,
    waiting: { mine: 0, inbox: 0 },
  };

  constructor(options: {
    readonly backend: DesktopBackend;
    readonly logger: Logger;
    readonly onChange: (now: ShellView, before: ShellView) => void;
  }) {
    this.#backend = options.backend;
    this.#logger = options.logger;
    this.#onChange = options.onChange;
    this.#unsubscribe = options.backend.subscribe((event) => {
      if (event.event === 'statusChanged') this.#set({ status: event.payload.status });
      if (event.event === 'databasesChanged') this.#set({ databases: event.payload.databases });
      if (event.event === 'settingsChanged') this.#set({ settings: event.payload.settings });
      if (event.event === 'notificationsChanged') {
        this.#set({ notifications: event.payload.notifications });
        void this.#read('waiting', 'countWaiting');
      }
    });
  }

  get view(): ShellView {
    return this.#view;
  }

  /** Reads all of it. What cannot be read stays as it is. */
  async read(): Promise<void> {
    await Promise.all([
      this.#read('status', 'status'),
      this.#read('databases', 'listDatabases'),
      this.#read('notifications', 'listNotifications'),
      this.#read('settings', 'readSettings'),
      this.#read('waiting', 'countWaiting'),
    ]);
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }

  async #read(
    part: keyof ShellView,
    method: 'status' | 'listDatabases' | 'listNotifications' | 'readSettings' | 'countWaiting',
  ): Promise<void> {
    try {
      this.#set({ [part]: await this.#backend.methods[method]({}) });
    } catch (thrown) {
      this.#logger.debug({ part, code: toAppError(thrown).code }, 'the shell could not read the engine');
    }
  }

  #set(changed: Partial<ShellView>): void {
    const before = this.#view;
    this.#view = { ...before, ...changed };
    this.#onChange(this.#view, before);
  }
}
