import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enroll, signIn, TestBrowser } from '../testing/browser.ts';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';
import { readConsole } from './console-files.ts';

let folder: string;
let plane: TestControlPlane;
let admin: TestBrowser;
let member: TestBrowser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-console-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Console</title>');
  await writeFile(join(folder, 'assets', 'main-abc.js'), 'export {};');
  await writeFile(join(folder, 'secrets.txt'), 'not part of a build');
  await symlink('/etc/hostname', join(folder, 'linked.js'));
  plane = await startTestControlPlane({ console: { folder } });
  const org = await bootstrapOrg(plane, 'Console');
  const host = await addUser(plane, org.admin, 'host@console.example', 'admin');
  admin = await signedIn(host, 'ada@console.example', 'admin');
  member = await signedIn(host, 'mina@console.example', 'member');
});

afterAll(async () => {
  await plane?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function signedIn(
  host: Awaited<ReturnType<typeof addUser>>,
  email: string,
  role: 'admin' | 'member',
): Promise<TestBrowser> {
  const user = await addUser(plane, host.client, email, role);
  const authenticator = new FakeAuthenticator();
  const browser = new TestBrowser(plane);
  await enroll(browser, host.client, { user: user.id, authenticator });
  await signIn(browser, authenticator);
  return browser;
}

/** A call of the API as the console makes it, but for what is changed. */
async function call(
  browser: TestBrowser,
  path: string,
  changed: {
    readonly method?: string;
    readonly headers?: Record<string, string | null>;
    readonly body?: unknown;
  } = {},
): Promise<{ readonly status: number; readonly code: string | null }> {
  const { method = 'GET', body } = changed;
  const headers = Object.entries({
    cookie: browser.cookie,
    'daam-console': '1',
    origin: method === 'GET' ? null : browser.origin,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...changed.headers,
  }).filter((entry): entry is [string, string] => entry[1] !== null);
  const response = await plane.send(`/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = (text === '' ? {} : JSON.parse(text)) as { error?: { code: string } };
  return { status: response.status, code: answer.error?.code ?? null };
}

describe('the console’s files', () => {
  it('are served with a policy that allows nothing inline and nothing from elsewhere', async () => {
    const { status, text, headers } = await admin.open('/console/');
    expect([status, text]).toEqual([200, '<!doctype html><title>Console</title>']);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('keep for long what carries a hash in its name', async () => {
    const { status, headers } = await admin.open('/console/assets/main-abc.js');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(headers.get('cache-control')).toContain('immutable');
  });

  it('lead from the bare address to the one with a slash', async () => {
    const { status, headers } = await admin.open('/console');
    expect([status, headers.get('location')]).toEqual([302, '/console/']);
  });

  it.each([
    'secrets.txt',
    'linked.js',
    'nothing.js',
    '../package.json',
    '..%2fsecrets.txt',
    '%2e%2e/secrets.txt',
    'assets',
    'assets/',
  ])('do not hold %s', async (path) => {
    const { status } = await admin.open(`/console/${path}`);
    expect(status).toBe(404);
  });

  it('have to be there when they are configured', async () => {
    expect(await codeOfAsync(readConsole(join(folder, 'assets')))).toBe('NOT_FOUND');
    expect(await codeOfAsync(readConsole(join(folder, 'nowhere')))).toBe('NOT_FOUND');
  });

  it('are none where none are configured', async () => {
    await using bare = await startTestControlPlane();
    expect((await bare.send('/console/')).status).toBe(404);
  });
});

describe('the console’s calls', () => {
  it('are the person’s whose session it is, with that person’s role', async () => {
    expect(await call(admin, '/me')).toEqual({ status: 200, code: null });
    expect(await call(admin, '/users')).toEqual({ status: 200, code: null });
    expect(await call(member, '/users')).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await call(new TestBrowser(plane), '/me')).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('change things from our own origin alone', async () => {
    const group = (name: string, headers: Record<string, string | null>) =>
      call(admin, '/groups', { method: 'POST', body: { name }, headers });
    expect(await group('one', {})).toEqual({ status: 201, code: null });
    for (const origin of [null, 'null', 'https://evil.example', `${admin.origin}.evil.example`]) {
      expect([origin, await group('two', { origin })]).toEqual([origin, { status: 403, code: 'FORBIDDEN' }]);
    }
  });

  it('are none without the console’s header, which no other page can send', async () => {
    for (const value of [null, '0', '']) {
      const headers = { 'daam-console': value };
      expect(await call(admin, '/me', { headers })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    }
    const preflight = await plane.send('/api/v1/me', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'daam-console',
      },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are the token’s where there is a token, whatever the cookie', async () => {
    const headers = { authorization: 'Bearer daam_pat_wrong' };
    expect(await call(admin, '/me', { headers })).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('make nothing that outlives the session', async () => {
    const token = await call(admin, '/api-tokens', { method: 'POST', body: { name: 'x' } });
    expect(token).toEqual({ status: 403, code: 'FORBIDDEN' });
    const grant = await call(admin, '/databases/shop/grant', {
      method: 'POST',
      body: { certificateHash: 'x'.repeat(43) },
    });
    expect(grant).toEqual({ status: 403, code: 'FORBIDDEN' });
  });

  it('end with the session', async () => {
    await member.call('/auth/session/end', {});
    expect(await call(member, '/me')).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });
});
