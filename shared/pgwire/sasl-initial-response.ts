import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** SASLInitialResponse: picks a mechanism. Shares its type byte with PasswordMessage; the state tells them apart. */
export interface SaslInitialResponse {
  /** `SCRAM-SHA-256`, `SCRAM-SHA-256-PLUS`. */
  readonly mechanism: string;
  /** The mechanism's first message; null when it has none. */
  readonly data: Buffer | null;
}

/** PROTOCOL_VIOLATION when malformed. */
export function decodeSaslInitialResponse(body: Buffer): SaslInitialResponse {
  const reader = new ByteReader(body);
  const mechanism = reader.cstring();
  const data = reader.value();
  reader.end();
  return { mechanism, data };
}

/** The whole frame. */
export function encodeSaslInitialResponse(message: SaslInitialResponse): Buffer {
  return new ByteWriter(frontendType.password).cstring(message.mechanism).value(message.data).finish();
}
