import type { Notification as SystemNotification } from 'electron';
import type { Notification, Settings, Target } from '../ipc/schema.ts';
import type { ElectronPort } from './electron-port.ts';

export interface SystemNotificationsOptions {
  readonly electron: Pick<ElectronPort, 'Notification'>;
  /** Whether the person looks at the app: then it shows the news itself. */
  readonly isFocused: () => boolean;
  /** A notification was followed. */
  readonly onFollow: (id: string, target: Target | null) => void;
}

/** Which switch of the settings is for a kind; kinds without one are always shown. */
const switches: Partial<Record<Notification['kind'], keyof Settings['notifications']>> = {
  'request-approved': 'requests',
  'request-denied': 'requests',
  'request-ended': 'requests',
  'approval-needed': 'approvals',
  'access-ends-soon': 'accessEnds',
  'sign-in-ends': 'accessEnds',
  'access-removed': 'accessRemoved',
  'policy-changed': 'accessRemoved',
  'tunnel-lost': 'tunnelLost',
};

/** More at once would bury the ones that matter; the app's own list has them all. */
const maxAtOnce = 3;

/** Shows news of the engine as notifications of the system; a click leads to a screen and does nothing else. */
export class SystemNotifications {
  readonly #options: SystemNotificationsOptions;
  readonly #seen = new Set<string>();
  /** Held, because a notification that is collected does not hear its click. */
  readonly #shown = new Set<SystemNotification>();
  #isSeeded = false;

  constructor(options: SystemNotificationsOptions) {
    this.#options = options;
  }

  /** The list as it is now. The first one is what happened before the app began: it is not news. */
  show(notifications: readonly Notification[], settings: Settings | null): void {
    const news = notifications.filter(({ id, isRead }) => !isRead && !this.#seen.has(id));
    this.#seen.clear();
    for (const { id } of notifications) this.#seen.add(id);
    if (!this.#isSeeded) {
      this.#isSeeded = true;
      return;
    }
    if (this.#options.isFocused() || !this.#options.electron.Notification.isSupported()) return;
    for (const each of news.filter((one) => isWanted(one, settings)).slice(0, maxAtOnce)) this.#show(each);
  }

  #show({ id, title, body, target }: Notification): void {
    const shown = new this.#options.electron.Notification({ title: plain(title), body: plain(body) });
    this.#shown.add(shown);
    shown.on('close', () => this.#shown.delete(shown));
    shown.on('click', () => {
      this.#shown.delete(shown);
      this.#options.onFollow(id, target);
    });
    shown.show();
  }
}

function isWanted({ kind }: Notification, settings: Settings | null): boolean {
  const name = switches[kind];
  return name === undefined || settings?.notifications[name] !== false;
}

/** Some notification servers read markup (Desktop Notifications Specification 1.3, "Markup"): there is none left. */
function plain(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('&', '+');
}
