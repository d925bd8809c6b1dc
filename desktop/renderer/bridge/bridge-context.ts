import { createContext, useContext, useState, useSyncExternalStore } from 'react';
import type { Bridge, BridgeState } from '../../ipc/bridge.ts';
import type { Capabilities } from '../../ipc/schema.ts';

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

const nothing: Capabilities = {
  tunnel: false,
  localPort: false,
  queryEditor: false,
  tray: false,
  openInTool: false,
};

/** What this shell can do; as it was last heard while the bridge is lost. */
export function useCapabilities(): Capabilities {
  const state = useBridgeState();
  const [known, setKnown] = useState(nothing);
  if (state.kind === 'open' && state.capabilities !== known) setKnown(state.capabilities);
  return state.kind === 'open' ? state.capabilities : known;
}
