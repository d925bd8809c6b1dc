/** What of a server's answer must be equal in both worlds: everything but what is a session's own. */
import { type Frame } from '@daam/shared/pgwire/frame-reader';
import { backendType, messageName } from '@daam/shared/pgwire/message-types';
import { decodeRowDescription, encodeRowDescription } from '@daam/shared/pgwire/row-description';
import type { Answer } from './wire.ts';

/** Objects of the session itself have OIDs from a counter that other sessions move too. */
const firstSessionOid = 17_000;
const sessionOid = 4_294_967_295;
const pidBytes = 4;
const headerBytes = 5;

/**
 * A frame without what differs by nature: the cancel key, the process number of a notification, OIDs of temporary
 * tables, the random names of roles, and the name under which this world's database is registered.
 */
export function comparableFrame(frame: Frame): Buffer {
  switch (frame.type) {
    case backendType.backendKeyData:
      return Buffer.from([frame.type]);
    case backendType.notificationResponse: {
      const bytes = Buffer.from(frame.bytes);
      bytes.fill(0, headerBytes, headerBytes + pidBytes);
      return bytes;
    }
    case backendType.rowDescription:
      return withoutSessionOids(frame);
    case backendType.dataRow:
      return withoutTimes(frame);
    default:
      return withoutOwnNames(frame.bytes);
  }
}

const times = /actual time=[\d.]+|\.\.[\d.]+ rows|(Planning|Execution) Time: [\d.]+ ms|Buffers: .*/g;

/** A line of EXPLAIN ANALYZE tells how long it took; its length words are of no account then. */
function withoutTimes(frame: Frame): Buffer {
  if (!frame.bytes.includes('actual time=') && !frame.bytes.includes(' Time: '))
    return withoutOwnNames(frame.bytes);
  return Buffer.from(frame.body.subarray(6).toString('latin1').replaceAll(times, ''), 'latin1');
}

/** Where two answers differ first, in words; null when they are equal. */
export function differenceOf(a: Answer, b: Answer): string | null {
  const count = Math.max(a.frames.length, b.frames.length);
  for (let index = 0; index < count; index += 1) {
    const [left, right] = [a.frames[index], b.frames[index]];
    if (left === undefined || right === undefined || !comparableFrame(left).equals(comparableFrame(right)))
      return `message ${index + 1}: ${frameText(left)} ≠ ${frameText(right)}`;
  }
  return a.isClosed === b.isClosed ? null : `one connection was closed`;
}

/** A frame for people: its name and what of it can be printed. */
export function frameText(frame: Frame | undefined): string {
  if (frame === undefined) return 'nothing';
  const name = messageName('backend', frame.type) ?? String(frame.type);
  const body = frame.body.toString('latin1').replaceAll(/[^\x20-\x7e]+/g, '·');
  return `${name} ${body.slice(0, 600)}`;
}

function withoutSessionOids(frame: Frame): Buffer {
  const columns = decodeRowDescription(frame.body).map((column) => ({
    ...column,
    tableOid: column.tableOid >= firstSessionOid ? sessionOid : column.tableOid,
    typeOid: column.typeOid >= firstSessionOid ? sessionOid : column.typeOid,
  }));
  return withoutOwnNames(encodeRowDescription(columns));
}

const ownNames = ['daam_', 'shop-', 'pg_temp_', 'pg_toast_temp_'];
const temporarySchema = /pg_(toast_)?temp_\d+/g;
const roleName = /daam_[spx]_[a-z0-9_]+/g;
const databaseName = /shop-(\d\d)-([a-z]+)-[ab]\b/g;

function withoutOwnNames(bytes: Buffer): Buffer {
  if (!ownNames.some((name) => bytes.includes(name))) return bytes;
  // The names differ in length, and with them the length word.
  const text = bytes
    .subarray(headerBytes)
    .toString('latin1')
    .replaceAll(temporarySchema, 'pg_temp')
    .replaceAll(roleName, (name) => 'r'.repeat(name.length))
    .replaceAll(databaseName, 'shop-$1-$2-x');
  return Buffer.from(text, 'latin1');
}
