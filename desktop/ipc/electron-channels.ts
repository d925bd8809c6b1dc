/** What passes between the app's window and its main process: four channels, text both ways. */

/** `open`, `call` and `close` are asked and answered (`ipcMain.handle`); `message` is told by the main process unasked. */
export const bridgeChannels = {
  open: 'daam:open',
  call: 'daam:call',
  close: 'daam:close',
  message: 'daam:message',
} as const;

/** Under this name the preload script gives `PreloadBridge` to the page. */
export const preloadName = 'daamBridge';

/**
 * All that the page of the app has of Electron. Messages are those of `messages.ts`, as JSON text; nothing of Electron
 * itself, no event object and no channel name, passes through.
 */
export interface PreloadBridge {
  /** Begins, or begins anew after a reload; answers with the welcome. */
  open(): Promise<string>;
  /** One call; answers with its result or error. */
  call(message: string): Promise<string>;
  /** No more events, until `open` begins anew. */
  close(): Promise<void>;
  /** Events, from `open` on, until the returned function is called. */
  onMessage(listener: (message: string) => void): () => void;
}
