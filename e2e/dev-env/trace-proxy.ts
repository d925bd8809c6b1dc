import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import { absoluteFrameCeiling } from '@daam/shared/pgwire/frame-limits';
import { FrameReader } from '@daam/shared/pgwire/frame-reader';
import { decodeStartupPacket } from '@daam/shared/pgwire/startup-packet';
import { StartupReader } from '@daam/shared/pgwire/startup-reader';
import { traceFrame, traceStartupPacket } from '@daam/shared/pgwire/trace';

export interface TraceProxyOptions {
  /** Port on 127.0.0.1; 0 picks one. */
  readonly port: number;
  readonly target: { readonly host: string; readonly port: number };
  readonly showValues: boolean;
  /** Takes a line for each message: `#1 F Query sql=SELECT <9 bytes>`. */
  readonly print: (line: string) => void;
  /** Takes the bytes of each message, for capturing fixtures. */
  readonly capture?: (side: 'frontend' | 'backend', bytes: Buffer) => void;
}

/** Dispose to close the port and every connection. */
export interface TraceProxy extends AsyncDisposable {
  readonly port: number;
}

const refuseEncryption = Buffer.from('N');

/** Starts passing connections through. A connection whose messages cannot be followed is closed, and a line says so. */
export async function startTraceProxy(options: TraceProxyOptions): Promise<TraceProxy> {
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    count += 1;
    const id = count;
    const upstream = connect({ ...options.target, noDelay: true, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        // What was written still goes out.
        client.destroySoon();
        upstream.destroySoon();
      });
    }
    const print = (line: string): void => options.print(`#${id} ${line}`);
    const fail = (thrown: unknown): void => {
      // The other failures are sockets that one of the two closed, which is how connections end.
      if (thrown instanceof AppError) print(`closed: ${thrown.code}`);
      client.destroy();
    };
    passClient({ client, upstream, print, options }).catch(fail);
    passServer({ client, upstream, print, options }).catch(fail);
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

interface Pass {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly print: (line: string) => void;
  readonly options: TraceProxyOptions;
}

async function passClient({ client, upstream, print, options }: Pass): Promise<void> {
  const opening = new StartupReader();
  const reader = new FrameReader({ side: 'frontend', maxFrameBytes: absoluteFrameCeiling });
  let isOpen = false;
  for await (const chunk of client as AsyncIterable<Buffer>) {
    if (isOpen) reader.push(chunk);
    else opening.push(chunk);
    for (
      let packet = isOpen ? null : opening.next();
      packet !== null;
      packet = isOpen ? null : opening.next()
    ) {
      print(traceStartupPacket(packet, options));
      options.capture?.('frontend', packet);
      const { kind } = decodeStartupPacket(packet);
      if (kind === 'ssl-request' || kind === 'gssenc-request') client.write(refuseEncryption);
      else {
        upstream.write(packet);
        isOpen = true;
        reader.push(opening.takeRest());
      }
    }
    for (let frame = reader.next(); frame !== null; frame = reader.next()) {
      print(traceFrame('frontend', frame, options));
      options.capture?.('frontend', frame.bytes);
      if (!upstream.write(frame.bytes)) await drained(upstream);
    }
  }
  upstream.end();
}

async function passServer({ client, upstream, print, options }: Pass): Promise<void> {
  const reader = new FrameReader({ side: 'backend', maxFrameBytes: absoluteFrameCeiling });
  for await (const chunk of upstream as AsyncIterable<Buffer>) {
    reader.push(chunk);
    for (let frame = reader.next(); frame !== null; frame = reader.next()) {
      print(traceFrame('backend', frame, options));
      options.capture?.('backend', frame.bytes);
    }
    if (!client.write(chunk)) await drained(client);
  }
  client.end();
}

async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const ended = new AbortController();
  await Promise.race([
    once(socket, 'drain', { signal: ended.signal }),
    once(socket, 'close', { signal: ended.signal }),
  ]);
  ended.abort();
}
