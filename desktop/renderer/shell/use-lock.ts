import { toAppError } from '@daam/shared/errors/app-error';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import { useBridge, useBridgeState, useCapabilities } from '../bridge/bridge-context.ts';
import { settingsKey } from '../bridge/use-settings.ts';
import { statusKey } from '../bridge/use-engine-data.ts';
import { useAnnounce } from './announcer.tsx';

export const lockKey = ['lock'];

/** Locks the app on this device: screens go away, and the engine answers none of them until the passkey is touched. */
export function useLock(): () => Promise<void> {
  const bridge = useBridge();
  const announce = useAnnounce();
  const { localPort } = useCapabilities();
  return useCallback(async () => {
    if (!localPort) return;
    await bridge.call('lock', {}).catch((thrown: unknown) => announce(toAppError(thrown).message));
  }, [bridge, localPort, announce]);
}

/** Whether it is locked; what was read before is forgotten then. Used once, at the top. */
export function useIsLocked(): boolean {
  const bridge = useBridge();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const { localPort } = useCapabilities();
  const isOpen = useBridgeState().kind === 'open';
  const { data } = useQuery({
    queryKey: lockKey,
    queryFn: () => bridge.call('readLock', {}),
    enabled: isOpen && localPort,
  });
  useEffect(
    () =>
      bridge.on('lockChanged', (lock) => {
        // In place of what was said last, which may name something.
        announce(lock.isLocked ? 'Locked.' : 'Unlocked.');
        queries.setQueryData(lockKey, lock);
        const kept = new Set<unknown>([lockKey[0], statusKey[0], settingsKey[0]]);
        queries.removeQueries({ predicate: ({ queryKey }) => !kept.has(queryKey[0]) });
      }),
    [bridge, queries, announce],
  );
  return data?.isLocked ?? false;
}
