import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { extractAll, listPackage, statFile } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type BinariesManifest, binariesManifestName } from '../main/binaries-manifest.ts';
import { packedSidecar, sha256Of } from '../main/packed-sidecar.ts';
import { packApp } from './pack.ts';
import { makeStandInElectron } from './testing/stand-in-electron.ts';

const run = promisify(execFile);
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const platform = `linux-${arch}`;
let root: string;
let installed: string;
let resources: string;
/** The archive, unpacked. */
let appDir: string;

/** electron-builder names its folders by the system that it runs on. */
describe.skipIf(process.platform !== 'linux')('the packed app', () => {
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'daam-pack-'));
    await makeStandInElectron(join(root, 'electron'));
    for (const name of ['linux-x64', 'linux-arm64', 'mac-arm64', 'win-x64']) {
      await mkdir(join(root, 'sidecars', name), { recursive: true });
      const file = name.startsWith('win') ? 'daam-tunnel.exe' : 'daam-tunnel';
      await writeFile(join(root, 'sidecars', name, file), `the sidecar of ${name}`, { mode: 0o755 });
    }
    const words = ['--dir', '--out', join(root, 'out'), '--sidecars', join(root, 'sidecars')];
    const main = join(import.meta.dirname, 'pack-main.ts');
    const args = [main, ...words, '--electron-dist', join(root, 'electron')];
    await run(process.execPath, args, {
      env: { PATH: process.env['PATH'], HOME: root, NODE_ENV: 'production' },
    });
    installed = join(root, 'out', 'packed', arch === 'x64' ? 'linux-unpacked' : 'linux-arm64-unpacked');
    resources = join(installed, 'resources');
    appDir = join(root, 'unpacked');
    extractAll(join(resources, 'app.asar'), appDir);
  }, 240_000);

  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it('is Electron, one archive, the sidecar and the addon of this machine, and nothing else', async () => {
    const files = (await readdir(resources, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => relative(resources, join(entry.parentPath, entry.name)));
    const addon = `app.asar.unpacked/native/${platform}/keyring.node`;
    expect(files.filter((file) => file !== addon).toSorted()).toEqual(['app.asar', 'sidecar/daam-tunnel']);
    expect((await stat(join(installed, 'daam-desktop'))).mode & 0o111).not.toBe(0);
    expect((await stat(join(resources, 'sidecar', 'daam-tunnel'))).mode & 0o111).not.toBe(0);
  });

  it('holds built output alone: no source, no map, no package of npm', () => {
    const archive = join(resources, 'app.asar');
    const files = listPackage(archive, { isPack: false })
      .map((path) => path.slice(1))
      .filter((path) => !('files' in statFile(archive, path)));
    const known =
      /^(main\/main\.cjs|main\/libpg-query\.wasm|preload\/preload\.cjs|icon\.png|package\.json|binaries\.json|tray\/[\w@-]+\.png|native\/linux-(x64|arm64)\/keyring\.node|renderer\/(index\.html|icon\.svg|theme\.js|assets\/[\w.-]+\.(js|css|woff2)))$/;
    expect(files.filter((file) => !known.test(file))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        'main/main.cjs',
        'main/libpg-query.wasm',
        'preload/preload.cjs',
        'renderer/index.html',
      ]),
    );
    expect(files.filter((file) => file.startsWith('native/')).length).toBeLessThan(2);
  });

  it('has its fuses blown: no Node by it, no options, no debugger, only this archive', async () => {
    const fuses = await getCurrentFuseWire(join(installed, 'daam-desktop'));
    const state = (fuse: FuseV1Options) => fuses[fuse];
    expect({
      runAsNode: state(FuseV1Options.RunAsNode),
      nodeOptions: state(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: state(FuseV1Options.EnableNodeCliInspectArguments),
      fileProtocol: state(FuseV1Options.GrantFileProtocolExtraPrivileges),
    }).toEqual({
      runAsNode: FuseState.DISABLE,
      nodeOptions: FuseState.DISABLE,
      inspect: FuseState.DISABLE,
      fileProtocol: FuseState.DISABLE,
    });
    expect({
      cookies: state(FuseV1Options.EnableCookieEncryption),
      integrity: state(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      onlyAsar: state(FuseV1Options.OnlyLoadAppFromAsar),
    }).toEqual({ cookies: FuseState.ENABLE, integrity: FuseState.ENABLE, onlyAsar: FuseState.ENABLE });
  });

  it('has no WebSocket transport, neither its client nor its server', async () => {
    const scripts = (await readdir(appDir, { recursive: true })).filter((path) => /\.c?js$/.test(path));
    expect(scripts.length).toBeGreaterThan(3);
    const found: string[] = [];
    for (const script of scripts) {
      const text = await readFile(join(appDir, script), 'utf8');
      if (/new WebSocket|WebSocketServer|sec-websocket-|daam\.bridge-token/i.test(text)) found.push(script);
    }
    expect(found).toEqual([]);
  });

  it('has scripts that require Electron and Node, and a preload script that requires Electron alone', async () => {
    const requiredBy = async (path: string): Promise<string[]> => {
      const text = await readFile(join(appDir, path), 'utf8');
      const names = [...text.matchAll(/\brequire\(["']([^"']+)["']\)/g)].map(([, name]) => name ?? '');
      return [...new Set(names)];
    };
    expect(await requiredBy('preload/preload.cjs')).toEqual(['electron']);
    expect((await requiredBy('main/main.cjs')).filter((name) => !isBuiltin(name))).toEqual(['electron']);
  });

  it('knows the sidecar by its hash, and refuses another one', async () => {
    const manifest = JSON.parse(
      await readFile(join(appDir, binariesManifestName), 'utf8'),
    ) as BinariesManifest;
    const sidecar = join(resources, 'sidecar', 'daam-tunnel');
    expect(manifest[platform as 'linux-x64']?.sidecar).toEqual({
      file: 'daam-tunnel',
      sha256: await sha256Of(sidecar),
    });
    expect(Object.keys(manifest).toSorted()).toEqual(['linux-arm64', 'linux-x64', 'mac-arm64', 'win-x64']);
    const options = { appDir, resourcesPath: resources, platform: 'linux', arch } as const;
    await expect(packedSidecar(options)).resolves.toBe(sidecar);
    const original = await readFile(sidecar);
    await writeFile(sidecar, 'another one');
    await expect(packedSidecar(options)).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
    await writeFile(sidecar, original);
  });

  it('starts: one window on its page, the bridge answers, the engine stops with it', async () => {
    const script = join(import.meta.dirname, 'testing', 'run-in-node.ts');
    const { stdout } = await run(process.execPath, [script, appDir, resources], {
      env: { PATH: process.env['PATH'], HOME: root, DAAM_HOME: join(root, 'home') },
      timeout: 60_000,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      loaded: 'app://bundle/',
      pageStatus: 200,
      welcome: { kind: 'welcome', capabilities: { tray: true, tunnel: true } },
      status: { kind: 'result', id: 1, value: { account: null } },
    });
  });

  it('is not packed without a sidecar for the machine that it is for', async () => {
    const empty = join(root, 'no-sidecars');
    await mkdir(empty);
    const options = { outDir: join(root, 'without'), sidecars: empty, isFolderOnly: true };
    await expect(packApp(options)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it('takes no updates unless it was packed with an address for them', async () => {
    expect(await readdir(resources)).not.toContain('app-update.yml');
  });
});

describe('electron-builder.yml', () => {
  it('is for the Electron that is installed', async () => {
    const path = join(import.meta.dirname, '..', '..');
    const { electronVersion } = parse(await readFile(join(path, 'electron-builder.yml'), 'utf8')) as {
      electronVersion: string;
    };
    const { devDependencies } = JSON.parse(await readFile(join(path, 'desktop', 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    expect(electronVersion).toBe(devDependencies['electron']);
  });
});
