import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pseudonymKeyId, pseudonymPads } from '@daam/shared/sql/pseudonym';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PseudonymKeyHolder } from './pseudonym-key.ts';

const key = Buffer.alloc(32, 7);
const text = key.toString('base64url');
const id = pseudonymKeyId(key);

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-key-'));
  path = join(folder, 'key');
});
afterEach(async () => await rm(folder, { recursive: true }));

describe('the pseudonym key at the agent', () => {
  it('counts under the id that the bundle names, and under no other', () => {
    const holder = new PseudonymKeyHolder({ path });
    expect(holder.pads(id)).toBeNull();
    holder.take(text, id);
    expect(holder.pads(id)?.reveal()).toEqual(pseudonymPads(key));
    expect(holder.pads('0'.repeat(32))).toBeNull();
    expect(holder.pads(null)).toBeNull();
  });

  it('is not replaced by a key that is not the one the bundle names', () => {
    const holder = new PseudonymKeyHolder({ path });
    holder.take(text, id);
    for (const other of [Buffer.alloc(32, 8).toString('base64url'), 'short', '']) holder.take(other, id);
    expect(holder.pads(id)).not.toBeNull();
  });

  it('survives a restart in a file that only the agent reads', async () => {
    const holder = new PseudonymKeyHolder({ path });
    holder.take(text, id);
    await holder.save();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const next = new PseudonymKeyHolder({ path });
    await next.load();
    expect(next.pads(id)?.reveal()).toEqual(pseudonymPads(key));
    await next.forget();
    expect(next.pads(id)).toBeNull();
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('a damaged file is as none', async () => {
    for (const content of ['', 'x', 'A'.repeat(42), 'A'.repeat(5_000)]) {
      await writeFile(path, content);
      const holder = new PseudonymKeyHolder({ path });
      await holder.load();
      expect(holder.pads(id)).toBeNull();
    }
  });

  it('never prints', () => {
    const holder = new PseudonymKeyHolder({ path });
    holder.take(text, id);
    expect(JSON.stringify(holder.pads(id))).toBe('"[secret]"');
  });
});
