/** The square of a QR code: the patterns that a reader looks for, and the codewords between them (ISO/IEC 18004, 6.3 and 7.7). */

/** Rows of dark (true) and light modules. */
export type Modules = readonly (readonly boolean[])[];

/** A square whose modules are set one by one; those of patterns are kept from masks. */
export class Square {
  readonly size: number;
  readonly #dark: boolean[][];
  readonly #fixed: boolean[][];

  constructor(version: number) {
    this.size = version * 4 + 17;
    const empty = (): boolean[][] => Array.from({ length: this.size }, () => Array(this.size).fill(false));
    this.#dark = empty();
    this.#fixed = empty();
    this.#drawTiming();
    for (const [x, y] of [
      [3, 3],
      [this.size - 4, 3],
      [3, this.size - 4],
    ] as const)
      this.#drawRings(x, y, 4);
    for (const [x, y] of alignmentCentres(version, this.size)) this.#drawRings(x, y, 2);
    this.drawFormat(0);
    if (version >= 7) this.#drawVersion(version);
  }

  get modules(): Modules {
    return this.#dark;
  }

  /** The bits of the codewords, in columns of two from the right, upwards and downwards in turn; masked by one of eight patterns. */
  drawCodewords(bytes: Uint8Array, mask: number): void {
    let at = 0;
    for (let right = this.size - 1; right > 0; right -= 2) {
      // The column of the timing pattern is left out.
      if (right === 6) right = 5;
      const isUpwards = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.size; step += 1) {
        const y = isUpwards ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.#fixed[y]?.[x] === true) continue;
          const bit = ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
          at += 1;
          this.#paint(x, y, (bit === 1) !== isMasked(mask, x, y));
        }
      }
    }
  }

  /** Level M and the mask, twice, with fifteen bits that correct errors (table C.1). */
  drawFormat(mask: number): void {
    const bits = (((mask << 10) | remainder(mask, 10, 0x537)) ^ 0x5412) & 0x7fff;
    const isDark = (at: number): boolean => ((bits >> at) & 1) === 1;
    for (let at = 0; at < 6; at += 1) this.#set(8, at, isDark(at));
    this.#set(8, 7, isDark(6));
    this.#set(8, 8, isDark(7));
    this.#set(7, 8, isDark(8));
    for (let at = 9; at < 15; at += 1) this.#set(14 - at, 8, isDark(at));
    for (let at = 0; at < 8; at += 1) this.#set(this.size - 1 - at, 8, isDark(at));
    for (let at = 8; at < 15; at += 1) this.#set(8, this.size - 15 + at, isDark(at));
    this.#set(8, this.size - 8, true);
  }

  #drawVersion(version: number): void {
    const bits = (version << 12) | remainder(version, 12, 0x1f25);
    for (let at = 0; at < 18; at += 1) {
      const far = this.size - 11 + (at % 3);
      const near = Math.floor(at / 3);
      const isDark = ((bits >> at) & 1) === 1;
      this.#set(far, near, isDark);
      this.#set(near, far, isDark);
    }
  }

  #drawTiming(): void {
    for (let at = 0; at < this.size; at += 1) {
      this.#set(6, at, at % 2 === 0);
      this.#set(at, 6, at % 2 === 0);
    }
  }

  /** Squares in one another: a finder with its light edge (reach 4), or an alignment pattern (reach 2). */
  #drawRings(centreX: number, centreY: number, reach: number): void {
    for (let y = -reach; y <= reach; y += 1) {
      for (let x = -reach; x <= reach; x += 1) {
        const ring = Math.max(Math.abs(x), Math.abs(y));
        const isDark = reach === 4 ? ring !== 2 && ring !== 4 : ring !== 1;
        this.#set(centreX + x, centreY + y, isDark);
      }
    }
  }

  #set(x: number, y: number, isDark: boolean): void {
    const fixed = this.#fixed[y];
    if (fixed === undefined || x < 0 || x >= this.size) return;
    fixed[x] = true;
    this.#paint(x, y, isDark);
  }

  #paint(x: number, y: number, isDark: boolean): void {
    const row = this.#dark[y];
    if (row !== undefined) row[x] = isDark;
  }
}

/** The eight patterns of table 10. */
function isMasked(mask: number, x: number, y: number): boolean {
  switch (mask) {
    case 0:
      return (x + y) % 2 === 0;
    case 1:
      return y % 2 === 0;
    case 2:
      return x % 3 === 0;
    case 3:
      return (x + y) % 3 === 0;
    case 4:
      return (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0;
    case 5:
      return ((x * y) % 2) + ((x * y) % 3) === 0;
    case 6:
      return (((x * y) % 2) + ((x * y) % 3)) % 2 === 0;
    default:
      return (((x + y) % 2) + ((x * y) % 3)) % 2 === 0;
  }
}

/** The remainder of a BCH code, of so many bits. */
function remainder(value: number, bits: number, generator: number): number {
  let rest = value;
  for (let step = 0; step < bits; step += 1) rest = (rest << 1) ^ ((rest >> (bits - 1)) * generator);
  return rest & ((1 << bits) - 1);
}

/** Where alignment patterns have their centres (annex E): a grid, without the three corners of the finders. */
function alignmentCentres(version: number, size: number): (readonly [number, number])[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((size - 13) / (2 * count - 2)) * 2;
  const places = [6, ...Array.from({ length: count - 1 }, (_, at) => size - 7 - (count - 2 - at) * step)];
  const last = size - 7;
  return places.flatMap((x) =>
    places
      .filter((y) => !(x === 6 && y === 6) && !(x === 6 && y === last) && !(x === last && y === 6))
      .map((y) => [x, y] as const),
  );
}
