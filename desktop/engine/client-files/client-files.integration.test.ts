import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalAddress } from '../../ipc/schema.ts';
import { ClientFiles } from './client-files.ts';

const database = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10';
const address: LocalAddress = { host: '127.0.0.1', port: 54_310, user: 'mina', database: 'shop' };
const service = { database, file: 'service', want: 'present' } as const;
const password = { database, file: 'password', want: 'present' } as const;
const foreign = '[mine]\nhost=db\npassword=canary-of-others\n';

let home: string;
let secret: Secret | null;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'daam-home-'));
  secret = new Secret('canary-local-password');
});
afterEach(async () => await rm(home, { recursive: true }));

const files = (): ClientFiles => new ClientFiles({ home, platform: 'linux', password: async () => secret });
const at = (name: string): string => join(home, name);
const read = async (name: string): Promise<string> => await readFile(at(name), 'utf8');
const modeOf = async (name: string): Promise<number> => (await stat(at(name))).mode & 0o777;

async function write(
  asked: Parameters<ClientFiles['preview']>[0],
  to: LocalAddress | null = address,
): Promise<void> {
  const { basis } = await files().preview(asked, to);
  await files().write({ ...asked, basis }, to);
}

describe('the files of libpq', () => {
  it('get what was shown first and nothing else, and give it back', async () => {
    await writeFile(at('.pg_service.conf'), foreign, { mode: 0o644 });
    const shown = await files().preview(service, address);
    expect(shown).toMatchObject({ path: at('.pg_service.conf'), removed: [], otherLines: 3 });
    expect(shown.added).toContain('[shop]');
    expect(JSON.stringify(shown)).not.toContain('canary');
    expect(await read('.pg_service.conf')).toBe(foreign);
    await files().write({ ...service, basis: shown.basis }, address);
    expect(await read('.pg_service.conf')).toBe(`${foreign}${shown.added.join('\n')}\n`);
    expect(await modeOf('.pg_service.conf')).toBe(0o644);
    expect(await files().preview(service, address)).toMatchObject({ removed: [], added: [] });
    // Another port is another block, and taking it out needs no connection.
    expect((await files().preview(service, { ...address, port: 1_234 })).added).toContain('port=1234');
    await write({ ...service, want: 'absent' }, null);
    expect(await read('.pg_service.conf')).toBe(foreign);
    expect(await readdir(home)).toEqual(['.pg_service.conf']);
  });

  it('hold the password only where there is one, for the person alone, and never show it', async () => {
    await writeFile(at('.pgpass'), 'db:*:*:me:canary-of-others\n');
    await chmod(at('.pgpass'), 0o644);
    const shown = await files().preview(password, address);
    expect(JSON.stringify(shown)).not.toContain('canary');
    expect(shown.added).toContain('127.0.0.1:54310:shop:mina:********');
    await write(password);
    expect(await read('.pgpass')).toContain('127.0.0.1:54310:shop:mina:canary-local-password\n');
    expect(await modeOf('.pgpass')).toBe(0o600);
    // One of before is not shown either.
    secret = new Secret('another');
    expect(JSON.stringify(await files().preview(password, address))).not.toContain('canary');
    secret = null;
    await expect(files().preview(password, address)).rejects.toMatchObject({ code: 'CONFLICT' });
    await write({ ...password, want: 'absent' });
    expect(await read('.pgpass')).toBe('db:*:*:me:canary-of-others\n');
  });

  it('are made where there is none, for the person alone', async () => {
    await write(service);
    await write(password);
    expect([await modeOf('.pg_service.conf'), await modeOf('.pgpass')]).toEqual([0o600, 0o600]);
  });

  it('are not written when they are other ones by now', async () => {
    const { basis } = await files().preview(service, address);
    await writeFile(at('.pg_service.conf'), foreign);
    await expect(files().write({ ...service, basis }, address)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await read('.pg_service.conf')).toBe(foreign);
  });

  it('are left alone where they are links, folders, too long or no text', async () => {
    await writeFile(at('real'), foreign);
    await symlink(at('real'), at('.pg_service.conf'));
    await expect(files().preview(service, address)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await rm(at('.pg_service.conf'));
    await writeFile(at('.pg_service.conf'), Buffer.from([0xff, 0xfe, 0x0a]));
    await expect(files().preview(service, address)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await writeFile(at('.pg_service.conf'), Buffer.alloc(1024 * 1024 + 1, '#'));
    await expect(files().preview(service, address)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(await read('real')).toBe(foreign);
  });

  it('get no name that would be read as more, and no service that another one hides', async () => {
    for (const name of ['two\nlines', 'ends ', 'x'.repeat(2_000)]) {
      const hostile = { ...address, database: name };
      await expect(files().preview(service, hostile)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    }
    await expect(files().preview(password, { ...address, user: 'a\nb' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    await writeFile(at('.pg_service.conf'), '  [shop]\nhost=evil\n');
    await expect(files().preview(service, address)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(files().preview(service, null)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
