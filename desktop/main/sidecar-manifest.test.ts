import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packedSidecar, sha256Of, sidecarManifestName } from './sidecar-manifest.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** As an installed app: the binary in resources/sidecar, the manifest among the app's files. */
async function install(manifest?: unknown) {
  const root = await mkdtemp(join(tmpdir(), 'daam-sidecar-'));
  folders.push(root);
  const file = join(root, 'sidecar', 'daam-tunnel');
  await mkdir(join(root, 'sidecar'));
  await writeFile(file, 'the binary');
  const written = manifest ?? { 'linux-x64': { file: 'daam-tunnel', sha256: await sha256Of(file) } };
  await writeFile(join(root, sidecarManifestName), JSON.stringify(written));
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
    ['a path out of its folder', { 'linux-x64': { file: '../daam-tunnel', sha256: '0'.repeat(64) } }],
    ['a short hash', { 'linux-x64': { file: 'daam-tunnel', sha256: '00' } }],
    ['no object', 'x'],
    ['a key more', { 'linux-x64': { file: 'daam-tunnel', sha256: '0'.repeat(64), skip: true } }],
  ])('is not started by a manifest with %s', async (_what, manifest) => {
    const { options } = await install(manifest);
    await expect(packedSidecar(options)).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
  });
});
