import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { initialSettings } from '../../ipc/initial-settings.ts';
import type { Settings } from '../../ipc/schema.ts';
import { useBridge, useBridgeState } from './bridge-context.ts';

export const settingsKey = ['settings'];

/** The settings of this person on this device. */
export function useSettings(): Settings {
  const bridge = useBridge();
  const isOpen = useBridgeState().kind === 'open';
  const query = useQuery({
    queryKey: settingsKey,
    queryFn: () => bridge.call('readSettings', {}),
    enabled: isOpen,
  });
  return query.data ?? initialSettings;
}

/** Changes groups of settings: at once here, then in the engine; back again when the engine refuses. */
export function useChangeSettings(): (changes: Partial<Settings>) => Promise<void> {
  const bridge = useBridge();
  const queries = useQueryClient();
  return useCallback(
    async (changes) => {
      const before = queries.getQueryData<Settings>(settingsKey);
      queries.setQueryData(settingsKey, { ...(before ?? initialSettings), ...changes });
      try {
        queries.setQueryData(settingsKey, await bridge.call('changeSettings', changes));
      } catch (thrown) {
        queries.setQueryData(settingsKey, before);
        throw thrown;
      }
    },
    [bridge, queries],
  );
}
