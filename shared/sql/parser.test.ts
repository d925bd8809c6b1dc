import { describe, expect, test } from 'vitest';
import { supportedMajors } from '../domain/postgres-version.ts';
import { loadParser, maxSqlBytes, type SqlParser, understands } from './parser.ts';

const parsers = await Promise.all(supportedMajors.map(async (major) => loadParser(major)));
const newest = parsers.at(-1) as SqlParser;

function problemOf(sql: string): string {
  const outcome = newest.parse(sql);
  return outcome.kind === 'error' ? `${outcome.rule} ${outcome.sqlstate}` : 'parsed';
}

describe.each(parsers)('the grammar of PostgreSQL $major', (parser) => {
  test('splits a text into statements with byte offsets', () => {
    const outcome = parser.parse(`select 'é'; select 2`);
    if (outcome.kind !== 'parsed') throw new TypeError('not parsed');
    expect(outcome.statements.map((statement) => statement.node.tag)).toEqual(['SelectStmt', 'SelectStmt']);
    expect(outcome.statements[1]?.end).toBe(21);
  });

  test('gives no statement for an empty text or a comment', () => {
    for (const sql of ['', ' \n', '-- nothing', '/* nothing */ ;']) {
      expect(parser.parse(sql)).toMatchObject({ kind: 'parsed', statements: [] });
    }
  });

  test('tells where a syntax error is', () => {
    expect(parser.parse('select from where')).toMatchObject({ kind: 'error', sqlstate: '42601', offset: 12 });
  });

  test('understands queries and writes down to the last field', () => {
    const sql = `WITH a AS MATERIALIZED (SELECT 1) SELECT DISTINCT ON (x) x::text, 'a' COLLATE "C", ARRAY[1, 2], ROW(1, 2),
      CASE x WHEN 1 THEN 2 END, count(*) FILTER (WHERE true) OVER (PARTITION BY y ORDER BY z ROWS 1 PRECEDING),
      (SELECT 1), xmlelement(name a, b), grouping(x), interval '1 day', x[1:2], (c).d, b'1', 1.5, NULL, true
      FROM a, LATERAL f(1) WITH ORDINALITY AS g(h), ROWS FROM (f(1) AS (i int)) j, b JOIN c USING (d)
      WHERE x IN (1, 2) AND y = ANY ($1) AND z IS DISTINCT FROM 1 AND EXISTS (SELECT 1)
      GROUP BY ROLLUP (x) HAVING true WINDOW w AS () ORDER BY x USING < LIMIT 1 OFFSET 2 FOR UPDATE OF b SKIP LOCKED;
      INSERT INTO t (a) VALUES (DEFAULT) ON CONFLICT (a) WHERE true DO UPDATE SET (b, c) = (1, 2) RETURNING *;
      UPDATE t SET a[1] = 1 WHERE CURRENT OF c; DELETE FROM t USING u RETURNING 1;
      SELECT * FROM xmltable('/a' PASSING x COLUMNS b int PATH 'c', d FOR ORDINALITY)`;
    const outcome = parser.parse(sql);
    if (outcome.kind !== 'parsed') throw new TypeError(outcome.message);
    for (const { node } of outcome.statements) expect(understands(node)).toBeNull();
  });
});

describe('what is refused before and after the grammar', () => {
  test('a NUL and half a surrogate pair', () => {
    expect(problemOf('select 1\u0000; drop table x')).toBe('parse 22021');
    expect(problemOf(`select '\ud800'`)).toBe('parse 22021');
  });

  test('a text over the size ceiling', () => {
    expect(problemOf(`select '${'x'.repeat(maxSqlBytes)}'`)).toBe('parse-limits 54001');
  });

  test('brackets, prefix operators and set operations nested too deeply', () => {
    expect(problemOf(`select ${'('.repeat(600)}1${')'.repeat(600)}`)).toBe('parse-limits 54001');
    expect(problemOf(`select ${'not '.repeat(50_000)}true`)).toBe('parse-limits 54001');
    expect(problemOf(`select ${'1+'.repeat(20_000)}1`)).toBe('parse-limits 54001');
  });

  test('the grammar works as before after texts that were too deep', () => {
    for (let round = 0; round < 2; round += 1) problemOf(`select ${'1+'.repeat(20_000)}1`);
    expect(problemOf('select 1')).toBe('parsed');
  });

  test('a tree with a node type that is not known', () => {
    const unknown = { tag: 'SelectStmt', body: { targetList: [{ Mystery: {} }] }, wrapper: null };
    expect(understands(unknown)).toMatchObject({ rule: 'unknown-node' });
    const field = { tag: 'SelectStmt', body: { mystery: true }, wrapper: null };
    expect(understands(field)).toMatchObject({ rule: 'unknown-node' });
  });

  test('grammars differ as the servers do', () => {
    const [oldest] = parsers;
    expect(oldest?.parse('select 123abc').kind).toBe('parsed');
    expect(newest.parse('select 123abc').kind).toBe('error');
    expect(oldest?.parse('merge into t using s on true when matched then delete').kind).toBe('error');
  });
});
