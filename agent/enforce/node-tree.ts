/**
 * The text in which PostgreSQL keeps an analysed query (`pg_node_tree`; src/backend/nodes/outfuncs.c writes it,
 * read.c reads it): `{TAG :field value …}`, `(item item …)`, and words with backslashes before special characters.
 * Every major writes other fields in another order; the shape is the same in all of them.
 */

/** A node with its fields by name, without the colon. */
export interface TreeNode {
  readonly tag: string;
  readonly fields: ReadonlyMap<string, TreeValue>;
}

/** `<>` is null; numbers, names and flags stay the words that they are. */
export type TreeValue = TreeNode | readonly TreeValue[] | string | null;

/** Deeper than any query that the server itself would take. */
const maxDepth = 1_500;

/** Reads one value. Throws RangeError for a text that ends too early, goes on, or is nested too deeply. */
export function parseNodeTree(text: string): TreeValue {
  const reader = new TokenReader(text);
  const value = readValue(reader, 0);
  if (reader.peek() !== null) throw new RangeError('a node tree goes on behind its end');
  return value;
}

/** True for a node, of this tag when one is given. */
export function isTreeNode(value: TreeValue | undefined, tag?: string): value is TreeNode {
  return (
    typeof value === 'object' && value !== null && 'tag' in value && (tag === undefined || value.tag === tag)
  );
}

/** A field that is a list; empty when it is absent or `<>`. Anything else throws RangeError. */
export function listField(node: TreeNode, name: string): readonly TreeValue[] {
  const value = node.fields.get(name) ?? null;
  if (value === null) return [];
  if (!Array.isArray(value)) throw new RangeError(`${node.tag}.${name} is no list`);
  return value as readonly TreeValue[];
}

/** A field that is a node; null when it is absent or `<>`. Anything else throws RangeError. */
export function nodeField(node: TreeNode, name: string): TreeNode | null {
  const value = node.fields.get(name) ?? null;
  if (value === null) return null;
  if (!isTreeNode(value)) throw new RangeError(`${node.tag}.${name} is no node`);
  return value;
}

/** A field that must be there as a word; anything else throws RangeError. */
export function wordField(node: TreeNode, name: string): string {
  const value = node.fields.get(name);
  if (typeof value !== 'string') throw new RangeError(`${node.tag}.${name} is no word`);
  return value;
}

/** A field that must be there as a whole number; anything else throws RangeError. */
export function numberField(node: TreeNode, name: string): number {
  const word = wordField(node, name);
  if (!/^-?\d{1,10}$/.test(word)) throw new RangeError(`${node.tag}.${name} is no number`);
  return Number(word);
}

function readValue(reader: TokenReader, depth: number): TreeValue {
  if (depth > maxDepth) throw new RangeError('a node tree is nested too deeply');
  const token = reader.next();
  if (token === '{') return readNode(reader, depth);
  if (token === '(') return readList(reader, depth);
  if (token === ')' || token === '}') throw new RangeError('a bracket without its partner');
  return token === '<>' ? null : unescape(token);
}

function readNode(reader: TokenReader, depth: number): TreeNode {
  const tag = reader.next();
  const fields = new Map<string, TreeValue>();
  for (;;) {
    const token = reader.next();
    if (token === '}') return { tag, fields };
    if (!token.startsWith(':')) throw new RangeError(`${tag} has a value without a name`);
    fields.set(token.slice(1), readValue(reader, depth + 1));
    // a constant's bytes follow its length as words of their own: `4 [ 1 0 0 0 ]`
    for (let ahead = reader.peek(); ahead !== '}' && ahead?.startsWith(':') !== true; ahead = reader.peek())
      readValue(reader, depth + 1);
  }
}

function readList(reader: TokenReader, depth: number): readonly TreeValue[] {
  const items: TreeValue[] = [];
  while (reader.peek() !== ')') items.push(readValue(reader, depth + 1));
  reader.next();
  return items;
}

function unescape(token: string): string {
  return token.includes('\\') ? token.replaceAll(/\\(.)/gs, '$1') : token;
}

/** As pg_strtok cuts: brackets are tokens, white space separates, a backslash takes the next character along. */
class TokenReader {
  readonly #token = /[ \n\t]*([(){}]|(?:\\[^]|[^ \n\t(){}\\])+)/y;
  readonly #text: string;
  #ahead: string | null | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Null at the end. */
  peek(): string | null {
    if (this.#ahead === undefined) this.#ahead = this.#read();
    return this.#ahead;
  }

  next(): string {
    const token = this.peek();
    if (token === null) throw new RangeError('a node tree ends too early');
    this.#ahead = undefined;
    return token;
  }

  #read(): string | null {
    const at = this.#token.lastIndex;
    const found = this.#token.exec(this.#text)?.[1];
    if (found !== undefined) return found;
    if (this.#text.slice(at).trim() !== '') throw new RangeError('a node tree holds what is no token');
    return null;
  }
}
