/**
 * Which names in a statement are masked columns, as far as one can tell without the server: to underline them while one
 * writes. The agent alone decides what is masked; what this does not see is only not underlined.
 */
import type { DatabaseColumn, DatabaseTable } from '../../../ipc/schema.ts';

export interface MaskReference {
  readonly from: number;
  readonly to: number;
  readonly table: DatabaseTable;
  readonly column: DatabaseColumn;
}

const token =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$|"(?:[^"]|"")*"|[A-Za-z_][\w$]*|\.|,|\(|\)|;/g;
const notAlias = new Set(
  'on using where group order having limit offset join left right inner outer full cross natural set values returning union except intersect select from as and or window for fetch'.split(
    ' ',
  ),
);
const beforeTable = new Set(['from', 'join', 'update', 'into', 'table']);
const longest = 100_000;

/** The tables that a person may use, to be asked for by name at every key. */
export interface KnownTables {
  readonly byName: ReadonlyMap<string, readonly DatabaseTable[]>;
  /** Whether any column is masked: else nothing needs to be looked for. */
  readonly hasMasks: boolean;
}

export function knownTables(tables: readonly DatabaseTable[]): KnownTables {
  return {
    byName: Map.groupBy(tables, ({ name }) => name),
    hasMasks: tables.some(({ columns }) => columns.some(({ preset }) => preset !== null)),
  };
}

interface Word {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Places count from the beginning of the statement. */
export function findMaskReferences(statement: string, tables: KnownTables): MaskReference[] {
  if (!tables.hasMasks || statement.length > longest) return [];
  const words = readWords(statement);
  const scope = readScope(words, tables);
  const found: MaskReference[] = [];
  for (const [at, word] of words.entries()) {
    const qualifier = words[at - 1]?.text === '.' ? words[at - 2]?.text : undefined;
    if (words[at + 1]?.text === '.') continue;
    const candidates =
      qualifier === undefined
        ? [...new Set(scope.values())]
        : [scope.get(qualifier)].filter((table) => table !== undefined);
    for (const table of candidates) {
      const column = table.columns.find(({ name, preset }) => name === word.text && preset !== null);
      if (column === undefined) continue;
      found.push({ from: word.from, to: word.to, table, column });
      break;
    }
  }
  return found;
}

function readWords(statement: string): Word[] {
  const words: Word[] = [];
  for (const match of statement.matchAll(token)) {
    const [text] = match;
    if (text.startsWith('--') || text.startsWith('/*') || text.startsWith("'") || text.startsWith('$'))
      continue;
    const name = text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
    words.push({ text: name, from: match.index, to: match.index + text.length });
  }
  return words;
}

/** Aliases and names of the tables that the statement reads or writes. */
function readScope(words: readonly Word[], tables: KnownTables): Map<string, DatabaseTable> {
  const scope = new Map<string, DatabaseTable>();
  let expectsTable = false;
  for (let at = 0; at < words.length; at += 1) {
    const text = words[at]?.text ?? '';
    if (beforeTable.has(text)) {
      expectsTable = true;
      continue;
    }
    if (!expectsTable) {
      expectsTable = text === ',' && scope.size > 0 && isInFrom(words, at);
      continue;
    }
    expectsTable = false;
    const isQualified = words[at + 1]?.text === '.';
    const name = isQualified ? (words[at + 2]?.text ?? '') : text;
    const table = tables.byName.get(name)?.find(({ schema }) => !isQualified || schema === text);
    const next = isQualified ? at + 3 : at + 1;
    if (table === undefined) continue;
    scope.set(name, table);
    const alias = words[next]?.text === 'as' ? words[next + 1]?.text : words[next]?.text;
    if (alias !== undefined && /^[a-z_]/.test(alias) && !notAlias.has(alias)) scope.set(alias, table);
    at = next - 1;
  }
  return scope;
}

function isInFrom(words: readonly Word[], at: number): boolean {
  for (let before = at - 1; before >= 0; before -= 1) {
    const text = words[before]?.text ?? '';
    if (text === 'from') return true;
    if (['select', 'where', 'set', 'values', 'group', 'order', 'on', '(', ')'].includes(text)) return false;
  }
  return false;
}
