import { AppError } from '../errors/app-error.ts';
import type { PostgresMajor } from '../domain/postgres-version.ts';
import { isNode, list, number, type TaggedNode, unwrap } from './ast/node.ts';
import { findUnknown } from './ast/tree.ts';

/**
 * The server's own grammar (libpg_query), one build for each major version: a statement is judged by the
 * grammar that will run it. Parsing is synchronous; loading a grammar is not.
 */

/** The longest text that is parsed, in UTF-8 bytes. */
export const maxSqlBytes = 1024 * 1024;
/** Brackets open at once; deeper texts are refused before the grammar sees them. */
const maxBracketDepth = 500;
/** Nodes above one another in a tree. */
const maxTreeDepth = 1_500;

/** One statement of a text. Offsets are UTF-8 bytes into the whole text. */
export interface ParsedStatement {
  readonly node: TaggedNode;
  readonly start: number;
  /** Past the last byte; the text's length for the last statement. */
  readonly end: number;
}

export type ParseOutcome =
  | { readonly kind: 'parsed'; readonly statements: readonly ParsedStatement[]; readonly bytes: Buffer }
  | {
      readonly kind: 'error';
      readonly sqlstate: string;
      readonly rule: 'parse' | 'parse-limits' | 'unknown-node';
      readonly message: string;
      /** 0-based byte offset, null when unknown. */
      readonly offset: number | null;
    };

export interface SqlParser {
  readonly major: PostgresMajor;
  parse(sql: string): ParseOutcome;
}

interface Grammar {
  loadModule(): Promise<void>;
  parseSync(sql: string): unknown;
}

const grammars: Readonly<Record<PostgresMajor, () => Promise<Grammar>>> = {
  13: () => import('libpg-query-13'),
  14: () => import('libpg-query-14'),
  15: () => import('libpg-query-15'),
  16: () => import('libpg-query-16'),
  17: () => import('libpg-query-17'),
  18: () => import('libpg-query'),
};

/** Loads the grammar of a server major. Throws AppError INTERNAL when its WebAssembly cannot be started. */
export async function loadParser(major: PostgresMajor): Promise<SqlParser> {
  try {
    const grammar = await grammars[major]();
    await grammar.loadModule();
    return { major, parse: (sql) => parseWith(grammar, sql) };
  } catch (cause) {
    throw new AppError('INTERNAL', { detail: `the grammar of PostgreSQL ${major} does not load`, cause });
  }
}

function tooComplex(message: string): ParseOutcome {
  return { kind: 'error', sqlstate: '54001', rule: 'parse-limits', message, offset: null };
}

function parseWith(grammar: Grammar, sql: string): ParseOutcome {
  const bytes = Buffer.from(sql, 'utf8');
  if (bytes.length > maxSqlBytes) return tooComplex('the statement is longer than 1 MiB');
  if (bytes.includes(0) || !sql.isWellFormed()) {
    return {
      kind: 'error',
      sqlstate: '22021',
      rule: 'parse',
      message: 'invalid character in the statement',
      offset: null,
    };
  }
  if (bracketDepth(bytes) > maxBracketDepth) return tooComplex('the statement is nested too deeply');
  if (sql.trim() === '') return { kind: 'parsed', statements: [], bytes };
  let tree: unknown;
  try {
    tree = grammar.parseSync(sql);
  } catch (error) {
    return parseFailure(error);
  }
  return statementsOf(tree, bytes);
}

function bracketDepth(bytes: Buffer): number {
  let depth = 0;
  let deepest = 0;
  for (const byte of bytes) {
    if (byte === 0x28 || byte === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if ((byte === 0x29 || byte === 0x5d) && depth > 0) depth -= 1;
  }
  return deepest;
}

function parseFailure(error: unknown): ParseOutcome {
  if (error instanceof RangeError) return tooComplex('the statement is nested too deeply');
  const message = error instanceof Error ? error.message : 'the statement cannot be parsed';
  if (message.startsWith('memory exhausted')) return tooComplex('the statement is nested too deeply');
  const details = isNode(error) && isNode(error['sqlDetails']) ? error['sqlDetails'] : null;
  const offset = details === null ? null : number(details, 'cursorPosition');
  return { kind: 'error', sqlstate: '42601', rule: 'parse', message, offset };
}

function statementsOf(tree: unknown, bytes: Buffer): ParseOutcome {
  const statements: ParsedStatement[] = [];
  for (const raw of isNode(tree) ? list(tree, 'stmts') : []) {
    const node = isNode(raw) ? unwrap(raw['stmt']) : null;
    if (node === null || !isNode(raw)) return unknownNode('an empty statement node');
    const start = number(raw, 'stmt_location');
    const length = number(raw, 'stmt_len');
    const end = length === 0 ? bytes.length : start + length;
    statements.push({ node, start, end });
  }
  return { kind: 'parsed', statements, bytes };
}

function unknownNode(what: string): ParseOutcome {
  return {
    kind: 'error',
    sqlstate: '0A000',
    rule: 'unknown-node',
    message: `the statement holds something that is not understood: ${what}`,
    offset: null,
  };
}

/**
 * Whether every node below is of a known type, and none is nested too deeply. Null: all is well.
 * Statement types that the gate judges by their tag alone need not pass this.
 */
export function understands(node: TaggedNode): Extract<ParseOutcome, { kind: 'error' }> | null {
  const unknown = findUnknown(node, maxTreeDepth);
  if (unknown === null) return null;
  const outcome =
    unknown.what === 'depth' ? tooComplex('the statement is nested too deeply') : unknownNode(unknown.name);
  return outcome.kind === 'error' ? outcome : null;
}
