import { describe, expect, it } from 'vitest';
import { rangeOf, treeAct, type TreeFocus, type TreeNode } from './tables-tree-keys.ts';

const nodes: readonly TreeNode[] = [
  { id: 'sales.*', kind: 'row', isExpanded: false },
  { id: 'schema:public', kind: 'schema', isExpanded: true },
  ...['a', 'b', 'c', 'd'].map((name) => ({
    id: `public.${name}`,
    kind: 'row' as const,
    isExpanded: false,
  })),
];
const at = (index: number, column = 0, anchor = index): TreeFocus => ({ index, column, anchor });
const press = (key: string, focus: TreeFocus, shiftKey = false) => treeAct({ key, shiftKey }, focus, nodes);

describe('keys in the tree of tables', () => {
  it('walk rows and stay in the column of an operation', () => {
    expect(press('ArrowDown', at(2, 3))).toEqual({ kind: 'go', focus: at(3, 3), extends: false });
    expect(press('End', at(0))).toEqual({ kind: 'go', focus: at(5), extends: false });
    expect(press('ArrowUp', at(0))).toEqual({ kind: 'go', focus: at(0), extends: false });
    expect(press('PageDown', at(4))).toEqual({ kind: 'go', focus: at(5), extends: false });
  });

  it('leave the operations on the line of a schema, which has none', () => {
    expect(press('ArrowUp', at(2, 2))).toEqual({ kind: 'go', focus: at(1), extends: false });
  });

  it('go from a row to its operations and back, and no further', () => {
    expect(press('ArrowRight', at(2))).toEqual({ kind: 'go', focus: at(2, 1), extends: true });
    expect(press('ArrowRight', at(2, 4))).toBeNull();
    expect(press('ArrowLeft', at(2, 1))).toEqual({ kind: 'go', focus: at(2), extends: true });
    expect(press('ArrowLeft', at(2))).toBeNull();
  });

  it('fold and unfold a schema', () => {
    expect(press('ArrowLeft', at(1))).toEqual({ kind: 'fold' });
    expect(press('ArrowRight', at(1))).toBeNull();
    expect(press(' ', at(1))).toEqual({ kind: 'fold' });
  });

  it('choose a row by Space, and toggle an operation where the focus is on one', () => {
    expect(press(' ', at(2))).toEqual({ kind: 'choose' });
    expect(press(' ', at(2, 3))).toEqual({ kind: 'toggle', column: 3 });
    expect(press('x', at(2))).toBeNull();
  });

  it('choose a range with Shift, whichever way, without the lines of schemas', () => {
    expect(press('ArrowDown', at(3, 0, 2), true)).toEqual({
      kind: 'go',
      focus: { index: 4, column: 0, anchor: 2 },
      extends: true,
    });
    expect(rangeOf({ index: 4, column: 0, anchor: 2 }, nodes)).toEqual(['public.a', 'public.b', 'public.c']);
    expect(rangeOf({ index: 0, column: 0, anchor: 2 }, nodes)).toEqual(['sales.*', 'public.a']);
  });
});
