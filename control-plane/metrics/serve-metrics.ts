import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { bearerToken } from '../http/authenticate.ts';
import type { Metrics } from './metrics.ts';

/**
 * `/metrics` is for whoever runs the control plane, not for an organization, so it is no route of http/routes.ts: on
 * the control plane's own port only with the operator's token, on a port of its own (for the operator's network) without.
 * Where neither is configured there is no such page.
 */
export const metricsPath = '/metrics';

/** Whether a request is for counters. */
export function isForMetrics({ url }: IncomingMessage): boolean {
  return url === metricsPath || url?.startsWith(`${metricsPath}?`) === true;
}

/** Answers on the control plane's own port. */
export async function answerMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  { metrics, token }: { readonly metrics: Metrics; readonly token: Secret | null },
): Promise<void> {
  // What is left of a body is not read.
  response.setHeader('Connection', 'close');
  if (token === null) return end(response, 404, 'There is no such route.\n');
  if (request.method !== 'GET') return end(response, 405, 'Use GET.\n');
  if (!isSame(bearerToken(request.headers.authorization), token)) {
    response.setHeader('WWW-Authenticate', 'Bearer');
    return end(response, 401, 'This needs the token of metrics.\n');
  }
  await sendMetrics(response, metrics);
}

/** A server that answers nothing but counters, to whoever reaches it. Dispose to stop. */
export interface MetricsServer extends AsyncDisposable {
  readonly port: number;
}

/** Throws INVALID_CONFIG where the port is taken. */
export async function startMetricsServer(
  metrics: Metrics,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsServer> {
  const server = createMetricsServer(metrics);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `Cannot listen on ${host}:${port}.`;
      reject(new AppError('INVALID_CONFIG', { field: 'metrics.port', message, cause }));
    });
    server.listen(port, host, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function createMetricsServer(metrics: Metrics): Server {
  return createServer({ requestTimeout: 5_000, maxHeaderSize: 4_096 }, (request, response) => {
    response.setHeader('Connection', 'close');
    if (request.method !== 'GET' || !isForMetrics(request)) return end(response, 404, 'Ask for /metrics.\n');
    void sendMetrics(response, metrics);
  });
}

async function sendMetrics(response: ServerResponse, { registry }: Metrics): Promise<void> {
  try {
    const text = await registry.metrics();
    response.setHeader('Cache-Control', 'no-store');
    response.writeHead(200, { 'Content-Type': registry.contentType }).end(text);
  } catch {
    end(response, 500, 'The counters cannot be read.\n');
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}

/** In constant time whatever is given. */
function isSame(given: string | null, token: Secret): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(token.reveal())) && given !== null;
}
