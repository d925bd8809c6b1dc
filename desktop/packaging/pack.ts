/** Packs the built app with electron-builder, by the configuration in the repository's root. */
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';
import { Arch, build, type Configuration, Platform } from 'electron-builder';
import { parse } from 'yaml';
import { platformName, sidecarName } from '../main/binaries-manifest.ts';
import { buildApp } from './build-app.ts';
import { updatesFrom } from './updates-address.ts';

const root = join(import.meta.dirname, '..', '..');

export interface PackOptions {
  /** Where app, sidecars and result are put; `desktop/dist` unless told. */
  readonly outDir?: string;
  /** Sidecars by `<os>-<arch>`; those of `npm run build:wireguard` unless told. */
  readonly sidecars?: string;
  /** Only the folder that would be installed, for this machine: no installer, nothing is downloaded for one. */
  readonly isFolderOnly?: boolean;
  /** An Electron that was unpacked before, in place of the one that electron-builder downloads. */
  readonly electronDist?: string;
  /** Where the app looks for updates: https. Without it, it does not. */
  readonly updatesUrl?: string;
}

/** Builds and packs; resolves with the paths of what was made. */
export async function packApp(options: PackOptions): Promise<readonly string[]> {
  const { outDir = join(root, 'desktop', 'dist'), sidecars = join(root, 'shared', 'wireguard', 'dist') } =
    options;
  const appDir = join(outDir, 'app');
  requireSidecars(sidecars, options.isFolderOnly === true ? [process.arch] : ['x64', 'arm64']);
  const manifest = await buildApp({ appDir, sidecars });
  for (const [name, { sidecar }] of Object.entries(manifest))
    await cp(join(sidecars, name, sidecar.file), join(outDir, 'sidecar', name, sidecar.file));
  return await build({
    projectDir: root,
    config: await writeConfiguration(options, outDir),
    publish: 'never',
    ...(options.isFolderOnly === true ? { targets: folderOfThisMachine() } : {}),
  });
}

/** electron-builder would leave a missing one out and go on: the app would have no tunnel. */
function requireSidecars(folder: string, architectures: readonly string[]): void {
  const wanted = architectures.map((arch) => platformName(process.platform, arch));
  const missing = wanted.filter((name) => !existsSync(join(folder, name, sidecarName(name))));
  if (missing.length === 0) return;
  throw new AppError('INVALID_CONFIG', {
    message: `There is no sidecar for ${missing.join(', ')}. Run npm run build:wireguard -- --all first.`,
  });
}

/** As a file of its own: an object would be merged into the one in the root, whose paths it replaces. */
async function writeConfiguration(options: PackOptions, outDir: string): Promise<string> {
  const written = parse(await readFile(join(root, 'electron-builder.yml'), 'utf8')) as Configuration;
  const sidecar = { from: join(outDir, 'sidecar', '${os}-${arch}'), to: 'sidecar' };
  const configuration: Configuration = {
    ...written,
    directories: {
      app: join(outDir, 'app'),
      output: join(outDir, 'packed'),
      buildResources: join(root, 'assets'),
    },
    extraResources: [sidecar],
    afterPack: join(import.meta.dirname, 'after-pack.ts'),
    ...(options.electronDist === undefined ? {} : { electronDist: options.electronDist }),
    publish: updatesFrom(options.updatesUrl),
  };
  const path = join(outDir, 'electron-builder.json');
  await writeFile(path, JSON.stringify(configuration, null, 2));
  return path;
}

function folderOfThisMachine() {
  const arch = process.arch === 'arm64' ? Arch.arm64 : Arch.x64;
  return Platform.current().createTarget('dir', arch);
}
