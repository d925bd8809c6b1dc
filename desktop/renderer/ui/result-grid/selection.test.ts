import { describe, expect, it } from 'vitest';
import { moveSelection, noSelection, selectAll, selectCell, selectedRange } from './selection.ts';
import type { Selection } from './selection.ts';

const extent = { rows: 1_000, columns: 5, page: 20 };

function press(keys: readonly string[], start: Selection = noSelection): Selection {
  return keys.reduce((selection, written) => {
    const parts = written.split('+');
    const pressed = {
      key: parts.at(-1) ?? '',
      shiftKey: parts.includes('Shift'),
      mod: parts.includes('Mod'),
    };
    return moveSelection(selection, pressed, extent) ?? selection;
  }, start);
}

describe('the selection of a result', () => {
  it('walks by arrows, pages and edges, and stays inside', () => {
    expect(press(['ArrowDown', 'ArrowRight']).focus).toEqual({ row: 1, column: 1 });
    expect(press(['PageDown', 'PageDown', 'PageUp']).focus.row).toBe(20);
    expect(press(['Mod+End']).focus).toEqual({ row: 999, column: 4 });
    expect(press(['Mod+End', 'ArrowDown', 'ArrowRight']).focus).toEqual({ row: 999, column: 4 });
    expect(press(['Mod+End', 'Mod+Home']).focus).toEqual({ row: 0, column: 0 });
    expect(press(['End', 'Home']).focus.column).toBe(0);
  });

  it('goes up into the header and down again', () => {
    const header = press(['ArrowUp']);
    expect(header.focus).toEqual({ row: -1, column: 0 });
    expect(selectedRange(header, extent)).toBeNull();
    expect(press(['ArrowDown'], header).focus.row).toBe(0);
  });

  it('grows a range from where it began, in every direction', () => {
    const range = press(['ArrowDown', 'ArrowRight', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowLeft']);
    expect(selectedRange(range, extent)).toEqual({ firstRow: 1, lastRow: 3, firstColumn: 0, lastColumn: 1 });
  });

  it('takes whole columns by their headers, and everything by select all', () => {
    const one = selectCell(noSelection, { row: -1, column: 2 }, false, extent);
    expect(selectedRange(one, extent)).toEqual({ firstRow: 0, lastRow: 999, firstColumn: 2, lastColumn: 2 });
    const two = selectCell(one, { row: -1, column: 4 }, true, extent);
    expect(selectedRange(two, extent)).toMatchObject({ firstColumn: 2, lastColumn: 4 });
    expect(selectedRange(selectAll(noSelection, extent), extent)).toMatchObject({
      lastRow: 999,
      lastColumn: 4,
    });
  });

  it('selects nothing in a result without rows', () => {
    const empty = { ...extent, rows: 0 };
    expect(selectedRange(selectAll(noSelection, empty), empty)).toBeNull();
    expect(
      moveSelection(noSelection, { key: 'ArrowDown', shiftKey: false, mod: false }, empty)?.focus.row,
    ).toBe(-1);
  });

  it('leaves keys alone that are not its own', () => {
    expect(moveSelection(noSelection, { key: 'x', shiftKey: false, mod: false }, extent)).toBeNull();
  });
});
