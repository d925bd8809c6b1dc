import { describe, expect, it } from 'vitest';
import { hideColumn, layoutOf, moveColumn, pinColumn } from './column-layout.ts';

const four = layoutOf(4);

describe('columns that a person arranges', () => {
  it('are pinned one behind the other, and let go to where the others begin', () => {
    const pinned = pinColumn(pinColumn(four, 2), 3);
    expect(pinned).toEqual({ order: [2, 3, 0, 1], pinned: 2 });
    expect(pinColumn(pinned, 2)).toEqual({ order: [3, 2, 0, 1], pinned: 1 });
  });

  it('move among the pinned ones or among the others, never between', () => {
    const pinned = pinColumn(pinColumn(four, 2), 3);
    expect(moveColumn(pinned, 0, 1).order).toEqual([3, 2, 0, 1]);
    expect(moveColumn(pinned, 1, 1)).toBe(pinned);
    expect(moveColumn(pinned, 2, -1)).toBe(pinned);
    expect(moveColumn(pinned, 2, 1).order).toEqual([2, 3, 1, 0]);
    expect(moveColumn(pinned, 3, 1)).toBe(pinned);
  });

  it('are hidden but for the last one, and pinned ones count less then', () => {
    expect(hideColumn(pinColumn(four, 1), 1)).toEqual({ order: [0, 2, 3], pinned: 0 });
    expect(hideColumn(pinColumn(four, 1), 3)).toEqual({ order: [1, 0, 2], pinned: 1 });
    const last = [1, 2, 3].reduce(hideColumn, four);
    expect(hideColumn(last, 0)).toBe(last);
  });
});
