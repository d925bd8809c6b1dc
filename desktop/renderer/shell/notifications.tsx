import { useNavigate } from '@tanstack/react-router';
import { Bell } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Notification } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useNotifications } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { iconButtonClass } from '../ui/icon-button.tsx';
import { Popover } from '../ui/popover.tsx';
import { useNow } from '../ui/use-now.ts';
import { moment } from '../ui/time.ts';
import { addressOf } from './target-address.ts';

/** What happened while nobody looked. Opening one shows its screen; it never runs or approves anything. */
export function NotificationsButton(): ReactNode {
  const bridge = useBridge();
  const navigate = useNavigate();
  const now = useNow();
  const [isOpen, setOpen] = useState(false);
  const notifications = useNotifications().data ?? [];
  const unread = notifications.filter(({ isRead }) => !isRead).length;
  const label = unread === 0 ? 'Notifications' : `Notifications, ${unread} unread`;

  function open(notification: Notification): void {
    void bridge.call('markNotificationRead', { id: notification.id });
    setOpen(false);
    if (notification.target !== null) void navigate({ href: addressOf(notification.target) });
  }

  return (
    <Popover
      title="Notifications"
      align="end"
      isOpen={isOpen}
      onOpenChange={setOpen}
      className="w-96"
      trigger={
        <button type="button" aria-label={label} className={`${iconButtonClass()} relative`}>
          <Bell size={16} strokeWidth={1.75} aria-hidden="true" />
          {unread === 0 ? null : (
            <span
              aria-hidden="true"
              className="absolute -top-0.5 -right-0.5 min-w-4 rounded-full bg-accent-solid px-1 text-11 leading-4 text-on-accent"
            >
              {unread}
            </span>
          )}
        </button>
      }
    >
      {notifications.length === 0 ? (
        <p className="text-text-2">Nothing has happened yet.</p>
      ) : (
        <>
          <ul className="-mx-1">
            {notifications.map((notification) => (
              <li key={notification.id}>
                <button
                  type="button"
                  onClick={() => open(notification)}
                  className="block w-full rounded-control px-1 py-1.5 text-left hover:bg-sunken focus-visible:-outline-offset-2"
                >
                  <span className="flex gap-2">
                    <span className={`min-w-0 flex-1 ${notification.isRead ? '' : 'font-medium'}`}>
                      {notification.title}
                      {notification.isRead ? null : <span className="sr-only">, unread</span>}
                    </span>
                    <time className="text-12 text-text-2" dateTime={notification.at}>
                      {moment(notification.at, now)}
                    </time>
                  </span>
                  <span className="block text-text-2">{notification.body}</span>
                </button>
              </li>
            ))}
          </ul>
          {unread === 0 ? null : (
            <Button look="quiet" onClick={() => void bridge.call('markNotificationRead', { id: null })}>
              Mark all as read
            </Button>
          )}
        </>
      )}
    </Popover>
  );
}
