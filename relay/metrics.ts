/** Counts for Prometheus, on a port of their own: they say who is busy, which is not the public's business. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import { Counter, Gauge, Registry } from 'prom-client';
import type { DropReason } from './routing/drop-reason.ts';

export class RelayMetrics {
  readonly registry = new Registry();
  readonly #peers = this.#gauge('daam_relay_peers', 'Admitted peers now.');
  readonly #admitted = this.#counter('daam_relay_peers_admitted_total', 'Peers admitted.', []);
  readonly #refused = this.#counter('daam_relay_peers_refused_total', 'Connections refused.', ['code']);
  readonly #frames = this.#counter('daam_relay_frames_forwarded_total', 'Frames queued for a peer.', []);
  readonly #bytes = this.#counter('daam_relay_bytes_forwarded_total', 'Payload bytes queued for a peer.', []);
  readonly #drops = this.#counter('daam_relay_frames_dropped_total', 'Frames that reached nobody.', [
    'reason',
  ]);
  readonly #stun = this.#counter('daam_relay_stun_requests_total', 'STUN requests.', ['outcome']);

  admitted(peers: number): void {
    this.#admitted.inc();
    this.#peers.set(peers);
  }

  left(peers: number): void {
    this.#peers.set(peers);
  }

  refused(code: string): void {
    this.#refused.inc({ code });
  }

  forwarded(bytes: number): void {
    this.#frames.inc();
    this.#bytes.inc(bytes);
  }

  dropped(reason: DropReason): void {
    this.#drops.inc({ reason });
  }

  stun(outcome: string): void {
    this.#stun.inc({ outcome });
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.registry] });
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}

/** Serves `GET /metrics` until disposed. A taken port is PORT_IN_USE. */
export async function serveMetrics(
  registry: Registry,
  listen: { readonly host: string; readonly port: number },
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    void registry.metrics().then((text) => {
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'INVALID_CONFIG';
      reject(new AppError(code, { field: 'metrics', cause }));
    });
    server.listen(listen, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${listen.host}:${port}/metrics`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
