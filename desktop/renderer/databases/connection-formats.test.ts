import { describe, expect, it } from 'vitest';
import type { LocalAddress } from '../../ipc/schema.ts';
import { connectionFormats, findFormat } from './connection-formats.ts';

const plain: LocalAddress = { host: '127.0.0.1', port: 54_310, user: 'mina', database: 'orders' };
const write = (id: string, address: LocalAddress): string => findFormat(id).write(address);
const hostile = [
  `o'brien`,
  'a b',
  'x"; rm -rf "$HOME',
  '`id`',
  '$(id)',
  'a@b:c/d?e#f&g=h',
  String.raw`back\slash`,
  '%41',
  'naïve 数据',
  '!!',
];

describe('connection formats', () => {
  it.each([
    ['psql', 'psql "host=127.0.0.1 port=54310 dbname=orders user=mina sslmode=disable"'],
    ['uri', 'postgresql://mina@127.0.0.1:54310/orders?sslmode=disable'],
    ['libpq', 'host=127.0.0.1 port=54310 dbname=orders user=mina sslmode=disable'],
    ['jdbc', 'jdbc:postgresql://127.0.0.1:54310/orders?user=mina&sslmode=disable'],
    ['env', 'DATABASE_URL=postgresql://mina@127.0.0.1:54310/orders?sslmode=disable'],
    ['prisma', 'postgresql://mina@127.0.0.1:54310/orders?schema=public&sslmode=disable'],
    ['sqlalchemy', 'postgresql+psycopg://mina@127.0.0.1:54310/orders?sslmode=disable'],
    ['npgsql', 'Host=127.0.0.1;Port=54310;Database=orders;Username=mina;SSL Mode=Disable'],
    [
      'odbc',
      'Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=54310;Database=orders;Uid=mina;SSLmode=disable',
    ],
    ['service', '[orders]\nhost=127.0.0.1\nport=54310\ndbname=orders\nuser=mina\nsslmode=disable'],
    ['docker', 'postgresql://mina@host.docker.internal:54310/orders?sslmode=disable'],
  ])('write %s as clients read it', (id, text) => {
    expect(write(id, plain)).toBe(text);
  });

  it.each(hostile)('keep the name %s in a URI', (name) => {
    const url = new URL(write('uri', { ...plain, user: name, database: name }));
    expect(decodeURIComponent(url.username)).toBe(name);
    expect(decodeURIComponent(url.pathname.slice(1))).toBe(name);
    expect([url.hostname, url.port, url.search, url.hash]).toEqual([
      '127.0.0.1',
      '54310',
      '?sslmode=disable',
      '',
    ]);
  });

  it.each(hostile)('keep the name %s in keywords', (name) => {
    const values = readKeywords(write('libpq', { ...plain, user: name, database: name }));
    expect(values).toEqual({
      host: '127.0.0.1',
      port: '54310',
      dbname: name,
      user: name,
      sslmode: 'disable',
    });
  });

  it.each(hostile)('give psql the name %s as one argument of a POSIX shell', (name) => {
    const [program, argument, ...more] = readShellWords(write('psql', { ...plain, database: name }));
    expect([program, more]).toEqual(['psql', []]);
    expect(readKeywords(argument ?? '')['dbname']).toBe(name);
  });

  it.each(hostile)('leave nothing for a shell to read in .env with the name %s', (name) => {
    expect(write('env', { ...plain, user: name, database: name })).toMatch(/^DATABASE_URL=[\w%:/@.?=~-]+$/);
  });

  it.each(hostile)('keep the name %s in what JavaScript and Python read', (name) => {
    const address = { ...plain, user: name, database: name };
    const written = /database: ("(?:[^"\\]|\\.)*")/.exec(write('node', address))?.[1] ?? '';
    expect(JSON.parse(written)).toBe(name);
    const dictionary = /^DATABASES = (.*)$/s.exec(write('django', address))?.[1] ?? '';
    expect(JSON.parse(dictionary)).toMatchObject({ default: { NAME: name, USER: name, PORT: 54_310 } });
  });

  it.each([...hostile, 'a;b', '{x}', '"'])('keep the name %s in Npgsql and ODBC', (name) => {
    const address = { ...plain, user: 'mina', database: name };
    const quoted = /Database=(?:"((?:[^"]|"")*)"|([^;]*));Username=mina/.exec(write('npgsql', address));
    expect(quoted?.[1]?.replaceAll('""', '"') ?? quoted?.[2]).toBe(name);
    const braced = /Database=(?:\{((?:[^}]|\}\})*)\}|([^;]*));Uid=mina/.exec(write('odbc', address));
    expect(braced?.[1]?.replaceAll('}}', '}') ?? braced?.[2]).toBe(name);
  });

  it('never let a name begin a line of its own in pg_service.conf', () => {
    const text = write('service', { ...plain, database: 'a\n[other]\nhost=evil' });
    expect(text.split('\n')).toHaveLength(6);
    expect(text.split('\n')[0]).toBe('[a _other_ host=evil]');
  });

  it('put an IPv6 address in brackets', () => {
    expect(new URL(write('uri', { ...plain, host: '::1' })).hostname).toBe('[::1]');
  });

  it('fall back to psql when the format of before is gone', () => {
    expect(findFormat('gone')).toBe(connectionFormats[0]);
    expect(findFormat(null).id).toBe('psql');
  });
});

/** libpq's own rules: a value is bare or in single quotes, and a backslash takes the next character as it is. */
function readKeywords(text: string): Record<string, string> {
  const pattern = /(\w+)=(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?:\s+|$)/gy;
  const values: Record<string, string> = {};
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    values[match[1] ?? ''] = (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1');
    end = match.index + match[0].length;
  }
  expect(end).toBe(text.length);
  return values;
}

/** Words of a POSIX shell; what a shell would expand, outside single quotes, fails the test. */
function readShellWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let rest = text;
  while (rest !== '') {
    const part = /^'([^']*)'|^"([^"$`\\!]*)"|^\\(.)|^([\w=.:/-]+)|^( +)/.exec(rest);
    if (part === null) throw new Error(`a shell would read more into ${rest}`);
    if (part[5] === undefined) word += part[1] ?? part[2] ?? part[3] ?? part[4] ?? '';
    else {
      words.push(word);
      word = '';
    }
    rest = rest.slice(part[0].length);
  }
  return [...words, word];
}
