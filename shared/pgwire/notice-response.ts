import { ByteWriter } from './byte-writer.ts';
import { type DiagnosticFields, decodeDiagnosticFields, writeDiagnosticFields } from './diagnostic-fields.ts';
import { backendType } from './message-types.ts';

/** PROTOCOL_VIOLATION when malformed; see `decodeDiagnosticFields`. */
export function decodeNoticeResponse(body: Buffer): DiagnosticFields {
  return decodeDiagnosticFields(body);
}

/** The whole frame, from a plain object. */
export function encodeNoticeResponse(fields: DiagnosticFields): Buffer {
  return writeDiagnosticFields(new ByteWriter(backendType.noticeResponse), fields).finish();
}
