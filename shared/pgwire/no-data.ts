import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** NoData: what was described returns no rows. PROTOCOL_VIOLATION when it has a body. */
export function decodeNoData(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodeNoData(): Buffer {
  return emptyMessage(backendType.noData);
}
