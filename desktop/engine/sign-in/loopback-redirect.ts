/**
 * Where the browser comes back to after signing in: one path on a random port of 127.0.0.1 (RFC 8252 section 7.3), for one
 * answer. Any page and any program of this machine can call it too, so only the right state ends the wait; everything
 * else is answered and forgotten.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import { endPage, type EndPageKind } from './end-page.ts';

/** Longest query that is read; a code and a state are far shorter. Characters. */
const maxQuery = 2_000;

/** The way back, open until disposed. */
export interface LoopbackRedirect extends AsyncDisposable {
  /** What the control plane is told to redirect to. */
  readonly redirectUri: string;
  /** The code; FORBIDDEN when the person refused, CANCELLED or TIMEOUT when the signal fires first. */
  readonly code: Promise<string>;
}

/** Listens on a random port. `signal` ends the wait; its reason is what `code` rejects with when it is an AppError. */
export async function openLoopbackRedirect(options: {
  readonly state: string;
  readonly signal: AbortSignal;
}): Promise<LoopbackRedirect> {
  const { state, signal } = options;
  const { promise: code, resolve, reject } = Promise.withResolvers<string>();
  // Whoever waits for it gets the failure; until then it must not end the process.
  code.catch(() => {});
  const server = createServer(
    { maxHeaderSize: 8 * 1024, requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 1 },
    (request, response) => {
      const answer = readAnswer(request, { state, port: portOf(server) });
      if (answer.kind === 'code') resolve(answer.code);
      if (answer.kind === 'refused')
        reject(new AppError('FORBIDDEN', { message: 'Signing in was refused.' }));
      answerWith(response, answer.kind);
    },
  );
  server.maxConnections = 16;
  await listen(server);
  const onAbort = (): void =>
    reject(signal.reason instanceof AppError ? signal.reason : new AppError('CANCELLED'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    redirectUri: `http://127.0.0.1:${portOf(server)}/callback`,
    code,
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener('abort', onAbort);
      const closed = new Promise((done) => server.close(done));
      // The page that was just answered may still be on its way.
      setTimeout(() => server.closeAllConnections(), 500);
      await closed;
    },
  };
}

type Answer =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: Exclude<EndPageKind, 'code'> };

function readAnswer(
  { method, url = '', headers }: IncomingMessage,
  expected: { readonly state: string; readonly port: number },
): Answer {
  // A name that an attacker points at 127.0.0.1 would show here.
  if (headers.host !== `127.0.0.1:${expected.port}`) return { kind: 'unknown' };
  const [path, query = ''] = url.split('?', 2);
  if (path !== '/callback') return { kind: 'unknown' };
  if (method !== 'GET' || query.length > maxQuery) return { kind: 'wrong' };
  const values = new URLSearchParams(query);
  const names = [...values.keys()];
  if (new Set(names).size !== names.length) return { kind: 'wrong' };
  if (!isSameText(values.get('state') ?? '', expected.state)) return { kind: 'wrong' };
  if (values.has('error')) return { kind: 'refused' };
  const code = values.get('code') ?? '';
  return /^[A-Za-z0-9_-]{43}$/.test(code) ? { kind: 'code', code } : { kind: 'wrong' };
}

function answerWith(response: ServerResponse, kind: EndPageKind): void {
  const { status, html, policy } = endPage(kind);
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(html),
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    connection: 'close',
  });
  response.end(html);
}

function isSameText(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve();
    });
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
