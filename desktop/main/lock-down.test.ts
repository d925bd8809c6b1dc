import { silentLogger } from '@daam/shared/base/logger';
import { describe, expect, it } from 'vitest';
import { ExternalLinks } from './external-links.ts';
import { lockDown } from './lock-down.ts';
import { FakeEvent, FakeWebContents, RecordingElectron } from './testing/recording-electron.ts';

function locked() {
  const electron = new RecordingElectron();
  const { app, session, shell } = electron.port;
  const links = new ExternalLinks({ shell, logger: silentLogger });
  links.allow('https://daam.example.com');
  lockDown({ app, session: session.defaultSession, links });
  const contents = new FakeWebContents(electron.session);
  electron.app.emit('web-contents-created', new FakeEvent(), contents);
  return { electron, contents };
}

const elsewhere = [
  'https://evil.example/',
  'http://localhost:7410/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,<script>1</script>',
  'blob:app://bundle/x',
  'app://other/',
  'app://bundle.evil/',
  'chrome://settings',
  'devtools://devtools/bundled/inspector.html',
  'view-source:app://bundle/',
  'about:srcdoc',
];

describe('a page in the app', () => {
  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])(
    'stays on the app’s own address (%s)',
    (name) => {
      const { contents } = locked();
      const prevented = elsewhere.map((url) => {
        const event = new FakeEvent({ url });
        contents.emit(name, event);
        return [url, event.defaultPrevented];
      });
      expect(prevented).toEqual(elsewhere.map((url) => [url, true]));
      const own = new FakeEvent({ url: 'app://bundle/#/databases' });
      contents.emit(name, own);
      expect(own.defaultPrevented).toBe(false);
    },
  );

  it('opens no window; pages of the control plane go to the system’s browser', () => {
    const { electron, contents } = locked();
    for (const url of [...elsewhere, 'app://bundle/', 'https://daam.example.com/approve#r1'])
      expect(contents.openWindow({ url })).toEqual({ action: 'deny' });
    expect(electron.opened).toEqual(['https://daam.example.com/approve#r1']);
  });

  it('embeds no other', () => {
    const { contents } = locked();
    const event = new FakeEvent();
    contents.emit('will-attach-webview', event, {}, {});
    expect(event.defaultPrevented).toBe(true);
  });

  it('downloads nothing', () => {
    const { electron } = locked();
    const event = new FakeEvent();
    electron.session.emit('will-download', event, {});
    expect(event.defaultPrevented).toBe(true);
  });

  it.each([
    ['https://evil.example/x', true],
    ['ws://localhost:7410/bridge', true],
    ['http://127.0.0.1:7440/', true],
    ['file:///etc/passwd', true],
    ['ftp://x/', true],
    ['data:text/html,x', true],
    ['app://bundle/assets/index.js', false],
    ['data:image/png;base64,AA==', false],
  ])('reaches nothing outside (%s cancelled: %s)', (url, isCancelled) => {
    const { electron } = locked();
    const answers: unknown[] = [];
    electron.session.beforeRequest({ url }, (answer) => answers.push(answer.cancel));
    expect(answers).toEqual([isCancelled]);
  });
});

describe('permissions', () => {
  const permissions = [
    'clipboard-read',
    'deprecated-sync-clipboard-read',
    'geolocation',
    'media',
    'notifications',
    'openExternal',
    'fileSystem',
    'usb',
    'hid',
    'serial',
    'midi',
    'display-capture',
    'pointerLock',
    'fullscreen',
    'local-network-access',
    'unknown',
  ];
  const ask = (permission: string, url: string, isMainFrame = true): [boolean, boolean] => {
    const { electron, contents } = locked();
    let isGranted = true;
    const details = { isMainFrame, requestingUrl: url };
    const { session } = electron;
    session.permissionRequest(
      contents,
      permission,
      ((answer: boolean) => {
        isGranted = answer;
      }) as never,
      details,
    );
    const origin = URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}/` : url;
    return [isGranted, session.permissionCheck(contents, permission, origin as never, details) === true];
  };

  it.each(permissions)('%s is refused, also to the app’s own page', (permission) => {
    expect(ask(permission, 'app://bundle/')).toEqual([false, false]);
  });

  it('to write to the clipboard is granted to the app’s own page alone', () => {
    const permission = 'clipboard-sanitized-write';
    expect(ask(permission, 'app://bundle/')).toEqual([true, true]);
    expect(ask(permission, 'https://evil.example/')).toEqual([false, false]);
    expect(ask(permission, 'app://bundle/', false)).toEqual([false, false]);
  });

  it('for devices and screens are refused', () => {
    const { electron, contents } = locked();
    expect(electron.session.devicePermission({ deviceType: 'usb' })).toBe(false);
    const chosen: string[] = [];
    const event = new FakeEvent();
    contents.emit('select-bluetooth-device', event, [{ deviceId: 'x' }], (id: string) => chosen.push(id));
    expect([event.defaultPrevented, chosen]).toEqual([true, ['']]);
    const streams: unknown[] = [];
    const capture = electron.session.handlers.get('displayMedia') as (
      r: unknown,
      a: (s: unknown) => void,
    ) => void;
    capture({}, (given) => streams.push(given));
    expect(streams).toEqual([null]);
  });
});
