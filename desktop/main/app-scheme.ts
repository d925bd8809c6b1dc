/**
 * `app://bundle/`: where the app's page comes from. The built screens are read into memory once; a request is a key
 * of that table, so no path, encoded or not, leads out of the build. Nothing else answers under this scheme.
 */
import type { Protocol } from 'electron';
import type { Assets } from '../web/assets.ts';
import { contentSecurityPolicy } from './content-security-policy.ts';

const scheme = 'app';
const host = 'bundle';

/** The origin of the page. */
export const appOrigin = `${scheme}://${host}`;

/**
 * Before the app is ready. `standard` and `secure` give it an origin and what secure pages may use; it may not be
 * fetched by other origins, has no service workers and no cookies.
 */
export function registerAppScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  const privileges = {
    standard: true,
    secure: true,
    supportFetchAPI: true,
    corsEnabled: false,
    stream: false,
    bypassCSP: false,
    allowServiceWorkers: false,
    codeCache: true,
  };
  protocol.registerSchemesAsPrivileged([{ scheme, privileges }]);
}

/** Once the app is ready. */
export function serveAppScheme(protocol: Pick<Protocol, 'handle'>, assets: Assets): void {
  protocol.handle(scheme, (request) => answer(request, assets));
}

function answer(request: Pick<Request, 'method' | 'url'>, assets: Assets): Response {
  const headers = new Headers(commonHeaders);
  if (!URL.canParse(request.url)) return new Response(null, { status: 400, headers });
  const url = new URL(request.url);
  if (url.host !== host) return new Response(null, { status: 404, headers });
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response(null, { status: 405, headers });
  const asset = assets.get(url.pathname);
  if (asset === undefined) return new Response(null, { status: 404, headers });
  headers.set('content-type', asset.type);
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(asset.bytes), {
    status: 200,
    headers,
  });
}

const commonHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=()',
};
