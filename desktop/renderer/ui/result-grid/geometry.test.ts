import { describe, expect, it } from 'vitest';
import {
  maxSpacer,
  placeAt,
  rowOffset,
  scrolled,
  spacerHeight,
  topShowing,
  visibleRows,
} from './geometry.ts';

const million = { rows: 1_000_000, rowHeight: 28, viewport: 560 };
const few = { rows: 100, rowHeight: 28, viewport: 560 };
const start = { scrollTop: 0, top: 0 };

describe('the geometry of a result of a million rows', () => {
  it('never makes the scrolled space taller than a browser can', () => {
    expect(spacerHeight(million)).toBe(maxSpacer);
    expect(spacerHeight(few)).toBe(2_800);
  });

  it('reaches the last row by the scroll bar, and the first one again', () => {
    const bottom = scrolled(start, maxSpacer - million.viewport, million);
    expect(visibleRows(bottom, million).last).toBe(1_000_000);
    expect(rowOffset(999_999, bottom, million) + 28).toBeLessThanOrEqual(maxSpacer);
    expect(scrolled(bottom, 0, million).top).toBe(0);
  });

  it('moves rows pixel by pixel when the wheel turns, wherever it stands', () => {
    const middle = scrolled(start, maxSpacer / 2, million);
    const next = scrolled(middle, middle.scrollTop + 84, million);
    expect(next.top - middle.top).toBe(84);
  });

  it('leaves no row out while the wheel walks through everything between two jumps', () => {
    let place = placeAt(500_000 * 28, million);
    const seen = new Set<number>();
    for (let step = 0; step < 200; step += 1) {
      place = scrolled(place, place.scrollTop + 100, million);
      const { first, last } = visibleRows(place, million, 0);
      for (let row = first; row < last; row += 1) seen.add(row);
    }
    const rows = [...seen].toSorted((one, other) => one - other);
    expect(rows.at(-1)! - rows[0]! + 1).toBe(rows.length);
  });

  it('puts each visible row where it is seen, and keeps a row far away inside the space', () => {
    const place = placeAt(123_456 * 28, million);
    expect(rowOffset(123_456, place, million)).toBeCloseTo(place.scrollTop, 5);
    expect(rowOffset(0, place, million)).toBeGreaterThanOrEqual(-28);
    expect(rowOffset(999_999, place, million)).toBeLessThanOrEqual(maxSpacer);
  });
});

describe('a small result', () => {
  it('scrolls as the browser does', () => {
    const place = scrolled(start, 300, few);
    expect(place.top).toBe(300);
    expect(visibleRows(place, few, 0)).toEqual({ first: 10, last: 31 });
  });

  it('shows a row with the least movement', () => {
    const place = placeAt(280, few);
    expect(topShowing(12, place, few)).toBe(280);
    expect(topShowing(5, place, few)).toBe(140);
    expect(topShowing(40, place, few)).toBe(41 * 28 - 560);
  });

  it('has nothing to show when it is empty', () => {
    expect(visibleRows(start, { ...few, rows: 0 })).toEqual({ first: 0, last: 0 });
  });
});
