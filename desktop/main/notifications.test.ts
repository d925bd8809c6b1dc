import { describe, expect, it } from 'vitest';
import type { Notification, Settings, Target } from '../ipc/schema.ts';
import { sampleSettings } from '../ipc/testing/sample-workspace.ts';
import { SystemNotifications } from './notifications.ts';
import { RecordingElectron } from './testing/recording-electron.ts';

const news = (id: string, changed: Partial<Notification> = {}): Notification => ({
  id,
  at: '2026-03-01T09:00:00Z',
  kind: 'request-approved',
  title: 'orders: approved',
  body: 'until 14:40',
  target: { kind: 'request', id: 'r1' },
  isRead: false,
  ...changed,
});

function start(isFocused = false) {
  const electron = new RecordingElectron();
  const followed: [string, Target | null][] = [];
  const notifications = new SystemNotifications({
    electron: electron.port,
    isFocused: () => isFocused,
    onFollow: (id, target) => void followed.push([id, target]),
  });
  notifications.show([news('old')], sampleSettings);
  return { shown: electron.notifications, followed, notifications };
}

describe('notifications of the system', () => {
  it('show what is new, once, and not what was there at the start', () => {
    const { shown, notifications } = start();
    notifications.show([news('new'), news('old')], sampleSettings);
    notifications.show([news('new'), news('old')], sampleSettings);
    expect(shown.map(({ options, isShown }) => [options.title, isShown])).toEqual([
      ['orders: approved', true],
    ]);
  });

  it('are quiet while the person looks at the app', () => {
    const { shown, notifications } = start(true);
    notifications.show([news('new')], sampleSettings);
    expect(shown).toEqual([]);
  });

  it.each([
    ['request-approved', 'requests'],
    ['approval-needed', 'approvals'],
    ['access-ends-soon', 'accessEnds'],
    ['access-removed', 'accessRemoved'],
    ['tunnel-lost', 'tunnelLost'],
  ] as const)('of %s end with the switch "%s"', (kind, name) => {
    const { shown, notifications } = start();
    const off: Settings = {
      ...sampleSettings,
      notifications: { ...sampleSettings.notifications, [name]: false },
    };
    const on: Settings = {
      ...sampleSettings,
      notifications: { ...sampleSettings.notifications, [name]: true },
    };
    notifications.show([news('a', { kind })], off);
    expect(shown).toHaveLength(0);
    notifications.show([news('b', { kind })], on);
    expect(shown).toHaveLength(1);
  });

  it('lead to their screen when they are clicked', () => {
    const { shown, followed, notifications } = start();
    notifications.show([news('new')], sampleSettings);
    shown[0]?.emit('click');
    expect(followed).toEqual([['new', { kind: 'request', id: 'r1' }]]);
  });

  it('are three at once at most', () => {
    const { shown, notifications } = start();
    notifications.show(
      Array.from({ length: 50 }, (_, index) => news(`n${index}`)),
      sampleSettings,
    );
    expect(shown).toHaveLength(3);
  });

  it('hold no markup and no control characters', () => {
    const { shown, notifications } = start();
    notifications.show(
      [news('new', { title: '<b>a&b</b>\u0007', body: '<img src=x>\u202E' })],
      sampleSettings,
    );
    const { title, body } = shown[0]?.options ?? { title: '', body: '' };
    expect(title + body).not.toMatch(/[<>&\p{Cc}\p{Cf}]/u);
  });
});
