/**
 * What no page in this app may do, whatever it shows: leave the app's own address, open windows, embed others, ask the
 * system for anything, reach the network, download. Set once for the session and for all contents that ever come.
 */
import type { App, Session, WebContents } from 'electron';
import { appOrigin } from './app-scheme.ts';
import type { ExternalLinks } from './external-links.ts';
import { isAppUrl } from './trusted-frame.ts';

export interface LockDownOptions {
  readonly app: Pick<App, 'on'>;
  readonly session: Session;
  readonly links: ExternalLinks;
}

/** Call before the first window. */
export function lockDown({ app, session, links }: LockDownOptions): void {
  lockSession(session);
  app.on('web-contents-created', (_event, contents) => lockContents(contents, links));
}

/** The page copies texts when a person asks for it; reading the clipboard and everything else is refused. */
const granted = new Set(['clipboard-sanitized-write']);

function lockSession(session: Session): void {
  session.setPermissionCheckHandler(
    (_contents, permission, origin, details) =>
      granted.has(permission) && details.isMainFrame && isAppOrigin(origin),
  );
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(granted.has(permission) && details.isMainFrame && isAppUrl(details.requestingUrl)),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isLocal(details.url) }));
  session.on('will-download', (event) => event.preventDefault());
}

/** Chromium writes the origin of a page with or without a slash behind it. */
function isAppOrigin(origin: string): boolean {
  return origin === appOrigin || origin === `${appOrigin}/`;
}

/** The app's own files, what the page makes of bytes that it has, and the developer tools, which are off when packed. */
function isLocal(url: string): boolean {
  return isAppUrl(url) || url.startsWith('data:image/') || url.startsWith('devtools:');
}

function lockContents(contents: WebContents, links: ExternalLinks): void {
  const stay = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isAppUrl(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  // Without this Electron picks the first device that it finds.
  contents.on('select-bluetooth-device', (event, _devices, choose) => {
    event.preventDefault();
    choose('');
  });
  contents.setWindowOpenHandler(({ url }) => {
    links.open(url);
    return { action: 'deny' };
  });
}
