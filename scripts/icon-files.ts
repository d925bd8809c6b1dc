/** The two containers of pictures that Windows and macOS want of an app. Both hold whole PNG files. */

/** A square PNG file and its edge in pixels. */
export interface Picture {
  readonly edge: number;
  readonly png: Uint8Array;
}

/** Types of the ICNS container that hold a PNG, by edge in pixels (Apple, "Icon Composer" formats). */
const icnsTypes: Readonly<Record<number, readonly string[]>> = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['icp6', 'ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};

/** An .ico file: a directory of 16 bytes for each picture, then the pictures. Edges up to 256. */
export function icoFile(pictures: readonly Picture[]): Uint8Array {
  const header = Buffer.alloc(6 + 16 * pictures.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = header.length;
  for (const [index, { edge, png }] of pictures.entries()) {
    if (edge > 256) throw new RangeError(`an .ico holds no ${edge} pixels`);
    const at = 6 + 16 * index;
    // 0 stands for 256.
    header.writeUInt8(edge % 256, at);
    header.writeUInt8(edge % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([header, ...pictures.map(({ png }) => png)]);
}

/** An .icns file: `icns`, its length, then type, length and PNG of each picture; numbers are big-endian. */
export function icnsFile(pictures: readonly Picture[]): Uint8Array {
  const parts = pictures.flatMap(({ edge, png }) => (icnsTypes[edge] ?? []).map((type) => block(type, png)));
  return block('icns', Buffer.concat(parts));
}

function block(type: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32BE(8 + content.length, 4);
  return Buffer.concat([header, content]);
}

/** Width and height of a PNG file, from its first chunk (PNG specification, 11.2.2). */
export function pngSize(png: Uint8Array): { readonly width: number; readonly height: number } {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (bytes.length < 24 || bytes.toString('latin1', 1, 4) !== 'PNG') throw new TypeError('this is no PNG');
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
