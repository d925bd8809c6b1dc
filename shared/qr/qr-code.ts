/**
 * QR codes (ISO/IEC 18004), so that an address on this screen can be opened by a telephone without writing it: bytes at level M,
 * versions 1 to 20. codewords.ts makes the bytes, modules.ts places them, penalty.ts chooses the mask.
 */
import { encodeText } from './codewords.ts';
import { Square } from './modules.ts';
import type { Modules } from './modules.ts';
import { penaltyOf } from './penalty.ts';

/** Light modules that a reader needs on each side. */
export const quietZone = 4;

/** The code of a text, without the quiet zone; null: the text has more than 666 bytes of UTF-8. */
export function encodeQr(text: string): Modules | null {
  const codewords = encodeText(text);
  if (codewords === null) return null;
  let best: { readonly modules: Modules; readonly penalty: number } | null = null;
  for (let mask = 0; mask < 8; mask += 1) {
    const square = new Square(codewords.version);
    square.drawCodewords(codewords.bytes, mask);
    square.drawFormat(mask);
    const penalty = penaltyOf(square.modules);
    if (best === null || penalty < best.penalty) best = { modules: square.modules, penalty };
  }
  return best?.modules ?? null;
}

/** The dark modules as the `d` of an SVG path, one unit a module, moved by the quiet zone. */
export function pathOf(modules: Modules): string {
  return modules
    .flatMap((row, y) =>
      [
        ...row
          .map((isDark) => (isDark ? '1' : '0'))
          .join('')
          .matchAll(/1+/g),
      ].map((run) => `M${run.index + quietZone} ${y + quietZone}h${run[0].length}v1h-${run[0].length}z`),
    )
    .join('');
}
