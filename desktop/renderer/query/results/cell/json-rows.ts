/** JSON as the rows of a tree, and each place as PostgreSQL writes its path. */
import { quoteIdentifier, quoteLiteral } from '@daam/shared/sql/quote';
import type { JsonNode } from './parse-json.ts';

export type JsonPath = readonly (string | number)[];

export interface JsonRow {
  readonly id: string;
  readonly level: number;
  /** Key or index; empty for the whole. */
  readonly name: string;
  /** "3 members", or the value. */
  readonly shown: string;
  readonly kind: JsonNode['kind'];
  readonly path: JsonPath;
  readonly node: JsonNode;
  readonly isExpandable: boolean;
  readonly isExpanded: boolean;
}

/** Rows that are drawn at most. */
export const maxRows = 1_000;
const maxShown = 200;

/** The visible rows. With a search, those that hold it, by key or value, and the way to them. */
export function jsonRows(root: JsonNode, folded: ReadonlySet<string>, search = ''): JsonRow[] {
  const rows: JsonRow[] = [];
  collect(rows, { node: root, name: '', path: [], id: '$' }, { folded, search: search.toLowerCase() });
  return rows;
}

interface Place {
  readonly node: JsonNode;
  readonly name: string;
  readonly path: JsonPath;
  readonly id: string;
}

function collect(
  rows: JsonRow[],
  place: Place,
  how: { readonly folded: ReadonlySet<string>; readonly search: string },
): void {
  if (rows.length >= maxRows) return;
  const { node, name, path, id } = place;
  if (how.search !== '' && !holds(node, name, how.search)) return;
  const isExpandable = children(node).length > 0;
  const isExpanded = isExpandable && (how.search !== '' || !how.folded.has(id));
  const row = { id, level: path.length + 1, name, shown: shownOf(node), kind: node.kind, path, node };
  rows.push({ ...row, isExpandable, isExpanded });
  if (!isExpanded) return;
  for (const [at, [key, child]] of children(node).entries())
    collect(rows, { node: child, name: String(key), path: [...path, key], id: `${id}.${at}` }, how);
}

function children(node: JsonNode): readonly (readonly [string | number, JsonNode])[] {
  if (node.kind === 'object') return node.entries;
  return node.kind === 'array' ? node.items.map((item, index) => [index, item] as const) : [];
}

function holds(node: JsonNode, name: string, search: string): boolean {
  if (name.toLowerCase().includes(search)) return true;
  if (node.kind === 'object' || node.kind === 'array')
    return children(node).some(([key, child]) => holds(child, String(key), search));
  return node.text.toLowerCase().includes(search);
}

function shownOf(node: JsonNode): string {
  if (node.kind === 'object') return count(node.entries.length, 'member');
  if (node.kind === 'array') return count(node.items.length, 'item');
  const text = node.kind === 'string' ? JSON.stringify(node.text) : node.text;
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}

function count(number: number, what: string): string {
  return `${number.toLocaleString()} ${number === 1 ? what : `${what}s`}`;
}

/** `"payload" -> 'items' -> 0 ->> 'name'`: the text of a value, or the JSON of what holds others (PostgreSQL docs, 9.16). */
export function sqlPath(column: string, path: JsonPath, kind: JsonNode['kind']): string {
  const steps = path.map((step, index) => {
    const isText = index === path.length - 1 && kind !== 'object' && kind !== 'array';
    return `${isText ? '->>' : '->'} ${typeof step === 'number' ? step : quoteLiteral(step)}`;
  });
  return [quoteIdentifier(column), ...steps].join(' ');
}

/** The value of a row as JSON; of a string, what it says. */
export function valueText(node: JsonNode): string {
  return node.kind === 'string' ? node.text : write(node, 0);
}

function write(node: JsonNode, depth: number): string {
  if (node.kind === 'string') return JSON.stringify(node.text);
  if (node.kind !== 'object' && node.kind !== 'array') return node.text;
  const [open, close] = node.kind === 'object' ? '{}' : '[]';
  const inner = '  '.repeat(depth + 1);
  const lines = children(node).map(([key, child]) => {
    const name = node.kind === 'object' ? `${JSON.stringify(key)}: ` : '';
    return `${inner}${name}${write(child, depth + 1)}`;
  });
  if (lines.length === 0) return `${open}${close}`;
  return `${open}\n${lines.join(',\n')}\n${'  '.repeat(depth)}${close}`;
}
