import type { Bridge } from '../../ipc/bridge.ts';
import { preloadName, type PreloadBridge } from '../../ipc/electron-channels.ts';
import { connectPreload } from '../../ipc/electron-transport.ts';

/** The bridge of the app's own window; null where there is no preload script, which is nowhere but in a browser. */
export function openBridge(): Bridge | null {
  const preload = (globalThis as { readonly [preloadName]?: PreloadBridge })[preloadName];
  return preload === undefined ? null : connectPreload(preload);
}
