import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import type {
  ConnectionDetails,
  Database,
  DatabaseObjects,
  Method,
  Notification,
  Params,
  Result,
  Status,
} from '../../ipc/schema.ts';
import { describeChanges } from '../databases/describe-changes.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { useBridge, useBridgeState } from './bridge-context.ts';
import { settingsKey } from './use-settings.ts';

export const statusKey = ['status'];
export const databasesKey = ['databases'];
export const notificationsKey = ['notifications'];
const waitingKey = ['waiting'];
/** Everything that came from the control plane by `callApi` is under it. */
export const apiKey = 'api';

/** What a method of the bridge answers, kept under a key until an event or an action makes it stale. */
export function useBridgeQuery<M extends Method>(
  key: readonly unknown[],
  method: M,
  params: Params<M>,
  options: { readonly enabled?: boolean; readonly refetchInterval?: number } = {},
): UseQueryResult<Result<M>> {
  const bridge = useBridge();
  const isOpen = useBridgeState().kind === 'open';
  return useQuery({
    queryKey: key,
    queryFn: () => bridge.call(method, params),
    enabled: isOpen && options.enabled !== false,
    refetchInterval: options.refetchInterval ?? false,
  });
}

export function useStatus(): UseQueryResult<Status> {
  return useBridgeQuery(statusKey, 'status', {});
}

export function useDatabases(): UseQueryResult<Database[]> {
  return useBridgeQuery(databasesKey, 'listDatabases', {});
}

export function useNotifications(): UseQueryResult<Notification[]> {
  return useBridgeQuery(notificationsKey, 'listNotifications', {});
}

/** Requests that wait, of mine and for me. */
export function useWaiting(): UseQueryResult<Result<'countWaiting'>> {
  return useBridgeQuery(waitingKey, 'countWaiting', {});
}

export function useConnectionDetails(database: string): UseQueryResult<ConnectionDetails> {
  return useBridgeQuery(['connection', database], 'connectionDetails', { database });
}

/** Tables and columns that this person may use; null: no database is chosen. */
export function useObjects(database: string | null): UseQueryResult<DatabaseObjects> {
  return useBridgeQuery(
    ['objects', database],
    'readObjects',
    { database: database ?? '-', refresh: false },
    { enabled: database !== null },
  );
}

/** Keeps all of it fresh from the engine's events, and says what changed. Used once, at the top. */
export function useEngineEvents(): void {
  const bridge = useBridge();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const isOpen = useBridgeState().kind === 'open';

  useEffect(() => {
    const stops = [
      bridge.on('statusChanged', ({ status }) => queries.setQueryData(statusKey, status)),
      bridge.on('settingsChanged', ({ settings }) => queries.setQueryData(settingsKey, settings)),
      bridge.on('objectsChanged', ({ database }) => {
        void queries.invalidateQueries({ queryKey: ['objects', database] });
      }),
      bridge.on('notificationsChanged', ({ notifications }) => {
        const before = queries.getQueryData<Notification[]>(notificationsKey) ?? [];
        queries.setQueryData(notificationsKey, notifications);
        const fresh = notifications.find(({ id, isRead }) => !isRead && before.every((old) => old.id !== id));
        if (fresh !== undefined) announce(`${fresh.title}. ${fresh.body}`);
        void queries.invalidateQueries({ queryKey: waitingKey });
        void queries.invalidateQueries({ queryKey: [apiKey] });
      }),
      bridge.on('databasesChanged', ({ databases }) => {
        const before = queries.getQueryData<Database[]>(databasesKey);
        queries.setQueryData(databasesKey, databases);
        void queries.invalidateQueries({ queryKey: ['connection'] });
        const message = before === undefined ? null : describeChanges(before, databases);
        if (message !== null) announce(message);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [bridge, queries, announce]);

  // Events that came while the bridge was lost are gone; the values are read anew.
  useEffect(() => {
    if (isOpen) void queries.invalidateQueries();
  }, [isOpen, queries]);
}
