import { sql } from '@codemirror/lang-sql';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { postgres } from './dialect.ts';
import { rangeToRun, statementAt } from './statements.ts';

function open(doc: string, cursor = 0, head = cursor): EditorState {
  return EditorState.create({
    doc,
    selection: { anchor: cursor, head },
    extensions: sql({ dialect: postgres }),
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

  it('is the whole function where the body has semicolons of its own', () => {
    const head = 'create function f(a int) returns int begin atomic';
    const body =
      " insert into t values ('; end');\n select case when a > 1 then 2 else 3 end; -- end;\n select 4;\nend;";
    const doc = `select 1;\n${head}${body}\nselect 2;`;
    for (const part of ['create', 'insert', 'select case', 'select 4', 'end;\nselect 2'])
      expect(at(doc, doc.indexOf(part) + 1)).toBe(`${head}${body}`);
    expect(at(doc, 3)).toBe('select 1;');
    expect(at(doc, doc.length - 3)).toBe('select 2;');
  });

  it('is each one by itself while a body is not ended yet, and in a transaction', () => {
    expect(at('create function f() returns int begin atomic select 1;\nselect 2;', 60)).toBe('select 2;');
    expect(at('begin;\nselect 1;\nend;', 8)).toBe('select 1;');
    expect(at('select atomic from t;\nselect 1;', 23)).toBe('select 1;');
  });

  it('follows a body that is written, and taken away again, in a long text', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `select ${index};`).join('\n');
    const written = 'create function f() returns int begin atomic select 1; end;\n';
    const before = open(`${written.replace('atomic', '')}${many}`, 3);
    const place = written.indexOf('atomic');
    expect(rangeToRun(before)?.to).toBe(written.indexOf('1;') + 2 - 'atomic'.length);
    const after = before.update({ changes: { from: place, insert: 'atomic' } }).state;
    expect(rangeToRun(after)?.to).toBe(written.length - 1);
    const again = after.update({ changes: { from: place, to: place + 'atomic'.length } }).state;
    expect(rangeToRun(again)).toEqual(rangeToRun(before));
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
