import { describe, expect, it } from 'vitest';
import { cellLook, columnWidth } from './cell-text.ts';

describe('a cell', () => {
  it('tells NULL, the empty text and the text NULL apart', () => {
    expect(cellLook(null, 'text')).toEqual({ text: 'NULL', look: 'quiet' });
    expect(cellLook('', 'text')).toEqual({ text: "''", look: 'quiet' });
    expect(cellLook('NULL', 'text')).toEqual({ text: 'NULL', look: 'value' });
  });

  it('keeps large numbers exact and writes booleans as words', () => {
    expect(cellLook('9223372036854775807', 'number').text).toBe('9223372036854775807');
    expect(cellLook('t', 'boolean').text).toBe('true');
    expect(cellLook('f', 'boolean').text).toBe('false');
  });

  it('stays on one line and ends', () => {
    expect(cellLook('a\r\nb\tc', 'text').text).toBe('a⏎b⇥c');
    expect(cellLook('x'.repeat(1_000), 'text').text).toHaveLength(301);
  });
});

describe('the width of a column', () => {
  it('fits its header and its rows, within bounds', () => {
    expect(columnWidth('id', ['1'], 7.5)).toBe(64);
    expect(columnWidth('email', ['someone@example.com'], 7.5)).toBe(165);
    expect(columnWidth('note', ['x'.repeat(400)], 7.5)).toBe(420);
  });
});
