/**
 * JSON as it is written (RFC 8259): numbers keep every digit and objects every member, also where JSON.parse would round the
 * one and drop the other. For showing alone.
 */
export type JsonNode =
  | { readonly kind: 'object'; readonly entries: readonly (readonly [key: string, node: JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  /** `text` as it is written; of a string, what it says. */
  | { readonly kind: 'string' | 'number' | 'literal'; readonly text: string };

const maxNodes = 50_000;
const maxDepth = 200;
const token =
  /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;

/** Null: it is no JSON, or more than can be shown as a tree. */
export function parseJson(text: string): JsonNode | null {
  const reader = { text, at: 0, nodes: 0 };
  try {
    const node = readNode(reader, 0);
    return /^\s*$/.test(text.slice(reader.at)) ? node : null;
  } catch {
    return null;
  }
}

interface Reader {
  readonly text: string;
  at: number;
  nodes: number;
}

type Token = { readonly kind: 'mark' | 'string' | 'number' | 'literal'; readonly text: string };

function next(reader: Reader): Token {
  token.lastIndex = reader.at;
  const match = token.exec(reader.text);
  if (match === null) throw new SyntaxError('no JSON');
  reader.at = token.lastIndex;
  const [, mark, string, number, literal] = match;
  if (mark !== undefined) return { kind: 'mark', text: mark };
  if (string !== undefined) return { kind: 'string', text: JSON.parse(string) as string };
  if (number !== undefined) return { kind: 'number', text: number };
  return { kind: 'literal', text: literal ?? '' };
}

function readNode(reader: Reader, depth: number, first: Token = next(reader)): JsonNode {
  reader.nodes += 1;
  if (reader.nodes > maxNodes || depth > maxDepth) throw new RangeError('too much of it');
  if (first.kind !== 'mark') return { kind: first.kind, text: first.text };
  if (first.text === '{') return { kind: 'object', entries: readMembers(reader, depth) };
  if (first.text === '[') return { kind: 'array', items: readItems(reader, depth) };
  throw new SyntaxError('no JSON');
}

function readMembers(reader: Reader, depth: number): (readonly [string, JsonNode])[] {
  const entries: (readonly [string, JsonNode])[] = [];
  let key = next(reader);
  if (isMark(key, '}')) return entries;
  for (;;) {
    if (key.kind !== 'string' || !isMark(next(reader), ':')) throw new SyntaxError('no JSON');
    entries.push([key.text, readNode(reader, depth + 1)]);
    if (isEnd(next(reader), '}')) return entries;
    key = next(reader);
  }
}

function readItems(reader: Reader, depth: number): JsonNode[] {
  const items: JsonNode[] = [];
  let first = next(reader);
  if (isMark(first, ']')) return items;
  for (;;) {
    items.push(readNode(reader, depth + 1, first));
    if (isEnd(next(reader), ']')) return items;
    first = next(reader);
  }
}

function isMark({ kind, text }: Token, mark: string): boolean {
  return kind === 'mark' && text === mark;
}

function isEnd(read: Token, end: string): boolean {
  if (isMark(read, end)) return true;
  if (isMark(read, ',')) return false;
  throw new SyntaxError('no JSON');
}
