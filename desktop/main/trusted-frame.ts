import type { IpcMainInvokeEvent, WebContents } from 'electron';
import { appOrigin } from './app-scheme.ts';

/**
 * Whether a message comes from the top frame of our window while that shows our page. A frame that has navigated
 * or ended since it sent (`senderFrame` is null then) is not trusted. The frame is compared by identity, since a frame
 * inside ours could have our address too.
 */
export function isTrustedFrame(event: IpcMainInvokeEvent, contents: WebContents | null): boolean {
  const { sender, senderFrame } = event;
  if (contents === null || sender !== contents || senderFrame === null) return false;
  return senderFrame === contents.mainFrame && senderFrame.parent === null && isAppUrl(senderFrame.url);
}

/** Whether it is a page of the app itself. */
export function isAppUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return `${protocol}//${host}` === appOrigin && username === '' && password === '';
}
