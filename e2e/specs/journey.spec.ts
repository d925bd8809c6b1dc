/**
 * One person's way through everything, from the first screen of the app to the end of their access: a passkey, Connect, the copied psql
 * line, a query with masks and their reason, a refusal that becomes a request, an administrator's touch, rows without reconnecting.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, createClient } from '@daam/shared/api/client';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import type { PolicyDocument } from '@daam/shared/policy/document';
import { sidecarFile } from '@daam/shared/wireguard/sidecar-file';
import { EngineBackend } from '@daam/desktop/engine/bridge/engine-backend';
import { Engine } from '@daam/desktop/engine/engine';
import { startDesktopWeb } from '@daam/desktop/web/app';
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppPage } from '../pages/app-page.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { ConsolePage } from '../pages/console-page.ts';
import { SignInPages } from '../pages/sign-in-pages.ts';
import { Psql } from './interactive-psql.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { buildSidecar } from './sidecar-process.ts';
import { findTool } from './tools.ts';

const missing = ((): string | null => {
  if (findBrowser() === null) return 'Chromium is not installed';
  if (findTool('psql', 'the copied line') === null) return 'psql is not installed';
  const sidecar = buildSidecar();
  return 'file' in sidecar ? null : 'the tunnel cannot be built';
})();
if (missing !== null) process.stderr.write(`skipped: journey.spec: ${missing}\n`);

const email = 'mina@example.com';

describe.skipIf(missing !== null)('a developer and an administrator', () => {
  const stack = new AsyncDisposableStack();
  let system: RunningSystem;
  let browser: Browser;
  let admin: ApiClient;
  let app: AppPage;
  let minasBrowser: SignInPages;
  let adasBrowser: SignInPages;
  let console: ConsolePage;
  let psql: Psql;

  beforeAll(async () => {
    system = stack.use(await startRunningSystem([], { ui: true }));
    const { controlPlane, admin: administrator } = system.ready;
    admin = createClient({ baseUrl: controlPlane.url, fetch, token: () => administrator.apiToken });
    browser = await launchBrowser();
    stack.defer(async () => await browser.close());
    // A passkey is asked for in the tab in front alone: the app and each person's browser have a window of their own.
    minasBrowser = await SignInPages.open(await (await newContext(browser)).newPage());
    adasBrowser = await SignInPages.open(await (await newContext(browser)).newPage());
    console = new ConsolePage(adasBrowser.page, controlPlane.url);
    app = new AppPage(await (await newContext(browser)).newPage());
    app.page.setDefaultTimeout(60_000);
    await invite(admin, minasBrowser, (await admin.createUser({ body: { email } })).id);
    await invite(admin, adasBrowser, (await admin.getMe()).id);
    await grantTo(admin, email);
    await app.page.goto(await startApp(stack));
  }, 300_000);
  afterAll(async () => {
    await psql?.end();
    await stack.disposeAsync();
  });

  test('signs in from the first screen, with a passkey in the browser', async () => {
    await app.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await app.page.getByLabel('Address of your organization').fill(system.ready.controlPlane.url);
    await app.page.keyboard.press('Enter');
    await app.page.getByRole('button', { name: 'Continue in browser' }).click();
    const link = app.page.getByRole('link', { name: 'Open the page' });
    const address = (await link.getAttribute('href')) ?? '';
    const code = await app.page
      .getByText(/^Match code/)
      .locator('..')
      .innerText();
    await minasBrowser.page.goto(address);
    await minasBrowser.page.getByText(code.replace('Match code', '').trim(), { exact: true }).waitFor();
    await minasBrowser.signIn(address);
    await app.page.getByText(email).first().waitFor();
    expect(app.complaints).toEqual([]);
  }, 120_000);

  test('connects, and the copied psql line works', async () => {
    await app.go('#/databases', 'Databases');
    await app.page.getByRole('button', { name: 'Connect shop' }).click();
    await app.page.getByRole('button', { name: 'Disconnect shop' }).waitFor();
    await app.page.getByRole('button', { name: 'Copy connection for shop' }).click();
    await app.page.getByRole('menuitem', { name: /^psql/ }).click();
    const line = await app.paste();
    const conninfo = /^psql "([^"]+)"$/.exec(line)?.[1];
    if (conninfo === undefined) throw new Error(`not a psql line: ${line}`);
    psql = new Psql(conninfo);
    expect(await psql.ask('select email from customers where id = 1;')).toMatch(/^.\*{3}@.\*{3}\./);
  }, 120_000);

  test('queries in the app: masks come with their reason', async () => {
    await app.page.getByRole('link', { name: 'Query shop' }).click();
    await app.editor.waitFor();
    await app.run('select id, email from customers order by id');
    await app.results.getByRole('button', { name: '⊘ 1 column masked' }).waitFor();
    await app.grid.getByRole('columnheader', { name: /^email,/ }).click();
    await app.page.keyboard.press('m');
    const why = app.page.getByRole('dialog', { name: 'Why is email masked?' });
    await expect.poll(async () => await why.textContent()).toContain('support');
    await app.page.keyboard.press('Escape');
    expect(app.complaints).toEqual([]);
  }, 120_000);

  test('asks for what is refused, and gets it by an administrator’s touch, without reconnecting', async () => {
    expect(await psql.ask('select count(*) from payments;')).toContain('42501');
    await app.run('select * from payments');
    const alert = app.results.getByRole('alert');
    await expect.poll(async () => await alert.textContent()).toContain('42501');
    await alert.getByRole('button', { name: 'Request access' }).click();
    const sheet = app.page.getByRole('dialog', { name: 'Request access' });
    expect(await sheet.getByRole('textbox', { name: 'Tables' }).inputValue()).toContain('public.payments');
    await sheet.getByRole('textbox', { name: 'Reason' }).fill('A refund of yesterday to look at');
    await sheet.getByRole('button', { name: 'Send request' }).click();
    await sheet.waitFor({ state: 'detached' });

    await adasBrowser.page.goto(`${system.ready.controlPlane.url}/console/`);
    await adasBrowser.press('Sign in with a passkey');
    await console.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await console.open('/admin/inbox', 'Inbox');
    await console.page.getByRole('heading', { name: `${email} asks for shop` }).waitFor();
    await console.button('Approve').click();
    const link = console.page.getByRole('link', { name: 'Continue in the browser' });
    await console.page.goto((await link.getAttribute('href')) ?? '');
    await adasBrowser.press('Approve with a passkey');

    await expect
      .poll(async () => await psql.ask('select count(*) from payments;'), { timeout: 15_000 })
      .toMatch(/^\d+$/);
    await app.run('select id from payments order by id');
    await expect.poll(async () => (await app.columnTexts('id'))[0], { timeout: 30_000 }).toBe('1');
  }, 180_000);

  test('is refused again when the access ends', async () => {
    await console.open('/admin/inbox?list=all', 'Inbox');
    await console.button('End this access now').click();
    await expect
      .poll(async () => await psql.ask('select count(*) from payments;'), { timeout: 15_000 })
      .toContain('42501');
    expect(await psql.ask('select email from customers where id = 1;')).toMatch(/^.\*{3}@/);
  }, 60_000);

  test('loses the session with the device', async () => {
    const { items } = await admin.listOrganizationDevices();
    const device = items.find(({ user, revokedAt }) => user.email === email && revokedAt === null);
    if (device === undefined) throw new Error('the device is not listed');
    await admin.revokeDevice({ params: { id: device.id } });
    await expect
      .poll(async () => psql.isOver || (await psql.ask('select 1;').catch(() => 'over')), { timeout: 15_000 })
      .not.toBe('1');
  }, 60_000);
});

async function newContext(browser: Browser): Promise<BrowserContext> {
  return await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-write'],
  });
}

async function invite(admin: ApiClient, pages: SignInPages, id: string): Promise<void> {
  await pages.enroll((await admin.inviteUser({ params: { id } })).url);
  await pages.page.context().clearCookies();
}

/** The person is in the sample's first policy. */
async function grantTo(admin: ApiClient, person: string): Promise<void> {
  const params = { database: 'shop' };
  const document = (await admin.getPolicies({ params })).document as PolicyDocument;
  const [first, ...others] = document.policies;
  if (first === undefined) throw new Error('the sample has a policy');
  const assign = { ...first.assign, users: [...first.assign.users, person] };
  await admin.putPolicies({ params, body: { ...document, policies: [{ ...first, assign }, ...others] } });
}

/** The app on a device that nobody has used before; the address to open. */
async function startApp(stack: AsyncDisposableStack): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'daam-journey-'));
  stack.defer(async () => await rm(stateDir, { recursive: true, force: true, maxRetries: 5 }));
  const engine = stack.use(
    await Engine.open({ stateDir, secretStore: 'file', transport: 'tunnel', sidecarFile: sidecarFile() }),
  );
  const backend = stack.use(new EngineBackend({ engine, version: '0.1.0', logger: silentLogger }));
  const token = new Secret(randomBytes(32).toString('base64url'));
  const assetsDir = await ensureRendererBuilt({ logger: silentLogger });
  const web = stack.use(await startDesktopWeb({ backend, port: 0, token, assetsDir, logger: silentLogger }));
  return web.openUrl.reveal();
}
