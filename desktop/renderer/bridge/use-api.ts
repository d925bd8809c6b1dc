import type { ApiClient } from '@daam/shared/api/client';
import { useMemo } from 'react';
import { apiOverBridge } from '../../ipc/api-over-bridge.ts';
import { useBridge } from './bridge-context.ts';

/** The control plane's routes, typed; in the app they pass the engine, in the console they are plain HTTP. */
export function useApi(): ApiClient {
  const bridge = useBridge();
  return useMemo(() => apiOverBridge(bridge), [bridge]);
}
