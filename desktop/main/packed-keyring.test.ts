import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { binariesManifestName } from './binaries-manifest.ts';
import { keyringAddonPath, loadPackedKeyring } from './packed-keyring.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function install(content = 'addon', said = content) {
  const appDir = await mkdtemp(join(tmpdir(), 'daam-keyring-'));
  folders.push(appDir);
  const file = keyringAddonPath(appDir, 'linux-x64');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  const keyring = createHash('sha256').update(said).digest('hex');
  const sidecar = { file: 'daam-tunnel', sha256: '0'.repeat(64) };
  await writeFile(join(appDir, binariesManifestName), JSON.stringify({ 'linux-x64': { sidecar, keyring } }));
  const loaded: string[] = [];
  const require = (path: string): unknown => {
    loaded.push(path);
    return { AsyncEntry: Object };
  };
  return { file, loaded, options: { appDir, platform: 'linux', arch: 'x64', require } as const };
}

describe('the packed addon of the keyring', () => {
  it('is loaded when the manifest names it', async () => {
    const { file, loaded, options } = await install();
    expect(loadPackedKeyring(options).AsyncEntry).toBeTypeOf('function');
    expect(loaded).toEqual([file]);
  });

  it.each([
    ['another one lies in its place', 'addon!', 'addon', {}],
    ['there is none for this machine', 'addon', 'addon', { arch: 'arm64' }],
    ['the system is unknown', 'addon', 'addon', { platform: 'freebsd' as NodeJS.Platform }],
  ])('is not loaded when %s', async (_what, content, said, other) => {
    const { loaded, options } = await install(content, said);
    expect(() => loadPackedKeyring({ ...options, ...other })).toThrow(
      expect.objectContaining({ code: 'SECRET_STORE_UNAVAILABLE' }),
    );
    expect(loaded).toEqual([]);
  });
});
