import { scanTokens, type Token } from '../scan.ts';

/** The client's text with its tokens, found by byte offset. Tokens are scanned at first use. */
export class SourceText {
  readonly bytes: Buffer;
  #tokens: readonly Token[] | null = null;
  #byStart: Map<number, number> | null = null;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get tokens(): readonly Token[] {
    this.#tokens ??= scanTokens(this.bytes);
    return this.#tokens;
  }

  /** The index of the token that starts at this byte, null when none does. */
  indexAt(start: number): number | null {
    if (this.#byStart === null) {
      this.#byStart = new Map();
      for (const [index, token] of this.tokens.entries()) this.#byStart.set(token.start, index);
    }
    return this.#byStart.get(start) ?? null;
  }

  token(index: number): Token | null {
    return this.tokens[index] ?? null;
  }

  /** Past the last byte of the token that starts at this byte; the byte itself when none does. */
  endAt(start: number): number {
    return this.token(this.indexAt(start) ?? -1)?.end ?? start;
  }

  slice(start: number, end: number): string {
    return this.bytes.toString('utf8', start, end);
  }

  /** The token's text, null past either end. */
  textOf(index: number): string | null {
    const token = this.token(index);
    return token === null ? null : this.slice(token.start, token.end);
  }

  /** True if the token is this unquoted word (compared in lower case) or this punctuation. */
  is(index: number, expected: string): boolean {
    const token = this.token(index);
    if (token === null || token.kind === 'quoted' || token.kind === 'string') return false;
    return this.slice(token.start, token.end).toLowerCase() === expected;
  }

  /** The index of the next such token behind this one, -1 when there is none. */
  next(from: number, expected: string): number {
    return this.tokens.findIndex((_, index) => index > from && this.is(index, expected));
  }

  /** The index of the bracket that closes the one at `index`, null when it is not one or stays open. */
  closing(index: number): number | null {
    if (!this.is(index, '(') && !this.is(index, '[')) return null;
    let depth = 0;
    for (let at = index; at < this.tokens.length; at += 1) {
      if (this.is(at, '(') || this.is(at, '[')) depth += 1;
      else if (this.is(at, ')') || this.is(at, ']')) depth -= 1;
      if (depth === 0) return at;
    }
    return null;
  }

  /** 1-based character position of a byte offset, as PostgreSQL counts. */
  position(offset: number): number {
    return Array.from(this.bytes.toString('utf8', 0, offset)).length + 1;
  }

  /**
   * The index of the last token of a dotted name (`a.b.*`, U&"…" UESCAPE '…' included) that starts at this
   * byte; null when there is none.
   */
  lastOfName(start: number, parts: number): number | null {
    let index = this.indexAt(start);
    for (let part = 1; index !== null; part += 1) {
      if (this.is(index + 1, 'uescape') && this.token(index)?.kind === 'quoted') index += 2;
      if (part === parts) return index;
      index = this.is(index + 1, '.') ? index + 2 : null;
    }
    return null;
  }
}
