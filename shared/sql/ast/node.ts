/**
 * Reading libpg_query's JSON trees. A node behind an abstract pointer is wrapped in an object with its
 * tag as the only key (`{ RangeVar: {…} }`); a node of a known struct type is the bare body. Fields that
 * hold their zero value are left out. Majors 13 and 14 spell constants and strings differently from
 * 15 and later; that difference ends in this file.
 */

/** A node's fields, or a wrapper around them. */
export type AstNode = Readonly<Record<string, unknown>>;

/** A node with its tag; `wrapper` is the object that holds it, null for a bare struct. */
export interface TaggedNode {
  readonly tag: string;
  readonly body: AstNode;
  readonly wrapper: AstNode | null;
}

/** True for objects that are not arrays. */
export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Takes a wrapper apart; null for the empty object by which libpg_query writes a null pointer. */
export function unwrap(value: unknown): TaggedNode | null {
  if (!isNode(value)) return null;
  let tag: string | undefined;
  for (const key in value) {
    if (tag !== undefined) return null;
    tag = key;
  }
  if (tag === undefined) return null;
  const body = value[tag];
  return isNode(body) ? { tag, body, wrapper: value } : null;
}

/** A wrapped node of exactly this tag, else null. */
export function as(value: unknown, tag: string): AstNode | null {
  const node = unwrap(value);
  return node !== null && node.tag === tag ? node.body : null;
}

/** A struct field (or wrapper), null when absent. */
export function field(node: AstNode, name: string): AstNode | null {
  const value = node[name];
  return isNode(value) ? value : null;
}

/** A list field, empty when absent. */
export function list(node: AstNode, name: string): readonly unknown[] {
  const value = node[name];
  return Array.isArray(value) ? value : [];
}

/** A string field, null when absent or empty. */
export function text(node: AstNode, name: string): string | null {
  const value = node[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A boolean field; absent is false. */
export function flag(node: AstNode, name: string): boolean {
  return node[name] === true;
}

/** A number field; absent is 0. */
export function number(node: AstNode, name: string): number {
  const value = node[name];
  return typeof value === 'number' ? value : 0;
}

/** The byte offset of the node in the parsed text; -1 where the grammar has none. */
export function locationOf(node: AstNode): number {
  return number(node, 'location');
}

/** The text of a wrapped String node (13, 14: `str`; later: `sval`), null for any other node. */
export function stringOf(value: unknown): string | null {
  const body = as(value, 'String');
  if (body === null) return null;
  const string = body['sval'] ?? body['str'];
  return typeof string === 'string' ? string : '';
}

/** The texts of a list of String nodes; null if one is not a String. */
export function stringsOf(values: readonly unknown[]): readonly string[] | null {
  const strings: string[] = [];
  for (const value of values) {
    const string = stringOf(value);
    if (string === null) return null;
    strings.push(string);
  }
  return strings;
}

/** A literal in the statement. */
export type Constant =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'numeric'; readonly value: string }
  | { readonly kind: 'bits'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' };

/** The value of a wrapped A_Const, null for any other node. */
export function constantOf(value: unknown): Constant | null {
  const body = as(value, 'A_Const');
  if (body === null) return null;
  if (flag(body, 'isnull')) return { kind: 'null' };
  const old = unwrap(body['val']);
  if (old !== null) return oldConstant(old);
  for (const [name, kind] of newConstants) {
    const inner = field(body, name);
    if (inner !== null) return kind(inner);
  }
  return null;
}

const newConstants: readonly [string, (inner: AstNode) => Constant][] = [
  ['sval', (inner) => ({ kind: 'string', value: text(inner, 'sval') ?? '' })],
  ['ival', (inner) => ({ kind: 'integer', value: number(inner, 'ival') })],
  ['fval', (inner) => ({ kind: 'numeric', value: text(inner, 'fval') ?? '0' })],
  ['bsval', (inner) => ({ kind: 'bits', value: text(inner, 'bsval') ?? '' })],
  ['boolval', (inner) => ({ kind: 'boolean', value: flag(inner, 'boolval') })],
];

function oldConstant(node: TaggedNode): Constant | null {
  switch (node.tag) {
    case 'String':
      return { kind: 'string', value: text(node.body, 'str') ?? '' };
    case 'Integer':
      return { kind: 'integer', value: number(node.body, 'ival') };
    case 'Float':
      return { kind: 'numeric', value: text(node.body, 'str') ?? '0' };
    case 'BitString':
      return { kind: 'bits', value: text(node.body, 'str') ?? '' };
    case 'Null':
      return { kind: 'null' };
    default:
      return null;
  }
}

/** The string value of a wrapped string literal, looking through nothing. */
export function stringConstant(value: unknown): string | null {
  const constant = constantOf(value);
  return constant !== null && constant.kind === 'string' ? constant.value : null;
}

/** The bodies of those list items that have this tag. */
export function bodiesOf(values: readonly unknown[], tag: string): readonly AstNode[] {
  const bodies: AstNode[] = [];
  for (const value of values) {
    const body = as(value, tag);
    if (body !== null) bodies.push(body);
  }
  return bodies;
}
