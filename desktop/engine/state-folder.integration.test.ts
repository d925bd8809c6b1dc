import { chmod, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { StateFolder } from './state-folder.ts';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'daam-state-'));
});

afterEach(() => rm(base, { recursive: true }));

describe('the state folder', () => {
  it('is made with its parents, for its owner alone, and closed again when it was open', async () => {
    const path = join(base, 'a/b');
    await StateFolder.open(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await chmod(path, 0o755);
    await StateFolder.open(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it('is refused when it is a link or a file', async () => {
    await writeFile(join(base, 'file'), '');
    await symlink(base, join(base, 'link'));
    for (const name of ['link', 'file']) {
      await expect(StateFolder.open(join(base, name))).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    }
  });

  it('replaces files as a whole and leaves nothing else behind', async () => {
    const state = await StateFolder.open(join(base, 's'));
    await Promise.all(Array.from({ length: 20 }, (_, n) => state.write('x.json', { n })));
    expect(await state.read('x.json', z.object({ n: z.number() }))).not.toBeNull();
    expect(await readdir(state.path)).toEqual(['x.json']);
    expect((await stat(join(state.path, 'x.json'))).mode & 0o777).toBe(0o600);
  });

  it('reads what is missing, broken or of another shape as nothing', async () => {
    const state = await StateFolder.open(join(base, 's'));
    await state.writeText('broken.json', '{"n":');
    await state.write('other.json', { m: 1 });
    for (const name of ['missing.json', 'broken.json', 'other.json']) {
      expect(await state.read(name, z.strictObject({ n: z.number() }))).toBeNull();
    }
    expect(await state.remove('missing.json')).toBe(false);
    expect(await state.remove('broken.json')).toBe(true);
  });
});
