import { AppError } from '@daam/shared/errors/app-error';
import type { CancelRequest } from '@daam/shared/pgwire/cancel-request';
import type { Startup } from '@daam/shared/pgwire/startup';
import { decodeStartupPacket } from '@daam/shared/pgwire/startup-packet';
import { StartupReader } from '@daam/shared/pgwire/startup-reader';
import type { Channel } from './channel.ts';

/** What a client opened the connection for. */
export type Opening =
  | { readonly kind: 'startup'; readonly startup: Startup; readonly leftover: Buffer }
  | { readonly kind: 'cancel'; readonly request: CancelRequest }
  | { readonly kind: 'gone' };

const refuseEncryption = Buffer.from('N');

/**
 * The opening of a connection, as a strict sequence: at most one SSLRequest and one GSSENCRequest, each answered
 * `N` (the tunnel encrypts) and each alone in what has arrived, then one StartupMessage or CancelRequest. Bytes
 * stuffed behind a request are an attack (CVE-2021-23222) and close the connection.
 */
export async function readOpening(client: Channel): Promise<Opening> {
  const reader = new StartupReader();
  const asked = new Set<'ssl-request' | 'gssenc-request'>();
  for (;;) {
    const raw = reader.next();
    if (raw === null) {
      const chunk = await client.read();
      if (chunk === null) return { kind: 'gone' };
      reader.push(chunk);
      continue;
    }
    const packet = decodeStartupPacket(raw);
    switch (packet.kind) {
      case 'ssl-request':
      case 'gssenc-request':
        if (asked.has(packet.kind) || reader.buffered > 0) {
          throw new AppError('PROTOCOL_VIOLATION', {
            message: 'an encryption request came twice or with other bytes',
          });
        }
        asked.add(packet.kind);
        await client.write([refuseEncryption]);
        break;
      case 'cancel-request':
        return { kind: 'cancel', request: packet.cancel };
      case 'startup':
        return { kind: 'startup', startup: packet.startup, leftover: reader.takeRest() };
      default:
        return packet satisfies never;
    }
  }
}

/** A client that has not opened a session after this is cut off. */
export const openingTimeoutMs = 10_000;
