/**
 * The preload script: all that the app's page gets of Electron (ipc/electron-channels.ts). It runs before the page, in
 * a sandbox and a world of its own; the page gets copies of functions, none of which takes a channel name.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { bridgeChannels, preloadName } from '../ipc/electron-channels.ts';
import { makePreloadBridge } from './preload-bridge.ts';

contextBridge.exposeInMainWorld(preloadName, makePreloadBridge(ipcRenderer, bridgeChannels));
