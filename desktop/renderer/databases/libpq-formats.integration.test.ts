/** What libpq itself makes of the formats that are for it: psql is started on each, at a server that keeps what it is told. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceName } from '../../ipc/connection-texts.ts';
import type { LocalAddress } from '../../ipc/schema.ts';
import { findFormat } from './connection-formats.ts';

const hasPsql = spawnSync('psql', ['--version']).status === 0;
const hostile = [
  'orders',
  `o'brien "x"; rm -rf "$HOME" \`id\` $(id)`,
  'a@b:c/d?e#f&g=h %41 !!',
  String.raw` #leads, back\slash\\`,
  'naïve 数据',
];
const password = `p'w:\\ "$x"`;

let server: Server;
let folder: string;
let told: { user: string; database: string; password: string } | null = null;
const address = (name: string): LocalAddress => ({
  host: '127.0.0.1',
  port: (server.address() as AddressInfo).port,
  user: name,
  database: name,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-libpq-'));
  server = createServer((client) => {
    let bytes = Buffer.alloc(0);
    client.on('error', () => {});
    client.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 8 || bytes.length < bytes.readUInt32BE(0)) return;
      const start = bytes.subarray(8, bytes.readUInt32BE(0)).toString().split('\0');
      const rest = bytes.subarray(bytes.readUInt32BE(0));
      const valueOf = (key: string): string => start[start.indexOf(key) + 1] ?? '';
      // AuthenticationCleartextPassword, then PasswordMessage is what there is to see.
      if (rest.length === 0) client.write(Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 3]));
      else {
        const said = rest.subarray(5, -1).toString();
        told = { user: valueOf('user'), database: valueOf('database'), password: said };
        client.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function run(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<typeof told> {
  told = null;
  const own = { PATH: process.env['PATH'] ?? '', HOME: folder, PGCONNECT_TIMEOUT: '10', ...env };
  // psql fails: the server goes away when it has heard what it was told.
  await new Promise<void>((resolve) => void execFile(file, args, { env: own }, () => resolve()));
  return told;
}

const write = (id: string, at: LocalAddress): string => findFormat(id).write(at, password) ?? '';

describe.skipIf(!hasPsql)('libpq', () => {
  it.each(hostile)('is told the name %s and the password by every format that is for it', async (name) => {
    const at = address(name);
    const wanted = { user: name, database: name, password };
    expect(await run('sh', ['-c', `${write('psql', at)} -c ''`])).toEqual(wanted);
    expect(await run('psql', ['-c', '', write('libpq', at)])).toEqual(wanted);
    expect(await run('psql', ['-c', '', write('uri', at)])).toEqual(wanted);
    const env = parseEnv(write('env', at))['DATABASE_URL'] ?? '';
    expect(await run('psql', ['-c', '', env])).toEqual(wanted);
    const files = { PGSERVICEFILE: join(folder, 'service'), PGPASSFILE: join(folder, 'pass') };
    await writeFile(files.PGSERVICEFILE, `[other]\nhost=192.0.2.1\n${write('service', at)}\n`);
    await writeFile(files.PGPASSFILE, `192.0.2.1:*:*:*:no\n${write('pgpass', at)}\n`, { mode: 0o600 });
    const asked = `service='${serviceName(name).replaceAll(/['\\]/g, String.raw`\$&`)}'`;
    expect(await run('psql', ['-c', '', asked], files)).toEqual(wanted);
  });
});
