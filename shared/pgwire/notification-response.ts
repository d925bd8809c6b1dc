import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** NotificationResponse: a NOTIFY on a channel that the session listens to. */
export interface NotificationResponse {
  /** The notifying session, as an unsigned number. */
  readonly pid: number;
  readonly channel: string;
  readonly payload: string;
}

/** PROTOCOL_VIOLATION when malformed. */
export function decodeNotificationResponse(body: Buffer): NotificationResponse {
  const reader = new ByteReader(body);
  const pid = reader.uint32();
  const channel = reader.lenientCstring();
  const payload = reader.lenientCstring();
  reader.end();
  return { pid, channel, payload };
}

/** The whole frame. */
export function encodeNotificationResponse(message: NotificationResponse): Buffer {
  const writer = new ByteWriter(backendType.notificationResponse).uint32(message.pid);
  return writer.cstring(message.channel).cstring(message.payload).finish();
}
