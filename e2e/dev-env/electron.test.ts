import { describe, expect, it } from 'vitest';
import { chooseElectron, type ElectronSurroundings } from './electron.ts';

const here: ElectronSurroundings = {
  options: { ui: true, json: false },
  platform: 'linux',
  env: { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: '/opt/electron' },
  isRoot: false,
  isThere: (path) => path.startsWith('/opt/electron/'),
};

describe('npm start opens the app', () => {
  it.each([
    ['linux', '/opt/electron/electron'],
    ['darwin', '/opt/electron/Electron.app/Contents/MacOS/Electron'],
    ['win32', '/opt/electron/electron.exe'],
  ] as const)('in Electron where that is there (%s)', (platform, binary) => {
    expect(chooseElectron({ ...here, platform })).toEqual({ kind: 'launch', binary });
  });

  it('on Wayland too', () => {
    const env = { ...here.env, DISPLAY: '', WAYLAND_DISPLAY: 'wayland-0' };
    expect(chooseElectron({ ...here, env }).kind).toBe('launch');
  });

  it.each([
    ['the binary is missing', { isThere: () => false }],
    ['there is no display', { env: { ...here.env, DISPLAY: '' } }],
    ['the person is root', { isRoot: true }],
    ['no window is wanted', { options: { ui: false, json: false } }],
    ['a script reads the answer', { options: { ui: true, json: true } }],
  ])('in a browser, with the reason, where %s', (_what, other) => {
    const choice = chooseElectron({ ...here, ...other });
    expect(choice).toMatchObject({ kind: 'browser', reason: expect.any(String) as string });
  });
});
