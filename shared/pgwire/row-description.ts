import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** One column of a result. */
export interface ResultColumn {
  readonly name: string;
  /** OID of the table that the column comes from unchanged; 0 when it is computed. */
  readonly tableOid: number;
  /** pg_attribute.attnum in that table; 0 when computed, negative for system columns. */
  readonly columnNumber: number;
  readonly typeOid: number;
  /** pg_type.typlen; negative for variable width. */
  readonly typeSize: number;
  /** pg_attribute.atttypmod; -1 for none. */
  readonly typeModifier: number;
  /** 0 text, 1 binary. */
  readonly format: number;
}

/** PROTOCOL_VIOLATION when malformed. */
export function decodeRowDescription(body: Buffer): ResultColumn[] {
  const reader = new ByteReader(body);
  const columns = reader.list(reader.uint16(), readColumn);
  reader.end();
  return columns;
}

function readColumn(reader: ByteReader): ResultColumn {
  return {
    name: reader.lenientCstring(),
    tableOid: reader.uint32(),
    columnNumber: reader.int16(),
    typeOid: reader.uint32(),
    typeSize: reader.int16(),
    typeModifier: reader.int32(),
    format: reader.uint16(),
  };
}

/**
 * True when a column comes unchanged from a table column that `matches`. Reads no names and allocates little: the
 * result assertion runs it on every RowDescription. PROTOCOL_VIOLATION when malformed.
 */
export function hasColumnFrom(
  body: Buffer,
  matches: (tableOid: number, columnNumber: number) => boolean,
): boolean {
  const reader = new ByteReader(body);
  const count = reader.uint16();
  let found = false;
  for (let i = 0; i < count; i += 1) {
    reader.cstringBytes();
    const tableOid = reader.uint32();
    const columnNumber = reader.int16();
    reader.bytes(12);
    found ||= tableOid !== 0 && matches(tableOid, columnNumber);
  }
  reader.end();
  return found;
}

/** The whole frame. */
export function encodeRowDescription(columns: readonly ResultColumn[]): Buffer {
  const writer = new ByteWriter(backendType.rowDescription);
  return writer
    .list(columns, (column) => {
      writer.cstring(column.name).uint32(column.tableOid).int16(column.columnNumber).uint32(column.typeOid);
      writer.int16(column.typeSize).int32(column.typeModifier).uint16(column.format);
    })
    .finish();
}
