import { describe, expect, it } from 'vitest';
import type { Assets } from '../web/assets.ts';
import { registerAppScheme, serveAppScheme } from './app-scheme.ts';
import { RecordingElectron } from './testing/recording-electron.ts';

const asset = (text: string, type: string) => ({ bytes: Buffer.from(text), type, immutable: false });
const assets: Assets = new Map([
  ['/', asset('<html>', 'text/html; charset=utf-8')],
  ['/index.html', asset('<html>', 'text/html; charset=utf-8')],
  ['/assets/index.js', asset('1', 'text/javascript; charset=utf-8')],
]);

async function get(url: string, method = 'GET'): Promise<Response> {
  const electron = new RecordingElectron();
  serveAppScheme(electron.port.protocol, assets);
  const handler = electron.protocolHandlers.get('app');
  // A Request of Node knows no own schemes' hosts everywhere; Electron's has the same two fields.
  return (await handler?.({ url, method } as Request)) ?? new Response(null, { status: 599 });
}

describe('app://bundle', () => {
  it('is a secure origin of its own that no policy is bypassed for', () => {
    const electron = new RecordingElectron();
    registerAppScheme(electron.port.protocol);
    expect(electron.schemes).toEqual([
      {
        scheme: 'app',
        privileges: expect.objectContaining({
          standard: true,
          secure: true,
          bypassCSP: false,
          corsEnabled: false,
          allowServiceWorkers: false,
        }),
      },
    ]);
  });

  it.each(['app://bundle/', 'app://bundle/index.html', 'app://bundle/?x=1', 'app://bundle/#/databases'])(
    'serves the page at %s',
    async (url) => {
      const response = await get(url);
      expect([response.status, await response.text()]).toEqual([200, '<html>']);
    },
  );

  it('serves scripts with their type', async () => {
    expect((await get('app://bundle/assets/index.js')).headers.get('content-type')).toContain('javascript');
  });

  it.each([
    'app://bundle/../../../etc/passwd',
    'app://bundle/..%2f..%2fetc/passwd',
    'app://bundle/%2e%2e/%2e%2e/main/main.cjs',
    'app://bundle/assets/../../sidecar-manifest.json',
    'app://bundle//etc/passwd',
    'app://bundle/assets/index.js%00.html',
    'app://bundle/assets\\..\\main.cjs',
    'app://bundle/constructor',
    'app://bundle/__proto__',
    'app://other/index.html',
    'app://bundle.evil/index.html',
    'app:///index.html',
  ])('has nothing at %s', async (url) => {
    expect((await get(url)).status).toBe(404);
  });

  it('answers no other method than GET and HEAD', async () => {
    expect((await get('app://bundle/', 'POST')).status).toBe(405);
    const head = await get('app://bundle/', 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it.each(['app://bundle/', 'app://bundle/nothing', 'app://other/', 'not a url'])(
    'answers %s with the content security policy',
    async (url) => {
      const { headers } = await get(url);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy.split('; ')).toEqual(
        expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
      );
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    },
  );
});
