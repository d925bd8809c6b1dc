import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { rangeToRun, statementAt } from './statements.ts';

function open(doc: string, cursor = 0, head = cursor): EditorState {
  return EditorState.create({
    doc,
    selection: { anchor: cursor, head },
    extensions: sql({ dialect: PostgreSQL }),
  });
}

function at(doc: string, cursor: number): string | null {
  const range = statementAt(open(doc), cursor);
  return range === null ? null : doc.slice(range.from, range.to);
}

const two = 'select 1;\n\nselect 2;\n';

describe('the statement at the cursor', () => {
  it('is the one around it, the one before it on the line, or the next one', () => {
    expect(at(two, 3)).toBe('select 1;');
    expect(at(two, 9)).toBe('select 1;');
    expect(at(two, 10)).toBe('select 2;');
    expect(at(two, 15)).toBe('select 2;');
  });

  it('is the last one behind all of them, and none in an empty text', () => {
    expect(at(two, two.length)).toBe('select 2;');
    expect(at('', 0)).toBeNull();
    expect(at('  \n ', 2)).toBeNull();
  });

  it('is not ended by a semicolon inside a text, a dollar quote or a comment', () => {
    const hard = "select ';' , $a$ ; $a$ /* ; */ from t;\nselect 2";
    expect(at(hard, 2)).toBe(hard.split('\n')[0]);
  });

  it('is found in a text of thousands', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => `select ${index};`).join('\n');
    const from = many.indexOf('select 2500;');
    expect(rangeToRun(open(many, from + 3))).toEqual({ from, to: from + 'select 2500;'.length });
  });
});

describe('what Run sends', () => {
  it('is the selection where there is one', () => {
    expect(rangeToRun(open(two, 7, 8))).toEqual({ from: 7, to: 8 });
    expect(rangeToRun(open(two, 9, 11))).toEqual({ from: 11, to: 20 });
  });
});
