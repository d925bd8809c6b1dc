import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { x25519PublicText } from '@daam/shared/identity/x25519';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWireguardKey, wireguardKey } from './wireguard-key.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-key-'));
  path = join(folder, 'state', 'wireguard.key');
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

describe('the agent’s WireGuard key', () => {
  it('is made at the first start, for the agent alone, and the same at the next', async () => {
    expect(await readWireguardKey(path)).toBeNull();
    const key = await wireguardKey(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(x25519PublicText(await wireguardKey(path))).toBe(x25519PublicText(key));
  });

  it('stops the start when its file is damaged, and its text is in no error', async () => {
    await wireguardKey(path);
    for (const text of ['', 'short', `${'A'.repeat(44)}\n`, 'x'.repeat(5_000)]) {
      await writeFile(path, text);
      await expect(wireguardKey(path)).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
        field: 'wireguard.private_key_path',
      });
      expect(await readFile(path, 'utf8')).toBe(text);
    }
  });

  it('stops the start when it cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const inFile = wireguardKey(join(folder, 'file', 'wireguard.key'));
    await expect(inFile).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});
