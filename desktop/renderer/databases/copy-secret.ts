/** Copying what may hold the local password: it is read for the copy alone, and leaves the app's clipboard after a minute. */
import { useBridge } from '../bridge/bridge-context.ts';
import type { LocalAddress } from '../../ipc/schema.ts';
import type { ConnectionFormat } from './connection-formats.ts';

/** Milliseconds. */
const clearAfterMs = 60_000;

export interface Copied {
  readonly format: ConnectionFormat;
  readonly address: LocalAddress;
  /** Stands above the connection. */
  readonly comment?: string;
}

/** Copies a connection; rejects when the browser does not allow it, or the password cannot be read. */
export function useCopyConnection(): (copied: Copied) => Promise<void> {
  const bridge = useBridge();
  return async ({ format, address, comment = '' }) => {
    const { password } = await bridge.call('readLocalPassword', {});
    const text = format.write(address, password);
    if (text === null) throw new TypeError('this address cannot be said in this format');
    await navigator.clipboard.writeText(`${comment}${text}`);
    if (password === null || !text.includes(password)) return;
    // The page may not read the clipboard; where there is a shell that may, it takes out what is still ours.
    await bridge.call('clearClipboard', { text: `${comment}${text}`, afterMs: clearAfterMs }).catch(() => {});
  };
}
