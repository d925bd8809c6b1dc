/**
 * Where rows are. Browsers end an element at 16,777,214 px on a screen of scale 2, so the space that is scrolled is never
 * taller than `maxSpacer`; above it, one pixel of the scroll bar stands for several of the rows. Small movements still
 * move the rows pixel by pixel: only a jump (the bar dragged, End) goes by proportion.
 */
export const maxSpacer = 8_000_000;

export interface GridSize {
  readonly rows: number;
  readonly rowHeight: number;
  /** Height in which rows are seen, without the header. */
  readonly viewport: number;
}

/** Height of the scrolled space in pixels. */
export function spacerHeight({ rows, rowHeight }: GridSize): number {
  return Math.min(rows * rowHeight, maxSpacer);
}

/** The scroll position as rows see it: pixels from the top of row 0. */
export interface ScrollPlace {
  /** Of the scrolling element. */
  readonly scrollTop: number;
  /** Of the rows. */
  readonly top: number;
}

/** The place after the element scrolled to `scrollTop`. */
export function scrolled(before: ScrollPlace, scrollTop: number, size: GridSize): ScrollPlace {
  const end = lastTop(size);
  const scrollEnd = Math.max(0, spacerHeight(size) - size.viewport);
  if (scrollTop <= 0) return { scrollTop, top: 0 };
  if (scrollTop >= scrollEnd - 1) return { scrollTop, top: end };
  const moved = scrollTop - before.scrollTop;
  const isJump = Math.abs(moved) > size.viewport * 4;
  const top = isJump ? (scrollTop / scrollEnd) * end : before.top + moved;
  return { scrollTop, top: Math.min(Math.max(0, top), end) };
}

/** The place where rows begin at `top`: the scroll bar stands in proportion. */
export function placeAt(top: number, size: GridSize): ScrollPlace {
  const end = lastTop(size);
  const bounded = Math.min(Math.max(0, top), end);
  const scrollEnd = Math.max(0, spacerHeight(size) - size.viewport);
  return { scrollTop: end === 0 ? 0 : (bounded / end) * scrollEnd, top: bounded };
}

/** The top that brings a row into view with the least movement. */
export function topShowing(row: number, place: ScrollPlace, size: GridSize): number {
  const from = row * size.rowHeight;
  if (from < place.top) return from;
  const until = from + size.rowHeight;
  return until > place.top + size.viewport ? until - size.viewport : place.top;
}

/** The rows that are seen, with a few more on both sides; `last` is not included. */
export function visibleRows(
  place: ScrollPlace,
  size: GridSize,
  extra = 4,
): { readonly first: number; readonly last: number } {
  const first = Math.max(0, Math.floor(place.top / size.rowHeight) - extra);
  const last = Math.min(size.rows, Math.ceil((place.top + size.viewport) / size.rowHeight) + extra);
  return { first, last: Math.max(first, last) };
}

/** Where a row stands in the scrolled space. One far out of view stands at its edge, so that it never makes it longer. */
export function rowOffset(row: number, place: ScrollPlace, size: GridSize): number {
  const offset = row * size.rowHeight - place.top + place.scrollTop;
  return Math.min(Math.max(offset, -size.rowHeight), Math.max(0, spacerHeight(size) - size.rowHeight));
}

function lastTop({ rows, rowHeight, viewport }: GridSize): number {
  return Math.max(0, rows * rowHeight - viewport);
}
