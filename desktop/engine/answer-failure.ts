/**
 * A client whose stream could not be opened learns why in its own protocol: requests for encryption are answered
 * "no", and the start-up packet gets an ErrorResponse that psql and every driver show as they show the server's own.
 */
import type { Socket } from 'node:net';
import type { AppError } from '@daam/shared/errors/app-error';
import { encodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { decodeStartupPacket } from '@daam/shared/pgwire/startup-packet';
import { StartupReader } from '@daam/shared/pgwire/startup-reader';

/** How long a client may take to send its start-up packet before it is let go without an answer. */
const patienceMs = 5_000;

/** Answers and closes. Resolves when the socket is closed; never rejects. */
export function answerFailure(client: Socket, failure: AppError): Promise<void> {
  return new Promise((resolve) => {
    const reader = new StartupReader();
    const timer = setTimeout(() => client.destroy(), patienceMs);
    client.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    client.on('error', () => client.destroy());
    client.on('end', () => client.end());
    client.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
        for (let packet = reader.next(); packet !== null; packet = reader.next())
          answer(client, packet, failure);
      } catch {
        client.destroy();
      }
    });
    if (client.closed) client.destroy();
  });
}

function answer(client: Socket, packet: Buffer, failure: AppError): void {
  const { kind } = decodeStartupPacket(packet);
  switch (kind) {
    case 'ssl-request':
    case 'gssenc-request':
      client.write('N');
      return;
    case 'cancel-request':
      client.destroy();
      return;
    case 'startup':
      client.end(toErrorResponse(failure));
  }
}

/** The failure as the server would say it: FATAL, the code's SQLSTATE, message and hint. */
export function toErrorResponse(failure: AppError): Buffer {
  return encodeErrorResponse({
    severity: 'FATAL',
    code: failure.entry.sqlstate,
    message: failure.message,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}
