import { describe, expect, it } from 'vitest';
import type { LocalAddress } from '../../ipc/schema.ts';
import { createRequire } from 'node:module';
import { parseEnv } from 'node:util';
import { runInNewContext } from 'node:vm';
import { parse } from 'pg-connection-string';
import { percent } from '../../ipc/connection-texts.ts';
import { connectionFormats, findFormat, formatsFor, passwordShown } from './connection-formats.ts';

const require = createRequire(import.meta.url);
const ini = require('ini') as { parse: (text: string) => Record<string, Record<string, string>> };

const plain: LocalAddress = { host: '127.0.0.1', port: 54_310, user: 'mina', database: 'orders' };
const write = (id: string, address: LocalAddress, password: string | null = null): string =>
  findFormat(id).write(address, password) ?? `not sayable in ${id}`;
const socket: LocalAddress = { ...plain, host: '/home/mina/.config/daam/sockets' };
const every = (address: LocalAddress, password: string | null = null): string[] =>
  connectionFormats.map(({ write: say }) => say(address, password)).filter((text) => text !== null);
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

  it.each(['a\nrm -rf ~\n', 'a\rb', '\u001B[201~id', 'a\u0085b'])(
    'leave %j out of what is pasted into a terminal',
    (name) => {
      for (const at of [
        { ...plain, database: name },
        { ...plain, user: name },
      ])
        for (const id of ['psql', 'libpq', 'pgx']) expect(findFormat(id).write(at, null)).toBeNull();
      // eslint-disable-next-line no-control-regex -- they are what is looked for
      expect(write('dbeaver', { ...plain, database: name })).not.toMatch(/\p{Cc}/u);
    },
  );

  it('never let a name begin a line of its own in pg_service.conf', () => {
    expect(findFormat('service').write({ ...plain, database: 'a\n[other]\nhost=evil' }, null)).toBeNull();
    expect(write('service', { ...plain, database: 'a]b[c' }).split('\n')[0]).toBe('[a_b_c]');
  });

  it.each(hostile)('say the name %s to node-postgres by every URI', (name) => {
    const address = { ...plain, user: name, database: name };
    for (const at of [address, { ...socket, user: name, database: name }]) {
      const texts = [
        write('uri', at, 'p:w@'),
        write('prisma', at, 'p:w@'),
        write('sqlalchemy', at, 'p:w@').replace('+psycopg', ''),
        parseEnv(write('env', at, 'p:w@'))['DATABASE_URL'] ?? '',
      ];
      if (at === address) texts.push(write('tableplus', at, 'p:w@'), write('docker', at, 'p:w@'));
      for (const text of texts) {
        const read = parse(text);
        // It reads the path by decodeURI, which leaves these encoded: such names are for the object format.
        expect([read.user, read.password, read.port]).toEqual([name, 'p:w@', '54310']);
        expect([name, decodeURI(percent(name))]).toContain(read.database);
        expect([at.host, 'host.docker.internal']).toContain(read.host);
      }
    }
  });

  it.each(hostile)('say the name %s to JDBC, DataGrip, JavaScript, PHP and DBeaver', (name) => {
    const address = { ...plain, user: name, database: name };
    const url = new URL(write('jdbc', address, 'p&w').slice('jdbc:'.length));
    expect(decodeURIComponent(url.pathname.slice(1))).toBe(name);
    expect(Object.fromEntries(url.searchParams)).toEqual({ user: name, password: 'p&w', sslmode: 'disable' });
    expect(write('datagrip', address)).toBe(write('jdbc', address));
    const object = runInNewContext(`(${write('node', address, 'p"w')})`) as Record<string, unknown>;
    expect({ ...object }).toMatchObject({
      user: name,
      database: name,
      password: 'p"w',
      port: 54_310,
      ssl: false,
    });
    // A name with a semicolon PDO cannot be told.
    const said = write('pdo', { ...address, database: name.replaceAll(';', ',') }, `p'w`);
    const [dsn, user, password] = readPhpStrings(said);
    const read = readKeywords((dsn ?? '').slice('pgsql:'.length).replaceAll(';', ' '));
    expect([read['dbname'], user, password]).toEqual([name.replaceAll(';', ','), name, `p'w`]);
    const [program, option, argument] = readShellWords(write('dbeaver', address));
    expect([program, option]).toEqual(['dbeaver', '-con']);
    expect(argument?.split('|')).toContain(`database=${name}`);
  });

  it.each(hostile)('keep the name %s in a service file and a password file', (name) => {
    const lines = write('service', { ...plain, user: name, database: name }).split('\n');
    expect(lines).toContain(`dbname=${name}`);
    expect(lines).toContain(`user=${name}`);
    const fields = readPasswordLine(
      write('pgpass', { ...plain, user: name, database: name }, String.raw`p:\w`),
    );
    expect(fields).toEqual(['127.0.0.1', '54310', name, name, String.raw`p:\w`]);
  });

  it('make a section that an INI reader takes too', () => {
    const [section] = Object.values(
      ini.parse(write('service', { ...plain, user: 'naïve 数据', database: 'a b' })),
    );
    expect(section).toMatchObject({
      dbname: 'a b',
      user: 'naïve 数据',
      host: '127.0.0.1',
      sslmode: 'disable',
    });
  });

  it('are not offered for what they cannot say', () => {
    const ids = (address: LocalAddress, hasPassword = false): string[] =>
      formatsFor(address, hasPassword).map(({ id }) => id);
    const all = connectionFormats.map(({ id }) => id);
    expect(ids(plain, true)).toEqual(all);
    expect(ids(plain)).toEqual(all.filter((id) => id !== 'pgpass'));
    expect(ids(socket, true)).toEqual(
      all.filter((id) => !['jdbc', 'dbeaver', 'datagrip', 'tableplus'].includes(id)),
    );
    expect(ids({ ...plain, database: 'a;b' })).not.toContain('pdo');
    for (const database of ['a|password=x', '${user}'])
      expect(ids({ ...plain, database })).not.toContain('dbeaver');
    for (const database of ['two\nlines', 'ends ', 'é'.repeat(600)])
      expect(ids({ ...plain, database })).not.toContain('service');
    expect(ids({ ...plain, database: 'two\nlines' }, true)).not.toContain('pgpass');
  });

  it('have the password where there is one, none among the arguments of psql and DBeaver, and none else', () => {
    expect(write('psql', plain, 's3cret')).toBe(
      'PGPASSWORD=s3cret psql "host=127.0.0.1 port=54310 dbname=orders user=mina sslmode=disable"',
    );
    const without = ['service', 'dbeaver'];
    const withIt = (password: string): string[] =>
      connectionFormats
        .filter(({ write: say }) => (say(plain, password) ?? '').includes(password))
        .map(({ id }) => id);
    const all = connectionFormats.map(({ id }) => id).filter((id) => !without.includes(id));
    expect(withIt('s3cret')).toEqual(all);
    for (const text of every(plain)) expect(text).not.toMatch(/passw|pwd/i);
    // What is shown in the password's place is the same in every format, so that a person can find it.
    expect(withIt(passwordShown)).toEqual(all);
  });

  it('give libpq the folder of a Unix socket as the host', () => {
    expect(write('uri', socket)).toBe(
      'postgresql://mina@/orders?host=%2Fhome%2Fmina%2F.config%2Fdaam%2Fsockets&port=54310&sslmode=disable',
    );
    expect(readKeywords(write('libpq', socket))['host']).toBe(socket.host);
    expect(readShellWords(write('docker', socket)).slice(0, 4)).toEqual([
      'docker',
      'run',
      '--volume',
      `${socket.host}:${socket.host}`,
    ]);
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

/** PHP's single-quoted strings: a backslash is for itself and the quote alone. */
function readPhpStrings(text: string): string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, inside = '']) =>
    inside.replaceAll(/\\(['\\])/g, '$1'),
  );
}

/** Fields of a password file: a backslash takes the next character as it is (libpq docs, 34.16). */
function readPasswordLine(line: string): string[] {
  return [...line.matchAll(/((?:[^\\:]|\\.)*)(?::|$)/g)]
    .slice(0, 5)
    .map(([, field = '']) => field.replaceAll(/\\(.)/g, '$1'));
}
