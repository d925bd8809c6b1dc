import { isNode, type TaggedNode, unwrap } from './node.ts';
import { nodeShapes } from './shapes.ts';

/** Calls `visit` for each direct child node, wrapped or bare, in field order. */
export function forEachChild(node: TaggedNode, visit: (child: TaggedNode) => void): void {
  const kids = nodeShapes.get(node.tag)?.kids;
  if (kids === undefined) return;
  const { body } = node;
  for (const name in body) {
    const kind = kids[name];
    if (kind !== undefined) visitField(kind, body[name], visit);
  }
}

/** The children in one field. */
export function forEachIn(node: TaggedNode, name: string, visit: (child: TaggedNode) => void): void {
  const kind = nodeShapes.get(node.tag)?.kids[name];
  if (kind !== undefined) visitField(kind, node.body[name], visit);
}

function visitField(kind: string, value: unknown, visit: (child: TaggedNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visitField(kind, item, visit);
    return;
  }
  if (kind !== '*') {
    if (isNode(value)) visit({ tag: kind, body: value, wrapper: null });
    return;
  }
  const child = unwrap(value);
  if (child !== null) visit(child);
}

/** What `findUnknown` found. */
export interface UnknownNode {
  readonly what: 'tag' | 'field' | 'depth';
  readonly name: string;
}

/**
 * Looks for anything in the tree that `nodeShapes` does not list, or that is nested deeper than
 * `maxDepth` nodes. Null: the whole tree is understood.
 */
export function findUnknown(root: TaggedNode, maxDepth: number): UnknownNode | null {
  const shape = nodeShapes.get(root.tag);
  if (shape === undefined) return { what: 'tag', name: root.tag };
  if (maxDepth === 0) return { what: 'depth', name: root.tag };
  const { body } = root;
  for (const name in body) {
    const value = body[name];
    const kind = shape.kids[name];
    if (kind === undefined) {
      if (!shape.scalars.has(name) || (typeof value === 'object' && value !== null)) {
        return { what: 'field', name: `${root.tag}.${name}` };
      }
      continue;
    }
    const found = unknownInField(kind, value, { owner: `${root.tag}.${name}`, maxDepth });
    if (found !== null) return found;
  }
  return null;
}

function unknownInField(
  kind: string,
  value: unknown,
  at: { readonly owner: string; readonly maxDepth: number },
): UnknownNode | null {
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = unknownInField(kind, item, at);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isNode(value)) return { what: 'field', name: at.owner };
  if (kind !== '*') return findUnknown({ tag: kind, body: value, wrapper: null }, at.maxDepth - 1);
  const child = unwrap(value);
  if (child === null) return Object.keys(value).length === 0 ? null : { what: 'field', name: at.owner };
  return findUnknown(child, at.maxDepth - 1);
}

const positional: ReadonlySet<string> = new Set([
  'location',
  'name_location',
  'stmt_location',
  'stmt_len',
  'rexpr_list_start',
  'rexpr_list_end',
  'list_start',
  'list_end',
]);

/** Several nodes where the tree had one; only inside lists. */
export class Spread {
  readonly items: readonly unknown[];
  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** What to make of a node, given its copy; keyed by the identity of the wrapper or body in the old tree. */
export type TreeEdits = ReadonlyMap<object, readonly ((copy: unknown) => unknown)[]>;

/** A copy without positions, with the edits applied from the leaves up. */
export function copyTree(value: unknown, edits: TreeEdits | null = null): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const copy = copyTree(item, edits);
      if (copy instanceof Spread) items.push(...copy.items);
      else items.push(copy);
    }
    return items;
  }
  if (!isNode(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (!positional.has(key)) copy[key] = copyTree(value[key], edits);
  }
  let result: unknown = copy;
  for (const edit of edits?.get(value) ?? []) result = edit(result);
  return result;
}

/** Structural equality; positions and the order of keys do not matter. */
export function sameTree(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index += 1) {
      if (!sameTree(left[index], right[index])) return false;
    }
    return true;
  }
  if (!isNode(left) || !isNode(right)) return false;
  let fields = 0;
  for (const key in left) {
    if (positional.has(key)) continue;
    fields += 1;
    if (!Object.hasOwn(right, key) || !sameTree(left[key], right[key])) return false;
  }
  for (const key in right) if (!positional.has(key)) fields -= 1;
  return fields === 0;
}

/** True if `test` holds for the node or anything below it. */
export function anyNode(root: TaggedNode, test: (node: TaggedNode) => boolean): boolean {
  if (test(root)) return true;
  let found = false;
  forEachChild(root, (child) => {
    found ||= anyNode(child, test);
  });
  return found;
}

/** Like `anyNode`, for a field's value (wrapped node or list of them). */
export function anyIn(value: unknown, test: (node: TaggedNode) => boolean): boolean {
  if (Array.isArray(value)) return value.some((item) => anyIn(item, test));
  const node = unwrap(value);
  return node !== null && anyNode(node, test);
}
