/**
 * Bytes written out by hand, for what the encoders refuse to build: wrong lengths, missing terminators, unknown types.
 * `bytes(0x52, int32(8), 'text', cstring('x'))`.
 */
export function bytes(...parts: readonly (number | string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'number') return Buffer.from([part]);
      return typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    }),
  );
}

/** Four bytes, big-endian; negative numbers as two's complement. */
export function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value | 0);
  return buffer;
}

/** Two bytes, big-endian. */
export function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE((value << 16) >> 16);
  return buffer;
}

/** UTF-8 and a zero byte. */
export function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf8');
}

/** A typed message; `length` lies about its size when given. */
export function message(type: string, body: Uint8Array = Buffer.alloc(0), length = body.length + 4): Buffer {
  return bytes(type, int32(length), body);
}

/** A start-up packet: length word, code, body. */
export function packet(code: number, body: Uint8Array = Buffer.alloc(0), length = body.length + 8): Buffer {
  return bytes(int32(length), int32(code), body);
}
