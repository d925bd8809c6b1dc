import { encode } from 'uqr';

/** Light modules that a reader needs on each side (ISO/IEC 18004, 6.3.8). */
const quietZone = 4;
/** Modules of the longest side that is still easily read from a screen: version 20. */
const maxVersion = 20;

export interface QrPath {
  /** Of the square, quiet zone included, in modules. */
  readonly size: number;
  /** The dark modules as the `d` of an SVG path, one unit a module. */
  readonly d: string;
}

/** The QR code of a text at level M; null: it is longer than a code of 97 modules holds, 666 bytes of UTF-8. */
export function qrPath(text: string): QrPath | null {
  try {
    const { data, size } = encode(text, { ecc: 'M', border: quietZone, maxVersion });
    const runs = data.flatMap((row, y) =>
      [
        ...row
          .map((isDark) => (isDark ? '1' : '0'))
          .join('')
          .matchAll(/1+/g),
      ].map((run) => `M${run.index} ${y}h${run[0].length}v1h-${run[0].length}z`),
    );
    return { size, d: runs.join('') };
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}
