/**
 * A person's first day: the administrator's invitation, a passkey, `daam login` in the browser, masked rows in psql. The
 * browser is the system's Chromium; its authenticator is a virtual one, which registers and signs as a real one does.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { type ApiClient, createClient } from '@daam/shared/api/client';
import type { PolicyDocument } from '@daam/shared/policy/document';
import { selfSignedCertificate } from '@daam/shared/testing/self-signed-certificate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { SignInPages } from '../pages/sign-in-pages.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { buildSidecar } from './sidecar-process.ts';
import { findTool, type Outcome, run } from './tools.ts';
import type { Child } from './tunnel/children.ts';
import { Device } from './tunnel/daam.ts';

const built = buildSidecar();
const psql = findTool('psql', 'signing in by a passkey');
const missing =
  'missing' in built
    ? built.missing
    : findBrowser() === null
      ? 'Chromium is not installed'
      : psql === null
        ? 'psql is not installed'
        : null;
if (missing !== null) process.stderr.write(`skipped: login.spec: ${missing}\n`);

const email = 'first-day@example.com';
const maskedEmail = 'select email from customers where id = 1';

describe.skipIf(missing !== null)('a person’s first day', () => {
  let system: RunningSystem;
  let browser: Browser;
  let pages: SignInPages;
  let admin: ApiClient;
  let device: Device;
  let user: string;

  beforeAll(async () => {
    system = await startRunningSystem();
    const { controlPlane, admin: administrator } = system.ready;
    admin = createClient({ baseUrl: controlPlane.url, fetch, token: () => administrator.apiToken });
    user = (await admin.createUser({ body: { email } })).id;
    await grantTo(admin, email);
    browser = await launchBrowser();
    pages = await SignInPages.open(await (await browser.newContext()).newPage());
    device = new Device();
  });
  afterAll(async () => {
    await device?.[Symbol.asyncDispose]();
    await browser?.close();
    await system?.[Symbol.asyncDispose]();
  });

  const login = (options: readonly string[], by: Device = device): Child =>
    by.start([
      'login',
      '--control-plane',
      system.ready.controlPlane.url,
      '--secret-store',
      'file',
      ...options,
    ]);

  test('begins with an invitation and a passkey', async () => {
    const { url } = await admin.inviteUser({ params: { id: user } });
    const fingerprint = await pages.enroll(url);
    const { items } = await admin.listOrganizationPasskeys({ query: { user } });
    expect(items.map((passkey) => passkey.fingerprint)).toEqual([fingerprint]);
    expect(await pages.accessibilityFindings()).toEqual([]);
    expect(pages.complaints.splice(0)).toEqual([]);
    // An invitation is good once; the page says so, and the console that the answer was 401.
    await pages.page.goto('about:blank');
    await pages.page.goto(url);
    await pages.page.getByText('This invitation is not valid any more.').waitFor();
    pages.complaints.splice(0);
  }, 120_000);

  test('goes on with daam login, which leaves the ceremony to the browser', async () => {
    const signingIn = login(['--no-browser']);
    const ended = signingIn.ended();
    const url = await addressIn(signingIn);
    await pages.page.goto(url);
    expect(await pages.accessibilityFindings()).toEqual([]);
    // The code by which the person sees that the page belongs to their terminal.
    const code = /must show (\w+)/.exec(signingIn.errors)?.[1] ?? '';
    await pages.page.getByText(code, { exact: true }).waitFor();
    await pages.signIn(url);
    expect((await ended).code).toBe(0);
    const { amr, passkey, email: certified } = device.certificate;
    expect({ amr, certified, hasProof: passkey !== null }).toEqual({
      amr: expect.arrayContaining(['hwk']) as string[],
      certified: email,
      hasProof: true,
    });
    expect(pages.complaints).toEqual([]);
  });

  test('ends with masked rows in psql, through the tunnel', async () => {
    expect(await device.ask(maskedEmail)).toMatch(/^.\*{3}@/);
    const { items } = await admin.listOrganizationPasskeys({ query: { user } });
    await expect
      .poll(async () => JSON.stringify(await connectionEvents(admin)), { timeout: 30_000 })
      .toContain(items[0]?.fingerprint);
  });

  test('has them decide on somebody’s request by a touch of its own, however recent the sign-in', async () => {
    const rules = [{ approvers: { users: [user], admins: false } }];
    await admin.putRequestSettings({ body: { discoverable: 'all', rules } });
    const { controlPlane, developer } = system.ready;
    const asking = createClient({ baseUrl: controlPlane.url, fetch, token: () => developer.apiToken });
    const { id } = await asking.createRequest({
      body: {
        database: 'shop',
        access: { tables: [{ table: 'public.payments' }] },
        reason: 'a refund that failed',
        minutes: 60,
      },
    });
    const deciding = device.start(['request', 'approve', id, '--for', '5m', '--no-browser']);
    const ended = deciding.ended();
    const url = await addressIn(deciding);
    expect(new URL(url).pathname).toBe('/approve');
    await pages.page.goto(url);
    await pages.page.getByText('select on public.payments').first().waitFor();
    expect(await pages.accessibilityFindings()).toEqual([]);
    expect((await asking.getRequest({ params: { id } })).state).toBe('pending');
    await pages.press('Approve with a passkey');
    expect((await ended).code).toBe(0);
    const { state, granted } = await asking.getRequest({ params: { id } });
    expect({ state, minutes: granted.minutes }).toEqual({ state: 'active', minutes: 5 });
    expect(pages.complaints).toEqual([]);
  });

  test('goes on on a machine without a browser, by a code that is typed on another', async () => {
    await using server = new Device();
    const signingIn = login(['--device-code', '--json'], server);
    const ended = signingIn.ended();
    const shown = await deviceCodeIn(signingIn);
    await pages.approveDevice(shown.verificationUri, shown.userCode, shown.fingerprint);
    expect(await ended).toMatchObject({ code: 0 });
    expect(server.certificate).toMatchObject({ email, passkey: expect.anything() as unknown });
    expect(server.certificate.device).not.toBe(device.certificate.device);
    expect(await server.ask(maskedEmail)).toMatch(/^.\*{3}@/);
    expect(pages.complaints).toEqual([]);
  }, 120_000);

  test('serves a psql that insists on TLS once that is switched on, and one that checks whose it is', async () => {
    const open = device.start(['connect', 'shop', '--port', '0', '--json']);
    const { port } = JSON.parse(await open.firstLine()) as { readonly port: number };
    const ask = async (tls: string): Promise<Outcome> =>
      await psqlAt(`host=127.0.0.1 port=${port} user=dev dbname=shop ${tls}`, maskedEmail);
    expect(await ask('sslmode=require')).toMatchObject({ code: 2 });
    const { stdout } = await device.run(['tls', 'on', '--json']);
    const { caFile } = JSON.parse(stdout) as { readonly caFile: string };
    for (const tls of ['sslmode=require', `sslmode=verify-full sslrootcert=${caFile}`]) {
      const answer = await ask(tls);
      expect(answer).toMatchObject({ code: 0 });
      expect(answer.stdout).toMatch(/SSL connection \(protocol: TLSv1\.3[^]*\n.\*{3}@/);
    }
    const strangers = join(device.home, 'strangers.pem');
    writeFileSync(strangers, selfSignedCertificate('localhost').certificate);
    expect(await ask(`sslmode=verify-full sslrootcert=${strangers}`)).toMatchObject({ code: 2 });
    expect((await ask('sslmode=disable')).stdout).not.toContain('SSL');
    await device.run(['tls', 'off']);
    expect(await ask('sslmode=require')).toMatchObject({ code: 2 });
    await open[Symbol.asyncDispose]();
  }, 120_000);

  test('asks psql for a local password where there is one, also on a Unix socket', async () => {
    await device.run(['password', 'on']);
    const { stdout } = await device.run(['password', '--json']);
    const { password } = JSON.parse(stdout) as { readonly password: string };
    const open = device.start(['connect', 'shop', '--socket', '--json']);
    const { host, dsn } = JSON.parse(await open.firstLine()) as Record<'host' | 'dsn', string>;
    expect(host.startsWith('/')).toBe(true);
    const ask = async (env: Readonly<Record<string, string>>): Promise<Outcome> =>
      await run('psql', ['-XAtqw', '-c', maskedEmail, dsn], { env });
    expect(await ask({})).toMatchObject({ code: 2, stdout: '' });
    const wrong = await ask({ PGPASSWORD: `${password}x` });
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('daam password show');
    expect((await ask({ PGPASSWORD: password })).stdout).toMatch(/^.\*{3}@/);
    expect(await device.ask(maskedEmail)).toMatch(/^.\*{3}@/);
    await device.run(['password', 'off']);
    expect((await ask({})).stdout).toMatch(/^.\*{3}@/);
    await open[Symbol.asyncDispose]();
  }, 120_000);

  test('leaves no other way in: a token for the same person is not enough at the agent any more', async () => {
    const { token } = await admin.createApiToken({ body: { name: 'thief', user } });
    await using thief = new Device();
    const args = ['login', '--control-plane', system.ready.controlPlane.url, '--secret-store', 'file'];
    expect(await thief.run([...args, '--token-file', '-'], token)).toMatchObject({ code: 0 });
    const { code, stderr } = await thief.run(['psql', 'shop', '--', '-XAtqc', maskedEmail]);
    expect(code).not.toBe(0);
    expect(stderr).not.toMatch(/.\*{3}@/);
    await expect
      .poll(async () => JSON.stringify(await connectionEvents(admin)), { timeout: 30_000 })
      .toContain('knock.refused');
  });

  test('a device that is revoked loses its open session at once', async () => {
    const statements = ['-c', maskedEmail, '-c', 'select pg_sleep(60)'];
    const open = device.start(['psql', 'shop', '--', '-XAtq', ...statements]);
    const ended = open.ended();
    expect(await open.firstLine()).toMatch(/^.\*{3}@/);
    const revokedAt = performance.now();
    await admin.revokeDevice({ params: { id: device.certificate.device } });
    const { code } = await ended;
    const tookMs = performance.now() - revokedAt;
    process.stdout.write(`login.spec: revocation ended the open psql session in ${Math.round(tookMs)} ms\n`);
    expect(code).not.toBe(0);
    expect(tookMs).toBeLessThan(8_000);
    await expect(device.ask(maskedEmail)).rejects.toThrow(/daam psql/);
  });
});

/** The policy of the sample, for one person more. */
async function grantTo(admin: ApiClient, person: string): Promise<void> {
  const params = { database: 'shop' };
  const document = (await admin.getPolicies({ params })).document as PolicyDocument;
  const [first, ...others] = document.policies;
  if (first === undefined) throw new Error('the sample has a policy');
  const assign = { ...first.assign, users: [...first.assign.users, person] };
  await admin.putPolicies({ params, body: { ...document, policies: [{ ...first, assign }, ...others] } });
}

/** What `daam login --device-code --json` shows. */
async function deviceCodeIn(login: Child): Promise<{
  readonly verificationUri: string;
  readonly userCode: string;
  readonly fingerprint: string;
}> {
  await expect.poll(() => login.errors, { timeout: 30_000 }).toContain('\n');
  return JSON.parse(login.errors.split('\n')[0] ?? '') as Awaited<ReturnType<typeof deviceCodeIn>>;
}

/** A statement by psql, after its own words about the connection. */
async function psqlAt(dsn: string, statement: string): Promise<Outcome> {
  const args = ['-XAtq', '-c', '\\conninfo', '-c', statement, dsn];
  return await run('psql', args, { timeoutMs: 30_000, env: { PGCONNECT_TIMEOUT: '10' } });
}

/** The page that `daam login` asks the person to open. */
async function addressIn(login: Child): Promise<string> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const found = /http:\/\/localhost:\d+\/(?:auth\/authorize\?|approve#)\S+/.exec(login.errors);
    if (found !== null) return found[0];
    if (login.hasEnded) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`daam login did not say where to go:\n${login.errors}`);
}

async function connectionEvents(admin: ApiClient): Promise<unknown> {
  return await admin.listConnections({ query: { limit: 500 } });
}
