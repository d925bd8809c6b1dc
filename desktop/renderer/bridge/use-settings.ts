import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { Settings } from '../../ipc/schema.ts';
import { useBridge, useBridgeState } from './bridge-context.ts';

export const settingsKey = ['settings'];

/** What holds until the engine has answered; as the engine has it for a new person. */
export const usualSettings: Settings = {
  appearance: {
    theme: 'system',
    density: 'comfortable',
    fontSize: 13,
    reduceMotion: false,
    highContrast: false,
  },
  editor: {
    tabSize: 2,
    keywordCase: 'as-typed',
    wrapLines: false,
    confirmRisky: true,
    stopOnError: true,
    historyDays: 90,
  },
  keyboard: { singleKeys: true, shortcuts: {} },
  connections: { idleMinutes: 0, copyFormat: 'psql', copyComment: false },
  notifications: { requests: true, approvals: true, accessEnds: true, accessRemoved: true, tunnelLost: true },
  exportFolder: null,
  pinnedDatabases: [],
};

/** The settings of this person on this device. */
export function useSettings(): Settings {
  const bridge = useBridge();
  const isOpen = useBridgeState().kind === 'open';
  const query = useQuery({
    queryKey: settingsKey,
    queryFn: () => bridge.call('readSettings', {}),
    enabled: isOpen,
  });
  return query.data ?? usualSettings;
}

/** Changes groups of settings: at once here, then in the engine; back again when the engine refuses. */
export function useChangeSettings(): (changes: Partial<Settings>) => Promise<void> {
  const bridge = useBridge();
  const queries = useQueryClient();
  return useCallback(
    async (changes) => {
      const before = queries.getQueryData<Settings>(settingsKey);
      queries.setQueryData(settingsKey, { ...(before ?? usualSettings), ...changes });
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
