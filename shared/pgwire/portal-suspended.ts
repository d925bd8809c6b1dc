import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** PortalSuspended: Execute reached its row limit. PROTOCOL_VIOLATION when it has a body. */
export function decodePortalSuspended(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodePortalSuspended(): Buffer {
  return emptyMessage(backendType.portalSuspended);
}
