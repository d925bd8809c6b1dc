import { AppError } from '../errors/app-error.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** What CopyInResponse, CopyOutResponse and CopyBothResponse say about the stream that follows. */
export interface CopyFormat {
  readonly overall: 'text' | 'binary';
  /** 0 text, 1 binary, one a column. */
  readonly columnFormats: readonly number[];
}

/** PROTOCOL_VIOLATION when malformed or of an unknown format. */
export function decodeCopyFormat(body: Buffer): CopyFormat {
  const reader = new ByteReader(body);
  const overall = reader.uint8();
  if (overall > 1) throw new AppError('PROTOCOL_VIOLATION', { detail: `COPY format ${overall}` });
  const columnFormats = reader.list(reader.uint16(), (r) => r.uint16());
  reader.end();
  return { overall: overall === 1 ? 'binary' : 'text', columnFormats };
}

/** The whole frame of the given type. */
export function encodeCopyFormat(type: number, format: CopyFormat): Buffer {
  const writer = new ByteWriter(type).uint8(format.overall === 'binary' ? 1 : 0);
  return writer.list(format.columnFormats, (columnFormat) => writer.uint16(columnFormat)).finish();
}
