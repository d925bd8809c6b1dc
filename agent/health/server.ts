import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import type { TunnelReport } from '../tunnel/agent-tunnel.ts';
import type { Secret } from '@daam/shared/base/secret';

/** What the agent knows of itself; `healthy` and `degraded` answer 200, the rest 503. */
export interface HealthReport {
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'draining';
  readonly version: string;
  readonly sessions: number;
  readonly upstream: { readonly state: 'connected' | 'disconnected'; readonly serverVersion: string | null };
  readonly controlPlane: { readonly state: 'connected' | 'disconnected'; readonly since: string | null };
  readonly policy: { readonly epoch: number | null; readonly source: 'live' | 'cache' | 'none' };
  /** Null: it is switched off. */
  readonly tunnel?: TunnelReport | null;
  readonly audit: { readonly bufferedRecords: number; readonly bufferedBytes: number };
  /** Counts of the doctor's last report; null before the first. */
  readonly doctor?: { readonly critical: number; readonly warning: number; readonly info: number } | null;
}

export interface HealthOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The agent's credential: who may read the details. Null until the agent is registered. */
  readonly token: () => Secret | null;
  readonly report: () => HealthReport;
}

/** A prober sends a line or two; whoever sends more or dawdles is not one. */
const limits = { maxHeaderSize: 8 * 1024, headersTimeout: 5_000, requestTimeout: 5_000 };

/**
 * `GET /health`: alive or not, for probes, without authentication and without details.
 * `GET /health/detailed`: the whole report, with the agent's credential as bearer token.
 */
export class HealthServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: HealthOptions;

  private constructor(options: HealthOptions) {
    this.#options = options;
    this.#server = createServer(limits, (request, response) => this.#answer(request, response));
    this.#server.maxConnections = 64;
  }

  /** Listens; a taken port is PORT_IN_USE. */
  static async start(options: HealthOptions): Promise<HealthServer> {
    const health = new HealthServer(options);
    await new Promise<void>((resolve, reject) => {
      health.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'INVALID_CONFIG';
        reject(
          new AppError(code, {
            message: `health.port ${options.port} cannot be listened on`,
            field: 'health.port',
            cause,
          }),
        );
      });
      health.#server.listen(options.port, options.host, resolve);
    });
    return health;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${this.#options.host}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET') return send(response, 405, { error: 'use GET' });
    const report = this.#options.report();
    const isUp = report.status === 'healthy' || report.status === 'degraded';
    if (path === '/health') {
      return send(response, isUp ? 200 : 503, { status: isUp ? 'healthy' : report.status });
    }
    if (path !== '/health/detailed')
      return send(response, 404, { error: 'there is /health and /health/detailed' });
    if (!this.#isAuthorized(request))
      return send(response, 401, { error: 'send the agent token as bearer token' });
    return send(response, isUp ? 200 : 503, report);
  }

  #isAuthorized(request: IncomingMessage): boolean {
    const token = this.#options.token();
    const given = /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === null || given === undefined) return false;
    return timingSafeEqual(digest(given), digest(token.reveal()));
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${JSON.stringify(body)}\n`);
}
