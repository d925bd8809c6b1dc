/**
 * A database that DAAM has not met, put under it by an administrator in the console: the wizard's command starts a real agent, the ticks
 * turn, a policy begins with the suggested masks, is previewed and published, and a developer's session sees just that.
 */
import { type ApiClient, createClient } from '@daam/shared/api/client';
import type { PolicyDocument } from '@daam/shared/policy/document';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { ConsolePage } from '../pages/console-page.ts';
import { SignInPages } from '../pages/sign-in-pages.ts';
import { installAgent } from './installed-agent.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { column } from './surroundings.ts';
import { findTool } from './tools.ts';
import { Device } from './tunnel/daam.ts';

const missing =
  findBrowser() === null
    ? 'Chromium is not installed'
    : findTool('psql', 'a developer of the new database') === null
      ? 'psql is not installed'
      : null;
if (missing !== null) process.stderr.write(`skipped: new-database.spec: ${missing}\n`);

const accounts = `
  CREATE TABLE accounts (id int PRIMARY KEY, holder text, email text, balance numeric);
  INSERT INTO accounts VALUES (1, 'Yuki Sato', 'yuki.sato@mail.example', 120.50);
  CREATE TABLE entries (id int PRIMARY KEY, account_id int REFERENCES accounts, amount numeric);
  INSERT INTO entries VALUES (7, 1, -3.25);`;

describe.skipIf(missing !== null)('a new database', () => {
  const stack = new AsyncDisposableStack();
  let system: RunningSystem;
  let browser: Browser;
  let pages: SignInPages;
  let screen: ConsolePage;
  let admin: ApiClient;
  let upstreamDsn: string;

  beforeAll(async () => {
    system = stack.use(await startRunningSystem([], { ui: true }));
    const { controlPlane, admin: administrator, upstream } = system.ready;
    admin = createClient({ baseUrl: controlPlane.url, fetch, token: () => administrator.apiToken });
    await column(upstream.dsn, 'CREATE DATABASE ledger').catch(() => []);
    const address = new URL(upstream.dsn);
    address.pathname = '/ledger';
    upstreamDsn = address.href;
    await column(upstreamDsn, accounts).catch(() => []);
    browser = await launchBrowser();
    stack.defer(async () => await browser.close());
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    pages = await SignInPages.open(await context.newPage());
    screen = new ConsolePage(pages.page, controlPlane.url);
    const { id } = await admin.getMe();
    await pages.enroll((await admin.inviteUser({ params: { id } })).url);
    await context.clearCookies();
    await screen.page.goto(`${controlPlane.url}/console/`);
    await pages.press('Sign in with a passkey');
    await screen.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  }, 300_000);
  afterAll(async () => await stack.disposeAsync());

  test('is added by the wizard, and its agent started by the command shown there: every tick turns', async () => {
    await screen.open('/admin/databases', 'Databases & agents');
    await screen.button('Add database').click();
    await screen.page.getByLabel('Name', { exact: true }).fill('ledger');
    await screen.button('Continue').click();
    await screen.page.getByRole('tab', { name: 'Binary' }).click();
    const ticks = screen.page.getByRole('list', { name: 'Progress of the agent' });
    await expect.poll(async () => await ticks.getByLabel('Waiting').count()).toBe(5);
    const command = await screen.page.getByLabel('Commands for Binary', { exact: true }).innerText();
    stack.use(installAgent(system, { command, upstreamDsn, name: 'ledger-agent' }));
    await ticks.getByText('Schema reported: 2 tables').waitFor({ timeout: 60_000 });
    await expect.poll(async () => await ticks.getByLabel('Waiting').count(), { timeout: 30_000 }).toBe(0);
    expect(await ticks.getByLabel('Done').count()).toBeGreaterThanOrEqual(4);
  }, 120_000);

  test('gets its first policy from suggestions, previewed before it is published', async () => {
    await screen.button('Create first policy').click();
    await screen.page.getByRole('heading', { level: 1, name: 'Policies of ledger' }).waitFor();
    await screen.settled();
    await screen.button('New policy').first().click();
    const dialog = screen.page.getByRole('dialog', { name: 'New policy' });
    await dialog.getByLabel('Name').fill('bookkeeping');
    await dialog
      .getByRole('combobox', { name: 'Begin with' })
      .getByText(/Reading all 2 tables/)
      .waitFor();
    await dialog.getByRole('button', { name: 'Create in the draft' }).click();
    await screen.page.getByRole('tab', { name: /^Assign/ }).click();
    await screen.choose('Add to people', system.ready.developer.email);
    await screen.button(`Assign to ${system.ready.developer.email}`).click();
    await screen.page.getByText('Draft saved').waitFor();

    await screen.button('Preview as…').click();
    await screen.choose('Person', system.ready.developer.email);
    const access = screen.page.getByRole('treegrid', { name: 'Access to ledger' });
    await access.getByText('accounts').first().waitFor();
    await screen.page.keyboard.press('Escape');

    await screen.button('Review & publish').click();
    await screen.page.getByLabel('Why is this changed?').fill('The bookkeeping reads its own tables');
    await screen.button('Publish').click();
    await screen.page.getByText('Published: 1 of 1 agent on it').waitFor({ timeout: 30_000 });
    const { document } = await admin.getPolicies({ params: { database: 'ledger' } });
    const [policy] = (document as PolicyDocument).policies;
    expect(policy?.name).toBe('bookkeeping');
    expect(policy?.masks.map(({ column: masked }) => masked)).toContain('public.accounts.email');
  }, 120_000);

  test('is what a developer’s session shows: granted, masked, and nothing else', async () => {
    await using device = new Device();
    const login = ['login', '--control-plane', system.ready.controlPlane.url, '--token-file', '-'];
    const signedIn = await device.run([...login, '--secret-store', 'file'], system.ready.developer.apiToken);
    expect(signedIn.code).toBe(0);
    expect(await device.ask('select id, balance from accounts', 'ledger')).toBe('1|120.50');
    expect(await device.ask('select email from accounts', 'ledger')).toBe('y***@m***.example');
    expect(await device.ask('select amount from entries', 'ledger')).toBe('-3.25');
    const refused = await device.ask('delete from entries', 'ledger').catch(String);
    expect(refused).toContain('permission denied for table entries');
  }, 120_000);
});
