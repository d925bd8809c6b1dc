import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { binariesManifestName } from './binaries-manifest.ts';
import { packedSidecar, sha256Of } from './packed-sidecar.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

const entryOf = (sidecar: unknown) => ({ 'linux-x64': { sidecar, keyring: null } });

/** As an installed app: the binary in resources/sidecar, the manifest among the app's files. */
async function install(manifest?: unknown) {
  const root = await mkdtemp(join(tmpdir(), 'daam-sidecar-'));
  folders.push(root);
  const file = join(root, 'sidecar', 'daam-tunnel');
  await mkdir(join(root, 'sidecar'));
  await writeFile(file, 'the binary');
  const written = manifest ?? entryOf({ file: 'daam-tunnel', sha256: await sha256Of(file) });
  await writeFile(join(root, binariesManifestName), JSON.stringify(written));
  const options = { appDir: root, resourcesPath: root, platform: 'linux', arch: 'x64' } as const;
  return { root, file, options };
}

describe('the packed sidecar', () => {
  it('is the one that the manifest names', async () => {
    const { file, options } = await install();
    await expect(packedSidecar(options)).resolves.toBe(file);
  });

  it('is not started when a byte of it has changed', async () => {
    const { file, options } = await install();
    await writeFile(file, 'the Binary');
    await expect(packedSidecar(options)).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
  });

  it('is not started when it is missing', async () => {
    const { file, options } = await install();
    await rm(file);
    await expect(packedSidecar(options)).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
  });

  it.each([
    ['of another machine', { arch: 'arm64' }],
    ['of an unknown system', { platform: 'freebsd' as NodeJS.Platform }],
  ])('%s is not there', async (_what, other) => {
    const { options } = await install();
    await expect(packedSidecar({ ...options, ...other })).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
  });

  it.each([
    ['a path out of its folder', entryOf({ file: '../daam-tunnel', sha256: '0'.repeat(64) })],
    ['a short hash', entryOf({ file: 'daam-tunnel', sha256: '00' })],
    ['no object', 'x'],
    ['a key more', entryOf({ file: 'daam-tunnel', sha256: '0'.repeat(64), skip: true })],
  ])('is not started by a manifest with %s', async (_what, manifest) => {
    const { options } = await install(manifest);
    await expect(packedSidecar(options)).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
  });
});
