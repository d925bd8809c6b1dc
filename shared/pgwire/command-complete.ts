import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** CommandComplete: one statement ended well. */
export interface CommandComplete {
  /** As sent: `SELECT 5`, `INSERT 0 1`, `CREATE TABLE`. */
  readonly tag: string;
  /** The tag without its numbers: `SELECT`, `INSERT`, `CREATE TABLE`. */
  readonly command: string;
  /** Rows returned or changed; null when the tag carries no count. */
  readonly rows: number | null;
}

const counted = /^(.*?)(?: \d{1,20})? (\d{1,20})$/;

/** The parts of a command tag. */
export function parseCommandTag(tag: string): CommandComplete {
  const match = counted.exec(tag);
  if (match === null) return { tag, command: tag, rows: null };
  return { tag, command: match[1] ?? '', rows: Number(match[2]) };
}

/** PROTOCOL_VIOLATION when malformed. */
export function decodeCommandComplete(body: Buffer): CommandComplete {
  const reader = new ByteReader(body);
  const tag = reader.cstring();
  reader.end();
  return parseCommandTag(tag);
}

/** The whole frame. */
export function encodeCommandComplete(message: { readonly tag: string }): Buffer {
  return new ByteWriter(backendType.commandComplete).cstring(message.tag).finish();
}
