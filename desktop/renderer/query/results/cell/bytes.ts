/** Bytes as PostgreSQL writes them (bytea_output = hex, PostgreSQL docs 8.4). */

/** Null: it is not written like that. */
export function readBytes(value: string): Uint8Array | null {
  const digits = /^\\x((?:[0-9a-f]{2})*)$/i.exec(value)?.[1];
  if (digits === undefined) return null;
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at += 1)
    bytes[at] = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

const lineLength = 16;

/** Offset, sixteen bytes, and what of them can be read, line by line. */
export function hexDump(bytes: Uint8Array, most = 65_536): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += lineLength) {
    const line = [...bytes.subarray(at, at + lineLength)];
    const digits = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const shown = line
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${digits.padEnd(lineLength * 3 - 1)}  ${shown}`);
  }
  return lines.join('\n');
}

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_190)
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + 8_190)));
  return text;
}
