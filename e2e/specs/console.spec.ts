/**
 * An administrator's day in the console that the control plane serves: a passkey in Chromium's virtual authenticator, a new database, a
 * policy made from suggestions and published into an open psql session, a request approved by a touch, a session replayed, the audit
 * verified and exported.
 */
import { readFile } from 'node:fs/promises';
import { type ApiClient, createClient } from '@daam/shared/api/client';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { ConsolePage } from '../pages/console-page.ts';
import { SignInPages } from '../pages/sign-in-pages.ts';
import { Psql } from './interactive-psql.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { findTool } from './tools.ts';

const missing =
  findBrowser() === null
    ? 'Chromium is not installed'
    : findTool('psql', 'the console’s effect on an open session') === null
      ? 'psql is not installed'
      : null;
if (missing !== null) process.stderr.write(`skipped: console.spec: ${missing}\n`);

const hostile = '<img src=x onerror="document.title=1">"\'><script>document.title=1</script>';

describe.skipIf(missing !== null)('an administrator in the console', () => {
  let system: RunningSystem;
  let browser: Browser;
  let pages: SignInPages;
  let screen: ConsolePage;
  let admin: ApiClient;
  let developer: ApiClient;
  let psql: Psql;

  beforeAll(async () => {
    system = await startRunningSystem([], { ui: true });
    const { controlPlane, admin: administrator, developer: dev } = system.ready;
    const client = (token: string): ApiClient =>
      createClient({ baseUrl: controlPlane.url, fetch, token: () => token });
    admin = client(administrator.apiToken);
    developer = client(dev.apiToken);
    psql = new Psql(dev.local.dsn);
    browser = await launchBrowser();
    const context = await browser.newContext({
      acceptDownloads: true,
      viewport: { width: 1440, height: 900 },
    });
    pages = await SignInPages.open(await context.newPage());
    screen = new ConsolePage(pages.page, controlPlane.url);
    const { id } = await admin.getMe();
    await pages.enroll((await admin.inviteUser({ params: { id } })).url);
    await context.clearCookies();
  }, 300_000);
  afterAll(async () => {
    await psql?.end();
    await browser?.close();
    await system?.[Symbol.asyncDispose]();
  });

  test('signs in with a passkey, in this browser', async () => {
    await screen.page.goto(`${system.ready.controlPlane.url}/console/`);
    await screen.button('Sign in with a passkey').waitFor();
    expect(await screen.accessibilityFindings()).toEqual([]);
    await pages.press('Sign in with a passkey');
    await screen.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(screen.page.url()).toMatch(/#\/admin\/overview$/);
    for (const [route, heading, link] of [
      ['/query?db=shop', 'Query', 'daam://query?db=shop'],
      ['/databases/shop', 'shop', 'daam://connect/shop'],
    ] as const) {
      await screen.open(route, heading);
      const app = screen.page.getByRole('link', { name: 'Open in the desktop app' });
      expect(await app.getAttribute('href')).toBe(link);
      expect(await screen.page.locator('code').textContent()).toBe('daam connect shop');
    }
    // Before the sign-in the browser says that nobody was signed in.
    expect(pages.complaints.splice(0).filter((text) => !text.includes('401'))).toEqual([]);
  });

  test('adds a database; its token is shown once', async () => {
    await screen.open('/admin/databases', 'Databases & agents');
    await screen.button('Add database').click();
    await screen.page.getByLabel('Name', { exact: true }).fill('ledger');
    await screen.page.getByLabel('Description').fill(hostile);
    await screen.button('Continue').click();
    await screen.page.getByText(/The token is shown once/).waitFor();
    const token = (await screen.page.getByLabel('Token', { exact: true }).innerText()).trim();
    expect(token.length).toBeGreaterThan(20);
    for (const way of ['Docker', 'Binary', 'systemd', 'Kubernetes']) {
      await screen.page.getByRole('tab', { name: way }).click();
      expect(await screen.page.getByLabel(`Commands for ${way}`, { exact: true }).innerText()).not.toBe('');
    }
    expect(await screen.accessibilityFindings()).toEqual([]);
    // The dialog has two ways out of it; one is at its end.
    await screen.button('Close').last().click();
    await screen.open('/admin/databases/ledger', 'ledger');
    expect(await screen.page.content()).not.toContain(token);
  });

  test('makes a mask from a suggestion, previews and publishes it: an open psql session has it within a second or so', async () => {
    expect(await psql.ask('select name from customers where id = 1;')).not.toContain('***');
    await screen.open('/admin/policies/shop', 'Policies of shop');
    await screen.page.getByRole('tab', { name: 'Suggestions' }).click();
    await screen.button('Accept the mask of customers.name').click();
    await screen.page.getByText('Draft saved').waitFor();

    await screen.button('Preview as…').click();
    await screen.choose('Person', system.ready.developer.email);
    await screen.page.getByRole('treegrid', { name: 'Access to shop' }).waitFor();
    expect(await screen.accessibilityFindings()).toEqual([]);
    await screen.page.keyboard.press('Escape');

    await screen.button('Review & publish').click();
    await screen.page.getByText(/^public\.customers\.name: clear → name\b/).waitFor();
    await screen.page.getByRole('tab', { name: /^People/ }).click();
    await screen.page.getByText(/1 person with access is affected/).waitFor();
    await screen.page.getByRole('tab', { name: /^Traffic/ }).click();
    await screen.page.getByText(/recorded statements? of the last 7 days/).waitFor();
    expect(await screen.accessibilityFindings()).toEqual([]);
    await screen.page.getByLabel('Why is this changed?').fill('Names are personal');
    const begun = performance.now();
    await screen.button('Publish').click();
    await expect
      .poll(async () => await psql.ask('select name from customers where id = 1;'), {
        interval: 20,
        timeout: 15_000,
      })
      .toMatch(/^.\*{3}/);
    const tookMs = Math.round(performance.now() - begun);
    process.stdout.write(`console.spec: a publication was in force in an open session after ${tookMs} ms\n`);
    await screen.page.getByText('Published: 1 of 1 agent on it').waitFor();
    await screen.button('Done').click();
    await screen.page.getByText('revision 2 in force').waitFor();
  }, 120_000);

  test('edits the same draft as text, and discards it', async () => {
    await screen.page.getByText('Text', { exact: true }).click();
    const editor = screen.page.getByRole('textbox', { name: 'Policies of shop as text' });
    await editor.waitFor();
    expect(await editor.innerText()).toContain('policies:');
    await editor.click();
    await screen.page.keyboard.press('Control+Home');
    await screen.page.keyboard.type('# of the console\n');
    await screen.page.getByText('Draft saved').waitFor();
    expect(await screen.accessibilityFindings()).toEqual([]);
    await screen.button('Discard draft').click();
    await screen.page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click();
    await screen.page.getByText('Draft discarded.').waitFor();
    await screen.page.getByText('Draft saved').waitFor({ state: 'detached' });
  }, 60_000);

  test('approves a request by a touch of the passkey: rows appear without reconnecting', async () => {
    expect(await psql.ask('select count(*) from payments;')).toContain('42501');
    await developer.createRequest({
      body: {
        database: 'shop',
        access: { tables: [{ table: 'public.payments', operations: ['select'] }] },
        reason: `A refund to look at ${hostile}`,
      },
    });
    await screen.open('/admin/inbox', 'Inbox');
    await screen.page
      .getByRole('heading', { name: `${system.ready.developer.email} asks for shop` })
      .waitFor();
    await screen.page.getByText('A refund to look at <img').waitFor();
    expect(await screen.accessibilityFindings()).toEqual([]);
    await screen.button('Approve').click();
    const link = screen.page.getByRole('link', { name: 'Continue in the browser' });
    const address = (await link.getAttribute('href')) ?? '';
    // The authenticator belongs to this tab, so the page opens here.
    await screen.page.goto(address);
    await pages.press('Approve with a passkey');
    await expect
      .poll(async () => await psql.ask('select count(*) from payments;'), { timeout: 15_000 })
      .toMatch(/^\d+$/);
    await screen.open('/admin/inbox?list=all', 'Inbox');
    await screen.button('End this access now').waitFor();
  }, 120_000);

  test('replays a past session statement by statement', async () => {
    await psql.end();
    await screen.open('/admin/sessions?part=recorded', 'Sessions');
    await screen.page
      .getByRole('link', { name: system.ready.developer.email })
      .first()
      .click({ timeout: 30_000 });
    await screen.page.getByRole('heading', { level: 1, name: /^Session of/ }).waitFor();
    const statements = screen.page.getByRole('list', { name: 'Statements' }).getByRole('button');
    await expect.poll(async () => await statements.count(), { timeout: 30_000 }).toBeGreaterThan(2);
    await screen.choose('Which statements', 'Refused');
    await screen.page.getByText(/refused 42501/).waitFor();
    await screen.choose('Which statements', 'All');
    await screen.page.getByRole('heading', { level: 2, name: 'Statement 1 · SELECT' }).waitFor();
    await screen.page.getByRole('heading', { level: 1 }).focus();
    await screen.page.keyboard.press('ArrowRight');
    await screen.page.getByRole('heading', { level: 2, name: /^Statement 2/ }).waitFor();
    await screen.button('Verify').click();
    await screen.page.getByText(/^chain verified/).waitFor();
  }, 120_000);

  test('ends one open session: its client hears why, another of the same person goes on', async () => {
    const { dsn } = system.ready.developer.local;
    const [stays, other] = [new Psql(dsn), new Psql(`${dsn}?application_name=left-open`)];
    await stays.ask('select 1;');
    await other.ask('select 1;');
    await screen.open('/admin/sessions', 'Sessions');
    const row = screen.page.getByRole('row').filter({ hasText: 'left-open' });
    await row
      .getByRole('button', { name: `End session of ${system.ready.developer.email}` })
      .click({ timeout: 60_000 });
    const dialog = screen.page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('it was left open');
    await dialog.getByRole('button', { name: 'End session' }).click();
    // The sign-in may be older than that takes, by now.
    const signIn = dialog.getByRole('button', { name: 'Sign in again with a passkey' });
    await expect
      .poll(async () => (await dialog.count()) === 0 || (await signIn.count()) === 1, { timeout: 30_000 })
      .toBe(true);
    if ((await signIn.count()) === 1) {
      await signIn.click();
      await screen.page.getByText('Signed in again. Try once more.').first().waitFor();
      await dialog.getByRole('button', { name: 'End session' }).click();
    }
    await dialog.waitFor({ state: 'detached' });
    await expect(other.ask('select 1;')).rejects.toThrow(
      /57P01.*ended by an administrator[\s\S]*Reason: it was left open/,
    );
    expect(await stays.ask('select 2;')).toBe('2');
    await stays.end();
    const { items } = await admin.listActivity({ query: { action: 'session.' } });
    expect(items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['session.ended', 'session.end_asked']),
    );
  }, 120_000);

  test('searches, verifies and exports the audit', async () => {
    await screen.open('/admin/audit', 'Audit');
    await screen.button('Verify').click();
    await screen.page.getByText(/^verified: \d+ records in \d+ chains/).waitFor({ timeout: 30_000 });
    await screen.page.getByLabel('Search the audit').fill('outcome:refused table:public.payments');
    await screen.page.keyboard.press('Enter');
    await screen.page
      .getByRole('button', { name: /payments/ })
      .first()
      .waitFor();
    await screen.open('/admin/audit', 'Audit');
    const downloading = screen.page.waitForEvent('download');
    await screen.button('Export').click();
    await screen.page.getByRole('menuitem', { name: /JSON lines/ }).click();
    const file = await downloading;
    expect(file.suggestedFilename()).toMatch(/^daam-audit-.*\.jsonl$/);
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines.slice(0, 10)) JSON.parse(line);
  }, 120_000);

  test('finds every screen accessible in both themes, and hostile names inert', async () => {
    await admin.createGroup({ body: { name: hostile } });
    await admin.createUser({ body: { email: 'hostile@example.com', name: hostile.slice(0, 120) } });
    const { id } = await admin.getMe();
    const routes: readonly (readonly [string, string | RegExp])[] = [
      ['/admin/overview', 'Overview'],
      ['/admin/databases', 'Databases & agents'],
      ['/admin/databases/shop', 'shop'],
      ['/admin/policies', 'Policies'],
      ['/admin/policies/shop', 'Policies of shop'],
      ['/admin/people', 'People & groups'],
      [`/admin/people/${id}`, system.ready.admin.email],
      ['/admin/inbox?list=all', 'Inbox'],
      ['/admin/sessions?part=recorded', 'Sessions'],
      ['/admin/audit?class=activity', 'Audit'],
      ['/admin/settings', 'Settings of the organization'],
      ['/admin/settings/webhooks', 'Settings of the organization'],
      ['/admin/settings/mail', 'Settings of the organization'],
      ['/admin/settings/service-accounts', 'Settings of the organization'],
      ['/admin/settings/retention', 'Settings of the organization'],
    ];
    for (const colorScheme of ['light', 'dark'] as const) {
      await screen.page.emulateMedia({ colorScheme });
      for (const [route, heading] of routes) {
        await screen.open(route, heading);
        const findings = await screen.accessibilityFindings();
        process.stdout.write(
          `console.spec: axe ${colorScheme} ${route.replace(id, ':id')}: ${findings.length}\n`,
        );
        expect(findings).toEqual([]);
        expect(await screen.page.title()).toContain('DAAM');
        expect(await screen.page.locator('img[src="x"], #main script').count()).toBe(0);
      }
    }
    await screen.open('/admin/people', 'People & groups');
    await screen.page.getByRole('tab', { name: 'Groups' }).click();
    await screen.page.getByRole('heading', { name: hostile }).waitFor();
    // A decision is first answered by what it needs: a touch.
    expect(pages.complaints.filter((text) => !/40[13]/.test(text))).toEqual([]);
  }, 180_000);
});
