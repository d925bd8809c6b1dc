const pieceLength = 65_536;

/** Where each row of a file ends, 8 bytes a row; grows piece by piece, so that nothing is copied. */
export class RowEnds {
  readonly #pieces: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(end: number): void {
    const at = this.#length % pieceLength;
    if (at === 0) this.#pieces.push(new Float64Array(pieceLength));
    (this.#pieces.at(-1) as Float64Array)[at] = end;
    this.#length += 1;
  }

  /** Where a row begins; of the one behind the last: where the file ends. */
  start(row: number): number {
    if (row === 0) return 0;
    return this.#pieces[Math.floor((row - 1) / pieceLength)]?.[(row - 1) % pieceLength] ?? 0;
  }

  /** The row up to which (without it) all from `first` fit into so many bytes: at least one, at most up to `last`. */
  within(first: number, last: number, bytes: number): number {
    let low = first + 1;
    let high = last;
    const limit = this.start(first) + bytes;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.start(middle) <= limit) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
