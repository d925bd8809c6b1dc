import { describe, expect, test } from 'vitest';
import { verdictGate, verdictLines } from '../../testing/verdict-files.ts';
import type { AstNode } from '../ast/node.ts';
import type { SqlParser } from '../parser.ts';

/**
 * What no grammar of today gives: kinds of nodes in places where they never stand, positions at which there is no
 * token, texts of the gate's own that do not parse. The gate refuses them all, so that a new grammar or a fault in
 * finding tokens costs a statement and never a mask.
 */

type Change = (tree: Record<string, AstNode>) => unknown;

/** A parser that gives the client's text a changed tree. */
function changing(sql: string, change: Change): (parser: SqlParser) => SqlParser {
  return (parser) => ({
    ...parser,
    parse: (text) => {
      const outcome = parser.parse(text);
      if (text !== sql || outcome.kind !== 'parsed') return outcome;
      const statements = outcome.statements.map((statement) => {
        const wrapper = structuredClone(statement.node.wrapper) as Record<string, AstNode>;
        change(wrapper);
        const { tag } = statement.node;
        return { ...statement, node: { tag, body: wrapper[tag] ?? {}, wrapper } };
      });
      return { ...outcome, statements };
    },
  });
}

/** A parser that understands the client's text alone. */
function understandingOnly(sql: string): (parser: SqlParser) => SqlParser {
  return (parser) => ({
    ...parser,
    parse: (text) =>
      text === sql
        ? parser.parse(text)
        : { kind: 'error', sqlstate: '42601', rule: 'parse', message: 'no', offset: null },
  });
}

async function judged(sql: string, wrap: (parser: SqlParser) => SqlParser): Promise<readonly string[]> {
  return verdictLines(await verdictGate(18, wrap), 18, { sql, settings: '' });
}

/** Moves every position below to where no token stands. */
function displace(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('location' in value) Object.assign(value, { location: 100_000 });
  for (const inner of Object.values(value)) displace(inner);
}

const unknown = 'deny unknown-node 0A000, in';

describe('kinds of nodes in places where they never stand are refused', () => {
  test.each<readonly [string, Change, string]>([
    [
      'EXPLAIN SELECT 1',
      ({ ExplainStmt }) => set(ExplainStmt, 'query', { CallStmt: {} }),
      `${unknown} EXPLAIN`,
    ],
    ['EXPLAIN SELECT 1', ({ ExplainStmt }) => set(ExplainStmt, 'query', {}), `${unknown} EXPLAIN`],
    [
      'COPY (SELECT 1) TO STDOUT',
      ({ CopyStmt }) => set(CopyStmt, 'query', { CallStmt: {} }),
      `${unknown} COPY`,
    ],
    ['COPY orders TO STDOUT', ({ CopyStmt }) => set(CopyStmt, 'relation', undefined), `${unknown} COPY`],
    ['DISCARD ALL', ({ DiscardStmt }) => set(DiscardStmt, 'target', 'DISCARD_MORE'), `${unknown} DISCARD`],
    [
      'SET search_path TO sales',
      ({ VariableSetStmt }) => set(VariableSetStmt, 'args', [{ A_Const: { isnull: true } }]),
      'deny set-parameter 3F000 at 1, in VARIABLE SET',
    ],
  ])('%s', async (sql, change, verdict) => {
    expect(await judged(sql, changing(sql, change))).toEqual([verdict]);
  });
});

describe('names of relations that stand where an expression does are refused', () => {
  test.each(['RangeVar', 'IntoClause'])('%s', async (tag) => {
    const sql = 'SELECT lower($1)';
    const stray = changing(sql, ({ SelectStmt }) =>
      set(SelectStmt, 'targetList', [{ ResTarget: { val: { [tag]: {} } } }]),
    );
    expect(await judged(sql, stray)).toEqual(['deny unknown-node 0A000 at 1, in SELECT']);
  });
});

describe('a grammar that fails', () => {
  const failing =
    (error: Error) =>
    (parser: SqlParser): SqlParser => ({
      ...parser,
      parse: () => {
        throw error;
      },
    });

  test('for want of stack refuses the statement', async () => {
    expect(await judged('SELECT 1', failing(new RangeError('Maximum call stack size exceeded')))).toEqual([
      'deny parse-limits 54001',
    ]);
  });

  test('in any other way is a fault of ours, and is told as it is', async () => {
    await expect(judged('SELECT 1', failing(new TypeError('lost')))).rejects.toThrow('lost');
  });

  test('without a place tells none', async () => {
    const wrap = (parser: SqlParser): SqlParser => ({
      ...parser,
      parse: () => ({ kind: 'error', sqlstate: '54001', rule: 'parse-limits', message: 'no', offset: null }),
    });
    expect(await judged('SELECT 1', wrap)).toEqual(['deny parse-limits 54001']);
  });

  test('within the walk is a fault of ours too', async () => {
    const sql = 'LOCK TABLE customers IN ACCESS SHARE MODE';
    const wrap = (parser: SqlParser): SqlParser => ({
      ...parser,
      parse: (text) => {
        if (text === sql) return parser.parse(text);
        throw new TypeError('lost');
      },
    });
    await expect(judged(sql, wrap)).rejects.toThrow('lost');
  });
});

function set(node: AstNode | undefined, name: string, value: unknown): void {
  Object.assign(node ?? {}, { [name]: value });
  if (value === undefined) Reflect.deleteProperty(node ?? {}, name);
}

const refused = /^deny rewrite-verification /;

/** Statements that are rewritten, each by another part of the gate. */
const rewritten = [
  'SET search_path TO sales, public',
  "SELECT set_config('search_path', 'sales', false)",
  'SET row_security = off',
  'COPY customers (id, email) TO STDOUT',
  'COPY BINARY customers TO STDOUT',
  'SELECT public.customers.email FROM public.customers',
  'SELECT email FROM customers TABLESAMPLE system (1) REPEATABLE (2)',
  'UPDATE sales SET note = $1 WHERE id = 1',
];

describe('a rewrite that finds no tokens is refused', () => {
  test.each(rewritten)('%s', async (sql) => {
    expect(await judged(sql, changing(sql, displace))).toEqual([expect.stringMatching(refused)]);
  });
});

describe('a rewrite whose own text does not parse is refused', () => {
  test.each([...rewritten, 'LOCK TABLE customers IN ACCESS SHARE MODE'])('%s', async (sql) => {
    expect(await judged(sql, understandingOnly(sql))).toEqual([expect.stringMatching(refused)]);
  });
});
