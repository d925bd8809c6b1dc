import { AppError } from '../errors/app-error.ts';
import { type CancelRequest, cancelRequestCode, decodeCancelRequest } from './cancel-request.ts';
import { gssEncRequestCode } from './gssenc-request.ts';
import { sslRequestCode } from './ssl-request.ts';
import { decodeStartup, type Startup } from './startup.ts';

/** Every packet that may open a connection. */
export type StartupPacket =
  | { readonly kind: 'ssl-request' }
  | { readonly kind: 'gssenc-request' }
  | { readonly kind: 'cancel-request'; readonly cancel: CancelRequest }
  | { readonly kind: 'startup'; readonly startup: Startup };

const requestBytes = 8;

/**
 * Decodes a packet from StartupReader (length word included). Errors as in `decodeStartup` and
 * `decodeCancelRequest`; a request for encryption that carries anything else is a PROTOCOL_VIOLATION.
 */
export function decodeStartupPacket(packet: Buffer): StartupPacket {
  if (packet.length < requestBytes || packet.readUInt32BE(0) !== packet.length) {
    throw new AppError('PROTOCOL_VIOLATION', { detail: 'the start-up packet is not whole' });
  }
  const code = packet.readUInt32BE(4);
  const body = packet.subarray(4);
  if (code === cancelRequestCode) return { kind: 'cancel-request', cancel: decodeCancelRequest(body) };
  if (code !== sslRequestCode && code !== gssEncRequestCode)
    return { kind: 'startup', startup: decodeStartup(body) };
  if (packet.length !== requestBytes) {
    throw new AppError('PROTOCOL_VIOLATION', { detail: 'bytes inside a request for encryption' });
  }
  return { kind: code === sslRequestCode ? 'ssl-request' : 'gssenc-request' };
}
