import { expect, test } from 'vitest';
import { splitScript } from './split-script.ts';

test('statements end at semicolons outside of quotes, comments and bodies', () => {
  const script = [
    `SELECT ';' AS "a;b"; -- not; here`,
    `SELECT $x$ ; $x$, E'\\';' /* ; /* ; */ */;`,
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;',
    'SELECT 3',
  ].join('\n');
  const statements = splitScript(script);
  expect(statements).toHaveLength(4);
  expect(statements[2]).toMatch(/^CREATE FUNCTION .* END$/);
});

test('what is for psql is left out', () => {
  const script = [
    '\\set x 1',
    'COPY t FROM STDIN;',
    '1\tdata;',
    '\\.',
    'SELECT :x;',
    'SELECT a::int \\gset',
    'SELECT 1;',
  ];
  expect(splitScript(script.join('\n'))).toEqual(['COPY t FROM STDIN', 'SELECT a::int', 'SELECT 1']);
});
