import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { qrPath } from './qr-path.ts';

const long = 'https://daam.example.com/device?code=BCDF-GHJK&'.repeat(15);
/** Of so many characters the beginning of the SHA-256 of what another generator (qrcode of Python, level M) draws. */
const drawnElsewhere = [
  [106, 'bb7d806bf64bcd94f068e57707384ab1'],
  [213, '8d43746ecf7ae1b04534489dbab339e7'],
  [666, 'd6519c8ec5143456f5e80d44873610c7'],
] as const;

/** The path, painted; without the quiet zone. */
function painted({ size, d }: { readonly size: number; readonly d: string }): string {
  const rows = Array.from({ length: size }, () => Array<string>(size).fill('0'));
  for (const [, x, y, length] of d.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
    rows[Number(y)]?.fill('1', Number(x), Number(x) + Number(length));
  return rows
    .slice(4, -4)
    .map((row) => row.slice(4, -4).join(''))
    .join('\n');
}

describe('the path of a QR code', () => {
  it('is that of another generator, within a light edge of four modules', () => {
    for (const [length, hash] of drawnElsewhere) {
      const code = qrPath(long.slice(0, length)) ?? { size: 0, d: '' };
      expect(createHash('sha256').update(painted(code)).digest('hex').slice(0, 32)).toBe(hash);
    }
  });

  it('counts bytes and not characters, and is none above the bytes that it can hold', () => {
    expect(qrPath('é'.repeat(333))?.size).toBe(97 + 8);
    expect(qrPath('é'.repeat(334))).toBeNull();
  });
});
