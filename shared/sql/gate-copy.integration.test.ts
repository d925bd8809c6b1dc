import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { supportedMajors } from '../domain/postgres-version.ts';
import { MaskedShop, secrets } from '../testing/masked-shop.ts';

const run = promisify(execFile);

const copiesOut = [
  'COPY customers TO STDOUT',
  'COPY public.customers (email, id) TO STDOUT WITH (FORMAT csv, HEADER, FORCE_QUOTE *)',
  `COPY customers (id, ssn, salary) TO STDOUT WITH DELIMITER ';' NULL 'nothing'`,
  'COPY customers TO STDOUT (FORMAT binary)',
  'COPY BINARY customers (id, email) TO STDOUT',
  'COPY (SELECT email, count(*) FROM customers GROUP BY email) TO STDOUT CSV HEADER',
  'COPY (TABLE customers) TO STDOUT (FORMAT binary)',
  `COPY (UPDATE customers SET note = 'c' WHERE ssn > '' RETURNING *) TO STDOUT`,
  'COPY (WITH w AS (DELETE FROM customers RETURNING email) SELECT * FROM w) TO STDOUT (FORMAT csv)',
  'COPY orders TO STDOUT',
];

const copiesIn = [
  { sql: 'COPY customers (id, name, note) FROM STDIN', data: '50\ta\tb\n51\t\\N\tc\n' },
  { sql: 'COPY customers (note, id) FROM STDIN (FORMAT csv, HEADER)', data: 'note,id\n"x,y",60\n' },
  { sql: `COPY public.customers (id) FROM STDIN WHERE id > 70`, data: '70\n71\n72\n' },
];

describe.each(supportedMajors)('COPY through the gate in front of PostgreSQL %i', (major) => {
  let shop: MaskedShop;

  beforeAll(async () => {
    shop = await MaskedShop.start(major);
  });

  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
  });

  /** The bytes that psql gets for these commands, in hex, in a transaction that is rolled back. */
  const bytesOf = async (schema: string, commands: readonly string[]): Promise<string> => {
    const script = ['BEGIN', ...commands, 'ROLLBACK'].flatMap((command) => ['-c', command]);
    const { stdout } = await run('psql', ['-X', '-q', '-t', '-A', ...script, shop.server.dsn('shop')], {
      encoding: 'buffer',
      env: { ...process.env, PGOPTIONS: `-c search_path=${schema}` },
    });
    return stdout.toString('hex');
  };

  test.each(copiesOut)('%s gives the bytes of the masks', async (sql) => {
    const actual = await bytesOf('public', [shop.rewritten(sql)]);
    expect(actual).not.toBe('');
    expect(actual).toBe(await bytesOf('expected', [sql.replaceAll('public.', 'expected.')]));
    const shown = Buffer.from(actual, 'hex').toString('latin1');
    expect(secrets.filter((secret) => shown.includes(secret) || actual.includes(secret))).toEqual([]);
  });

  test.each(copiesIn)('$sql brings the rows', async ({ sql, data }) => {
    const after = 'SELECT * FROM customers ORDER BY id';
    const bring = (copy: string): string => `\\copy ${copy.replace(/^COPY/, '')}`;
    const shown = async (schema: string, copy: string, query: string): Promise<string> => {
      const script = ['BEGIN', bring(copy), query, 'ROLLBACK'].flatMap((command) => ['-c', command]);
      const child = run('psql', ['-X', '-q', '-t', '-A', ...script, shop.server.dsn('shop')], {
        env: { ...process.env, PGOPTIONS: `-c search_path=${schema}` },
      });
      child.child.stdin?.end(data);
      return (await child).stdout;
    };
    const actual = await shown('public', shop.rewritten(sql), shop.rewritten(after));
    expect(actual).toBe(await shown('expected', sql.replaceAll('public.', 'expected.'), after));
    expect(actual).toMatch(/^(?:51|60|71)\|/m);
  });
});
