import { describe, expect, test } from 'vitest';
import { loadParser } from '../parser.ts';
import type { OwnParameter } from '../verdict.ts';
import { piecesOf } from './pieces.ts';
import { Refusal } from './refusal.ts';

const parser = await loadParser(18);
const key: readonly OwnParameter[] = [{ kind: 'pseudonym-inner', number: 1 }];

function ruleOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.reason.rule;
    throw error;
  }
}

describe('a text in pieces', () => {
  test('is none where no statement takes a parameter of the agent', () => {
    expect(piecesOf(parser, 'SELECT 1; SELECT 2', [[], []])).toBeNull();
  });

  test('of one statement is the text as it stands', () => {
    const sql = ' SELECT $1 ; -- end';
    expect(piecesOf(parser, sql, [key])).toEqual([{ sql, parameters: key }]);
  });

  test('has each statement with its own parameters', () => {
    expect(piecesOf(parser, 'SELECT 1; SELECT $1', [[], key])).toEqual([
      { sql: 'SELECT 1', parameters: [] },
      { sql: 'SELECT $1', parameters: key },
    ]);
  });

  test.each(['SELECT 1', 'SELECT 1; SELECT 2; SELECT 3', 'SELEKT'])(
    'is refused when it does not hold as many statements as were judged: %s',
    (sql) => {
      expect(ruleOf(() => piecesOf(parser, sql, [key, []]))).toBe('rewrite-verification');
    },
  );

  test('holds no COPY, which the extended protocol has no rows for', () => {
    expect(ruleOf(() => piecesOf(parser, 'SELECT $1; COPY t TO STDOUT', [key, []]))).toBe('pseudonym-copy');
  });
});
