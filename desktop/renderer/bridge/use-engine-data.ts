import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Database, Status } from '../../ipc/schema.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { describeChanges } from '../databases/describe-changes.ts';
import { useBridge, useBridgeState } from './bridge-context.ts';

const statusKey = ['status'];
const databasesKey = ['databases'];

export function useStatus(): UseQueryResult<Status> {
  const bridge = useBridge();
  const isOpen = useBridgeState().kind === 'open';
  return useQuery({ queryKey: statusKey, queryFn: () => bridge.call('status', {}), enabled: isOpen });
}

export function useDatabases(): UseQueryResult<Database[]> {
  const bridge = useBridge();
  const isOpen = useBridgeState().kind === 'open';
  return useQuery({
    queryKey: databasesKey,
    queryFn: () => bridge.call('listDatabases', {}),
    enabled: isOpen,
  });
}

/** Keeps both fresh from the engine's events, and says what changed. Used once, at the top. */
export function useEngineEvents(): void {
  const bridge = useBridge();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const isOpen = useBridgeState().kind === 'open';

  useEffect(() => {
    const stopStatus = bridge.on('statusChanged', ({ status }) => queries.setQueryData(statusKey, status));
    const stopDatabases = bridge.on('databasesChanged', ({ databases }) => {
      const before = queries.getQueryData<Database[]>(databasesKey);
      queries.setQueryData(databasesKey, databases);
      const message = before === undefined ? null : describeChanges(before, databases);
      if (message !== null) announce(message);
    });
    return () => {
      stopStatus();
      stopDatabases();
    };
  }, [bridge, queries, announce]);

  // Events that came while the bridge was lost are gone; the values are read anew.
  useEffect(() => {
    if (isOpen) void queries.invalidateQueries();
  }, [isOpen, queries]);
}
