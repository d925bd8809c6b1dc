/** Tells peers under which address they are seen, so that they can find a direct path. It knows nothing else. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '@daam/shared/base/clock';
import { AppError } from '@daam/shared/errors/app-error';
import { KeyedBuckets } from '../limits/token-bucket.ts';
import { addressBytes, bindingResponse, readBindingRequest } from './message.ts';

/** Requests of one address: a peer asks every 25 seconds, many may share an address. */
const requestRate = { perSecond: 20, burst: 200 };
const maxAddresses = 50_000;

export interface StunServer extends AsyncDisposable {
  readonly port: number;
}

export interface StunOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  readonly onRequest: (outcome: 'answered' | 'malformed' | 'rate-limited') => void;
}

/** Listens until disposed. A taken port is PORT_IN_USE. */
export async function startStun({ listen, clock, onRequest }: StunOptions): Promise<StunServer> {
  const socket = createSocket(isIPv6(listen.host) ? 'udp6' : 'udp4');
  await bind(socket, listen);
  const limits = new KeyedBuckets({ rate: requestRate, clock, maxKeys: maxAddresses });
  socket.on('error', () => {});
  socket.on('message', (packet, from) => {
    const response = answer(packet, from);
    if (response === null) {
      onRequest('malformed');
    } else if (limits.take(from.address, 1)) {
      socket.send(response, from.port, from.address, () => {});
      onRequest('answered');
    } else {
      onRequest('rate-limited');
    }
  });
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answer(packet: Buffer, from: RemoteInfo): Buffer | null {
  const transaction = readBindingRequest(packet);
  const address = addressBytes(from.address);
  if (transaction === null || address === null) return null;
  return bindingResponse(transaction, { address, port: from.port });
}

async function bind(socket: Socket, listen: StunOptions['listen']): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'INVALID_CONFIG';
      reject(new AppError(code, { field: 'stun', cause }));
    });
    socket.bind({ port: listen.port, address: listen.host }, resolve);
  });
  socket.removeAllListeners('error');
}
