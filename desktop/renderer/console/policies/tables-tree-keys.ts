/** Keys of the tree of tables: where the focus goes, and which rows are chosen together. */

/** Column 0 is the row itself; 1 to 4 are its operations. */
export interface TreeFocus {
  readonly index: number;
  readonly column: number;
  /** Where a range began. */
  readonly anchor: number;
}

export interface TreeNode {
  readonly id: string;
  readonly kind: 'schema' | 'row';
  readonly isExpanded: boolean;
}

export type TreeAct =
  | { readonly kind: 'go'; readonly focus: TreeFocus; readonly extends: boolean }
  | { readonly kind: 'fold' }
  | { readonly kind: 'choose' }
  | { readonly kind: 'toggle'; readonly column: number };

export interface TreeKey {
  readonly key: string;
  readonly shiftKey: boolean;
}

const columns = 4;
const page = 12;

/** What a key does; null: nothing here. */
export function treeAct(
  { key, shiftKey }: TreeKey,
  { index, column, anchor }: TreeFocus,
  nodes: readonly TreeNode[],
): TreeAct | null {
  const node = nodes[index];
  if (node === undefined) return null;
  const to = targetOf(key, index, nodes.length);
  if (to !== null) {
    const next = Math.min(Math.max(to, 0), nodes.length - 1);
    const isLeaf = nodes[next]?.kind === 'row';
    const focus = { index: next, column: isLeaf ? column : 0, anchor: shiftKey ? anchor : next };
    return { kind: 'go', focus, extends: shiftKey };
  }
  const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  if (step !== 0) return sideways(step, { index, column, anchor }, node);
  if (key !== ' ') return null;
  if (node.kind === 'schema') return { kind: 'fold' };
  return column === 0 ? { kind: 'choose' } : { kind: 'toggle', column };
}

function sideways(step: 1 | -1, focus: TreeFocus, node: TreeNode): TreeAct | null {
  if (node.kind === 'schema') return node.isExpanded === (step === 1) ? null : { kind: 'fold' };
  const column = Math.min(Math.max(focus.column + step, 0), columns);
  return column === focus.column ? null : { kind: 'go', focus: { ...focus, column }, extends: true };
}

function targetOf(key: string, index: number, count: number): number | null {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + page,
    PageUp: index - page,
    Home: 0,
    End: count - 1,
  };
  return targets[key] ?? null;
}

/** The rows of a range, both ends included; schemas are not chosen. */
export function rangeOf({ index, anchor }: TreeFocus, nodes: readonly TreeNode[]): readonly string[] {
  const [from, to] = [Math.min(index, anchor), Math.max(index, anchor)];
  return nodes.slice(from, to + 1).flatMap(({ id, kind }) => (kind === 'row' ? [id] : []));
}
