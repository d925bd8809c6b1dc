/** The developer's app in Electron, where its binary and a display are; elsewhere the same app is in a browser. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '@daam/shared/base/logger';
import type { Developer } from './developer.ts';
import type { Guardian } from './guardian.ts';
import type { StartOptions } from './options.ts';
import { Program } from './program.ts';
import type { StateDir } from './state-dir.ts';

const root = join(import.meta.dirname, '..', '..');
const buildTimeoutMs = 120_000;

/** Where the binary lies below the folder of the package's distribution. */
const binaries: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'electron',
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};

/** Whether to launch, and if not why. */
export type ElectronChoice =
  | { readonly kind: 'launch'; readonly binary: string }
  | { readonly kind: 'browser'; readonly reason: string };

export interface ElectronSurroundings {
  readonly options: Pick<StartOptions, 'ui' | 'json'>;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  readonly isThere: (path: string) => boolean;
}

/** Decides. The binary is never downloaded here: `npx install-electron` does that. */
export function chooseElectron(surroundings: ElectronSurroundings): ElectronChoice {
  const { options, platform, env, isRoot, isThere } = surroundings;
  if (!options.ui || options.json) return { kind: 'browser', reason: 'no window was asked for' };
  const dist = env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(root, 'node_modules', 'electron', 'dist');
  const binary = join(dist, binaries[platform] ?? 'electron');
  if (!isThere(binary))
    return { kind: 'browser', reason: 'Electron is not installed (npx install-electron)' };
  const hasDisplay = platform !== 'linux' || isSet(env['DISPLAY']) || isSet(env['WAYLAND_DISPLAY']);
  if (!hasDisplay) return { kind: 'browser', reason: 'there is no display' };
  // Chromium's sandbox does not work for root, and without it a page is no page but a program.
  if (isRoot && platform === 'linux') return { kind: 'browser', reason: 'Electron does not run as root' };
  return { kind: 'launch', binary };
}

/** The developer's app, and where it is. */
export interface ElectronApp extends AsyncDisposable {
  /** Why it is in a browser; null when its window is open. */
  readonly noWindow: string | null;
}

export interface ElectronAppOptions {
  readonly options: Pick<StartOptions, 'ui' | 'json'>;
  readonly developer: Developer;
  readonly sidecar: string | null;
  readonly state: StateDir;
  readonly guardian: Guardian;
  readonly logger: Logger;
}

/** Builds the app and opens its window where that can be. Never fails: the same app is in the browser. */
export async function openElectronApp(options: ElectronAppOptions): Promise<ElectronApp> {
  const choice = chooseElectron({
    options: options.options,
    platform: process.platform,
    env: process.env,
    isRoot: process.getuid?.() === 0,
    isThere: existsSync,
  });
  if (choice.kind === 'browser') return noApp(choice.reason);
  try {
    await build();
    const program = await start(choice.binary, options);
    return { noWindow: null, [Symbol.asyncDispose]: async () => await program[Symbol.asyncDispose]() };
  } catch (thrown) {
    const error = String(thrown).slice(0, 500);
    options.logger.warn({ error }, 'the app cannot be opened in Electron');
    return noApp('it cannot be opened in Electron');
  }
}

function noApp(reason: string): ElectronApp {
  return { noWindow: reason, [Symbol.asyncDispose]: async () => {} };
}

async function build(): Promise<void> {
  const main = join(root, 'desktop', 'packaging', 'build-main.ts');
  await promisify(execFile)(process.execPath, [main], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
    timeout: buildTimeoutMs,
  });
}

/** What a window needs of the environment; no token is in it. */
const passedOn = [
  'HOME',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'XDG_SESSION_TYPE',
  'DBUS_SESSION_BUS_ADDRESS',
  'LANG',
];

/** Starts it as the developer, on the state that the system's own engine has open: they share ports and tunnel. */
async function start(binary: string, options: ElectronAppOptions): Promise<Program> {
  const { developer, sidecar, state, guardian, logger } = options;
  const surroundings = passedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return new Program({
    name: 'desktop app',
    executable: binary,
    main: 'desktop/dist/app',
    args: [],
    env: {
      ...Object.fromEntries(surroundings),
      DAAM_HOME: developer.home,
      DAAM_SECRET_STORE: 'file',
      ...(sidecar === null ? { DAAM_TRANSPORT: 'loopback' } : { DAAM_SIDECAR: sidecar }),
    },
    logFile: join(await state.folder('logs'), 'desktop-app.log'),
    stopTimeoutMs: 10_000,
    guardian,
    logger,
  });
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
