/**
 * The folder that becomes the app: scripts, page, pictures, package.json, and the manifest of the binaries that lie
 * beside it. Development starts Electron on it; `pack` makes the archive of it.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  type BinariesManifest,
  binariesManifestName,
  type PlatformName,
  sidecarName,
} from '../main/binaries-manifest.ts';
import { keyringAddonPath } from '../main/packed-keyring.ts';
import { sha256Of } from '../main/packed-sidecar.ts';
import { buildBundles } from './bundle.ts';

const root = join(import.meta.dirname, '..', '..');

/** The names of the keyring's packages for the platforms that the app is packed for. */
const keyringPackages: Readonly<Record<PlatformName, string>> = {
  'linux-x64': 'linux-x64-gnu',
  'linux-arm64': 'linux-arm64-gnu',
  'mac-x64': 'darwin-x64',
  'mac-arm64': 'darwin-arm64',
  'win-x64': 'win32-x64-msvc',
  'win-arm64': 'win32-arm64-msvc',
};

export interface BuildAppOptions {
  readonly appDir: string;
  /** Folder of the sidecars, by `<os>-<arch>`. */
  readonly sidecars: string;
}

/**
 * Builds the app into a folder. Sidecars have to be there (`npm run build:wireguard`), for each platform that is to
 * be packed; npm installs the keyring's addon for the platform of the machine alone, so other ones go without it.
 */
export async function buildApp({ appDir, sidecars }: BuildAppOptions): Promise<BinariesManifest> {
  await rm(appDir, { recursive: true, force: true });
  await mkdir(appDir, { recursive: true });
  await buildBundles(appDir);
  await cp(join(root, 'assets', 'tray'), join(appDir, 'tray'), { recursive: true });
  await cp(join(root, 'assets', 'icons', '256x256.png'), join(appDir, 'icon.png'));
  const manifest = await collectBinaries({ appDir, sidecars });
  await writeFile(join(appDir, binariesManifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(appDir, 'package.json'), `${JSON.stringify(await packageFile(), null, 2)}\n`);
  return manifest;
}

async function collectBinaries({ appDir, sidecars }: BuildAppOptions): Promise<BinariesManifest> {
  const manifest: BinariesManifest = {};
  for (const name of Object.keys(keyringPackages) as PlatformName[]) {
    const file = sidecarName(name);
    const sha256 = await sha256Of(join(sidecars, name, file)).catch(() => null);
    const keyring = await copyKeyring(appDir, name);
    if (sha256 !== null) manifest[name] = { sidecar: { file, sha256 }, keyring };
  }
  return manifest;
}

/** Its hash, or null where npm has not installed the addon of that platform. */
async function copyKeyring(appDir: string, name: PlatformName): Promise<string | null> {
  const platform = keyringPackages[name];
  const require = createRequire(import.meta.url);
  let addon: string;
  try {
    addon = require.resolve(`@napi-rs/keyring-${platform}`);
  } catch {
    return null;
  }
  const to = keyringAddonPath(appDir, name);
  await mkdir(dirname(to), { recursive: true });
  await cp(addon, to);
  return await sha256Of(to);
}

/** No dependencies: all but the binaries is in the bundles. */
async function packageFile(): Promise<Record<string, unknown>> {
  const own = JSON.parse(await readFile(join(root, 'desktop', 'package.json'), 'utf8')) as {
    version: string;
  };
  const whole = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    description: string;
    license: string;
  };
  return {
    name: 'daam',
    productName: 'DAAM',
    version: own.version,
    description: whole.description,
    author: 'DAAM',
    license: whole.license,
    main: 'main/main.cjs',
  };
}
