import { AppError } from '../errors/app-error.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** `idle`: outside a transaction; `transaction`: inside; `failed`: inside one that only a rollback can end. */
export type TransactionStatus = 'idle' | 'transaction' | 'failed';

const statusByByte: ReadonlyMap<number, TransactionStatus> = new Map([
  [0x49, 'idle'], // I
  [0x54, 'transaction'], // T
  [0x45, 'failed'], // E
]);
const byteByStatus: Readonly<Record<TransactionStatus, number>> = {
  idle: 0x49,
  transaction: 0x54,
  failed: 0x45,
};

/** ReadyForQuery: the server waits for the next command. */
export function decodeReadyForQuery(body: Buffer): TransactionStatus {
  const reader = new ByteReader(body);
  const byte = reader.uint8();
  reader.end();
  const status = statusByByte.get(byte);
  if (status === undefined)
    throw new AppError('PROTOCOL_VIOLATION', { detail: `transaction status ${byte}` });
  return status;
}

/** The whole frame. */
export function encodeReadyForQuery(status: TransactionStatus): Buffer {
  return new ByteWriter(backendType.readyForQuery).uint8(byteByStatus[status]).finish();
}
