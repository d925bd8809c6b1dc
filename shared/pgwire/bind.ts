import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** The two names in a Bind: what a proxy must know to follow it. Empty means unnamed. */
export interface BindNames {
  readonly portal: string;
  readonly statement: string;
}

/** Bind: makes a portal of a prepared statement and parameter values. */
export interface Bind extends BindNames {
  /** 0 text, 1 binary: none (all text), one for all, or one each. The server checks the counts. */
  readonly parameterFormats: readonly number[];
  /** Views of the frame; null is SQL NULL. */
  readonly parameters: readonly (Buffer | null)[];
  /** 0 text, 1 binary: none, one for all, or one a column. */
  readonly resultFormats: readonly number[];
}

/** Only the names, without touching the values: for frames that are forwarded unchanged. */
export function decodeBindNames(body: Buffer): BindNames {
  const reader = new ByteReader(body);
  return { portal: reader.cstring(), statement: reader.cstring() };
}

/** PROTOCOL_VIOLATION when malformed; INVALID_ENCODING (the session may go on) when a name is not UTF-8. */
export function decodeBind(body: Buffer): Bind {
  const reader = new ByteReader(body);
  const portal = reader.cstring();
  const statement = reader.cstring();
  const parameterFormats = reader.list(reader.uint16(), (r) => r.uint16());
  const parameters = reader.list(reader.uint16(), (r) => r.value());
  const resultFormats = reader.list(reader.uint16(), (r) => r.uint16());
  reader.end();
  return { portal, statement, parameterFormats, parameters, resultFormats };
}

/** The whole frame. */
export function encodeBind(message: Bind): Buffer {
  const writer = new ByteWriter(frontendType.bind).cstring(message.portal).cstring(message.statement);
  return writer
    .list(message.parameterFormats, (format) => writer.uint16(format))
    .list(message.parameters, (value) => writer.value(value))
    .list(message.resultFormats, (format) => writer.uint16(format))
    .finish();
}
