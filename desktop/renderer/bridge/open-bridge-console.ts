import { createClient } from '@daam/shared/api/client';
import type { Bridge } from '../../ipc/bridge.ts';
import { connectInMemory } from '../../ipc/memory-transport.ts';
import { ConsoleBackend } from '../console/http/console-backend.ts';

/**
 * The bridge of the console in a browser, at the control plane's own address: no engine, plain HTTP, in the name of the session whose
 * cookie no script sees. The header is the control plane's way to tell its own console from pages of other origins.
 */
export function openBridge(): Bridge | null {
  const api = createClient({
    baseUrl: location.origin,
    token: () => null,
    fetch: async (url, init) =>
      await fetch(url, {
        ...init,
        credentials: 'same-origin',
        headers: { ...(init.headers as Record<string, string>), 'daam-console': '1' },
      }),
  });
  return connectInMemory(new ConsoleBackend({ api, storage: localStorage, origin: location.origin }));
}
