import { Secret } from '../base/secret.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** PasswordMessage: a cleartext or MD5 password. PROTOCOL_VIOLATION when malformed. */
export function decodePasswordMessage(body: Buffer): Secret {
  const reader = new ByteReader(body);
  const password = new Secret(reader.cstring());
  reader.end();
  return password;
}

/** The whole frame. */
export function encodePasswordMessage(password: Secret): Buffer {
  return new ByteWriter(frontendType.password).cstring(password.reveal()).finish();
}
