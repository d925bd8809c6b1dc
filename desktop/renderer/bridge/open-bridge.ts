import type { Bridge } from '../../ipc/bridge.ts';
import { connectWebSocket } from '../../ipc/web-socket-transport.ts';
import { takeToken } from './take-token.ts';

/**
 * The bridge of a page in a browser; null when the page was not opened by its own link. The app's build has
 * `open-bridge-electron.ts` in its place (vite.config.ts), so that no WebSocket is in it.
 */
export function openBridge(): Bridge | null {
  const token = takeToken({ location, history, storage: sessionStorage });
  if (token === null) return null;
  return connectWebSocket({
    open: () => new WebSocket(`ws://${location.host}/bridge`),
    token,
    schedule: (callback, milliseconds) => {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
  });
}
