import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Bridge, BridgeState } from '../../ipc/bridge.ts';

/** Given once at the top; screens never know which transport is under it. */
export const BridgeContext = createContext<Bridge | null>(null);

export function useBridge(): Bridge {
  const bridge = useContext(BridgeContext);
  if (bridge === null) throw new TypeError('no bridge above this component');
  return bridge;
}

/** Whether the engine can be heard now. */
export function useBridgeState(): BridgeState {
  const bridge = useBridge();
  return useSyncExternalStore(
    (changed) => bridge.onState(changed),
    () => bridge.state(),
  );
}
