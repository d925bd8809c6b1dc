/**
 * The control plane's own pages in a real browser: enrolment, account, approvals, sign-in and device codes, in light and
 * dark, wide and narrow, by keyboard and under axe. Passkeys are made by Chromium's virtual authenticator.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import { type ControlPlane, startControlPlane } from '@daam/control-plane/app';
import { resolveConfig } from '@daam/control-plane/config';
import { type ApiClient, createClient } from '@daam/shared/api/client';
import { silentLogger } from '@daam/shared/base/logger';
import { matchCode } from '@daam/shared/identity/match-code';
import { generateX25519, x25519PublicText } from '@daam/shared/identity/x25519';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';

const looks = [
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 1440 },
  { colorScheme: 'light', width: 390 },
  { colorScheme: 'dark', width: 390 },
] as const;

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed, the pages', () => {
  const owned = new AsyncDisposableStack();
  let plane: ControlPlane;
  let admin: ApiClient;
  let browser: Browser;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    const postgres = owned.use(await startEmbeddedPostgres());
    const settings = {
      listen: { port: 0 },
      database: { dsn: await postgres.createDatabase('pages') },
      master_key: Buffer.alloc(32, 7).toString('base64'),
      identity: { development_tokens: true },
      http: { rate_factor: 100 },
      sign_up: { enabled: true, code: 'code-of-the-spec' },
    };
    const config = resolveConfig(settings, () => '');
    plane = owned.use(await startControlPlane(config, { logger: silentLogger }));
    const { adminToken } = await plane.bootstrap({ org: 'Pages', adminEmail: 'root@pages.example' });
    admin = createClient({ baseUrl: plane.url, fetch, token: () => adminToken });
    for (const who of ['mina', 'laptop', 'server', 'member', 'ada', 'grace', 'pia']) {
      const role = ['ada', 'grace', 'pia'].includes(who) ? 'admin' : 'member';
      ids[who] = (await admin.createUser({ body: { email: `${who}@pages.example`, role } })).id;
    }
    await admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
    browser = await launchBrowser();
    owned.defer(async () => await browser.close());
  });
  afterAll(async () => await owned.disposeAsync());

  it('let a person make a passkey, sign in, add another, and go, by keyboard alone', async () => {
    const { page, devices, complaints } = await open();
    await enroll(page, 'mina');
    await look(page);
    await page.goto(`${plane.url}/account`);
    await look(page);
    await pressOn(page, 'Continue with a passkey');
    await page.getByRole('heading', { name: 'Passkeys', exact: true }).waitFor();
    await page.getByLabel('Name of the new passkey').fill('Security key');
    await devices.add('usb');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Confirm the new passkey' }).waitFor();
    await look(page);
    await devices.remove('usb');
    await pressOn(page, 'Confirm with a passkey');
    await page.getByText('The new passkey was added.').waitFor();
    await page.getByText('confirmed by you').waitFor();
    await look(page);
    await pressOn(page, 'Remove passkey Security key');
    await page.keyboard.press('Enter');
    await page.getByText('The passkey was removed.').waitFor();
    await pressOn(page, 'Sign out');
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  it('offer both ways for a link to a screen, and none for a link that is none', async () => {
    const { page, complaints } = await open();
    await page.goto(`${plane.url}/open#connect/${encodeURIComponent("o'rders <b>")}`);
    await page.getByText("o'rders <b>", { exact: true }).waitFor();
    await look(page);
    const hrefOf = async (name: string): Promise<string | null> =>
      await page.getByRole('link', { name }).getAttribute('href');
    expect(await hrefOf('Open in the desktop app')).toBe("daam://connect/o'rders%20%3Cb%3E");
    expect(await hrefOf('Stay in the browser')).toBe("/console/#/databases/o'rders%20%3Cb%3E");
    for (const fragment of ['', '#approve/r1', '#query/a/b', '#request/%00', '#constructor/x', '#connect/']) {
      await page.goto('about:blank');
      await page.goto(`${plane.url}/open${fragment}`);
      await page.getByText('This link leads to no screen of DAAM').waitFor();
      expect(await page.getByRole('link', { name: 'Open in the desktop app' }).count()).toBe(0);
    }
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  it('show the app’s match code and the device’s key, and bring the browser back to the app', async () => {
    const { page, complaints } = await open();
    await enroll(page, 'laptop');
    const app = createServer((_, response) => response.end('back'));
    app.listen(0, '127.0.0.1');
    await once(app, 'listening');
    const { port } = app.address() as AddressInfo;
    const challenge = Buffer.alloc(32, 3).toString('base64url');
    const query = new URLSearchParams({
      client_id: 'daam-desktop',
      response_type: 'code',
      redirect_uri: `http://127.0.0.1:${port}/callback`,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      state: 'state-of-the-app',
      device_name: '<b>Laptop</b> "of" Mina & Co',
      device_os: 'linux',
      wg_key: x25519PublicText(generateX25519()),
    });
    const address = `${plane.url}/auth/authorize?${query.toString()}`;
    await page.goto(address);
    expect(await page.locator('.match strong').textContent()).toBe(matchCode(challenge));
    await page.getByText('<b>Laptop</b> "of" Mina & Co').waitFor();
    await look(page);
    await pressOn(page, 'Cancel');
    await page.waitForURL(/error=access_denied&state=state-of-the-app$/);
    await page.goto(address);
    await pressOn(page, 'Continue with a passkey');
    await page.waitForURL(/callback\?code=[A-Za-z0-9_-]{43}&state=state-of-the-app$/);
    // What was shown is what is sent, and where Cancel goes, whatever the address says.
    const other = { redirect_uri: `http://127.0.0.1:${port}/elsewhere`, wg_key: 'A'.repeat(43), state: 'x' };
    const search = `?${new URLSearchParams(other).toString()}`;
    await page.addInitScript(
      `if (location.pathname === '/auth/authorize') history.replaceState(null, '', '${search}')`,
    );
    await page.goto(address);
    const asked = page.waitForRequest('**/auth/authorize/begin');
    await pressOn(page, 'Continue with a passkey');
    expect((await asked).postDataJSON()).toEqual(Object.fromEntries(query));
    await page.waitForURL(/callback\?code=[A-Za-z0-9_-]{43}&state=state-of-the-app$/);
    await page.goto(address);
    await pressOn(page, 'Cancel');
    await page.waitForURL(/callback\?error=access_denied&state=state-of-the-app$/);
    await page.context().close();
    expect(complaints).toEqual([]);
    app.close();
  });

  it('sign in a device by the code that it shows', async () => {
    const { page, complaints } = await open();
    await enroll(page, 'server');
    const { user_code, verification_uri } = await admin.startDeviceCode({
      body: {
        client_id: 'daam-desktop',
        device_name: 'Server without a screen',
        device_os: 'linux',
        wg_key: x25519PublicText(generateX25519()),
      },
    });
    await page.goto(verification_uri);
    await look(page);
    await page.getByLabel('Code').fill(user_code);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'This device wants to sign in as you' }).waitFor();
    await look(page);
    await pressOn(page, 'Sign it in with a passkey');
    await page.getByText('The device is signed in as server@pages.example.').waitFor();
    await page.goto(verification_uri);
    await page.getByLabel('Code').fill('BBBB-BBBB');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('There is no such code').waitFor();
    await look(page);
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  it('let an administrator approve a passkey, and nobody else, and rename and remove devices', async () => {
    const { page, complaints } = await open();
    await enroll(page, 'ada');
    await page.goto(`${plane.url}/admin/passkeys`);
    await pressOn(page, 'Continue with a passkey');
    const approve = page.getByRole('button', { name: 'Approve the passkey of mina@pages.example' }).first();
    await approve.waitFor();
    await look(page);
    await approve.focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^Approved: ([0-9a-f]{4} ?){8}$/).waitFor();
    const { items } = await admin.listOrganizationPasskeys({ query: {} });
    expect(items.filter(({ endorsedBy }) => endorsedBy?.email === 'ada@pages.example')).toHaveLength(1);
    const wgKey = x25519PublicText(generateX25519());
    const body = { name: 'test', user: ids['ada'] ?? '' };
    const { token } = await admin.createApiToken({ body });
    const ada = createClient({ baseUrl: plane.url, fetch, token: () => token });
    await ada.registerDevice({ body: { name: 'Laptop of Ada', os: 'linux', wgKey } });
    await page.getByRole('link', { name: 'Account' }).click();
    const name = page.getByLabel('Name of Laptop of Ada');
    await name.fill('Old laptop');
    await page.keyboard.press('Enter');
    await page.getByText('The device has a new name.').waitFor();
    await look(page);
    await pressOn(page, 'Remove device Old laptop');
    await page.keyboard.press('Enter');
    await page.getByText('The device was removed.').waitFor();
    expect((await ada.listDevices()).items[0]?.revokedAt).not.toBeNull();
    await page.context().close();
    expect(complaints).toEqual([]);
    const { page: other, complaints: theirs } = await open();
    await enroll(other, 'member');
    await other.goto(`${plane.url}/admin/passkeys`);
    await pressOn(other, 'Continue with a passkey');
    await other.getByText('FORBIDDEN').waitFor();
    await look(other);
    await other.context().close();
    expect(theirs).toEqual([]);
  });

  it('show a decision on a request, with its terms, and make it by one touch', async () => {
    const { page, complaints } = await open();
    await enroll(page, 'grace');
    const { decide, stateOf } = await request();
    await page.goto(await decide({ decision: 'approve', minutes: 30, note: 'for the refund' }));
    const says = async (text: string) => await page.getByText(text, { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'Approve this access?' }).waitFor();
    for (const text of ['member@pages.example', '30 min, once approved', '2 h, once approved', 'OPS-17'])
      await says(text);
    expect(await page.locator('dl li').allInnerTexts()).toEqual([
      'select on public.payments (id, order_id)',
      'public.customers.email without a mask',
    ]);
    expect(page.url()).not.toContain('#');
    expect(await page.getByText('Deny this access?').isVisible()).toBe(false);
    await look(page);
    await pressOn(page, 'Approve with a passkey');
    await says('Approved. You can close this page.');
    expect(await stateOf()).toBe('active');
    await look(page);
    await page.reload();
    await page.getByRole('alert').getByText('This page shows its decision once.').waitFor();

    const another = await request();
    await page.goto('about:blank');
    await page.goto(await another.decide({ decision: 'deny', note: 'not today' }));
    await page.getByRole('heading', { name: 'Deny this access?' }).waitFor();
    await look(page);
    await pressOn(page, 'Cancel');
    await says('Nothing was decided. You can close this page.');
    expect(await another.stateOf()).toBe('pending');
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  it('show what is put in force, line by line, and publish it by one touch', async () => {
    const { page, complaints } = await open();
    await enroll(page, 'pia');
    const { token } = await admin.createApiToken({ body: { name: 'test', user: ids['pia'] ?? '' } });
    const pia = createClient({ baseUrl: plane.url, fetch, token: () => token });
    const params = { database: 'shop' };
    const text =
      'database: shop\npolicies:\n  - name: support\n    grants: [{ table: public.orders, operations: [select] }]\n';
    const body = { kind: 'document', text, comment: 'for <b>support</b>' } as const;
    const { id, url } = await pia.beginPublication({ params, body });
    await page.goto(url);
    await page.getByRole('heading', { name: 'Put these policies of shop in force?' }).waitFor();
    await page.getByText('for <b>support</b>', { exact: true }).waitFor();
    expect((await page.locator('dl li').allInnerTexts()).map((line) => line.trim())).toEqual([
      'policy support: added',
      '+ select on public.orders',
    ]);
    expect(page.url()).not.toContain('#');
    await look(page);
    await pressOn(page, 'Publish with a passkey');
    await page.getByText(/^Published: revision \d+ is in force/).waitFor();
    await look(page);
    const { items } = await pia.listPolicyRevisions({ params });
    expect(items[0]).toMatchObject({ publication: id, isSigned: true });
    await page.reload();
    await page.getByRole('alert').getByText('This page shows its publication once.').waitFor();
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  it('say what is wrong with an invitation, and with a query that no app sends', async () => {
    const { page, complaints } = await open();
    const { url } = await admin.inviteUser({ params: { id: ids['mina'] ?? '' } });
    await page.goto(url);
    await page.getByText('mina@pages.example').waitFor();
    await look(page);
    await page.goto('about:blank');
    await page.goto(`${plane.url}/enroll#${'A'.repeat(43)}`);
    await page.getByRole('alert').getByText('This invitation is not valid any more.').waitFor();
    await look(page);
    await page.goto(`${plane.url}/auth/authorize?redirect_uri=https://evil.example`);
    await page.getByRole('heading', { name: 'This did not work' }).waitFor();
    await look(page);
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  // Last: where there are two organizations, the pages ask which one is meant.
  it('let who has the code make an organization, and lead them to their passkey at once', async () => {
    const { page, complaints } = await open();
    await page.goto(`${plane.url}/sign-up`);
    await look(page);
    await page.getByLabel('Name of the organization').fill('Newcomers');
    await page.getByLabel('Your e-mail address').fill('first@newcomers.example');
    await page.getByLabel('Code that you were given').fill('a wrong one');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('not the right one');
    await page.getByLabel('Code that you were given').fill('code-of-the-spec');
    await page.keyboard.press('Enter');
    await page.getByText('first@newcomers.example').waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await pressOn(page, 'Make a passkey');
    await page.getByRole('heading', { name: 'Your passkey is ready' }).waitFor();
    const app = await page.getByRole('link', { name: 'Open the desktop app' }).getAttribute('href');
    expect(app).toBe(`daam://join?at=${encodeURIComponent(new URL(page.url()).origin)}`);
    await page.context().close();
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  /** An access request of a member, and what Grace decides about it. */
  async function request() {
    const tokenOf = async (who: string): Promise<ApiClient> => {
      const { token } = await admin.createApiToken({ body: { name: 'test', user: ids[who] ?? '' } });
      return createClient({ baseUrl: plane.url, fetch, token: () => token });
    };
    const [member, grace] = [await tokenOf('member'), await tokenOf('grace')];
    await admin.putRequestSettings({ body: { discoverable: 'all' } });
    const access = {
      tables: [{ table: 'public.payments', columns: ['id', 'order_id'] }],
      unmask: [{ column: 'public.customers.email' }],
    };
    const reason =
      'A refund of order 17 failed twice, and the customer has called about it again this morning.';
    const { id } = await member.createRequest({
      body: { database: 'shop', access, reason, ticket: 'OPS-17', minutes: 120 },
    });
    const params = { id };
    return {
      decide: async (body: Parameters<ApiClient['beginDecision']>[0]['body']) =>
        (await grace.beginDecision({ params, body })).url,
      stateOf: async () => (await member.getRequest({ params })).state,
    };
  }

  /** A browser of its own with an authenticator of its own, and a page that may not break its content policy. */
  async function open() {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      // A refusal of the server is an answer, and Chromium notes each.
      const isAnswer = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isAnswer) complaints.push(message.text());
    });
    const devices = new VirtualAuthenticators(await context.newCDPSession(page));
    await devices.add('internal');
    return { page, devices, complaints };
  }

  async function enroll(page: Page, who: string): Promise<void> {
    const { url } = await admin.inviteUser({ params: { id: ids[who] ?? '' } });
    await page.goto(url);
    await page.getByText(`${who}@pages.example`).waitFor();
    expect(page.url()).not.toContain('#');
    await pressOn(page, 'Make a passkey');
    await page.getByRole('heading', { name: 'Your passkey is ready' }).waitFor();
  }
});

/** Focuses a button and presses it by key. */
async function pressOn(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await button.focus();
  await page.keyboard.press('Enter');
}

/** Under axe in each look, and nothing wider than the window. */
async function look(page: Page): Promise<void> {
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
  }
}

/** Chromium's virtual authenticators (CDP, domain WebAuthn), by transport. */
class VirtualAuthenticators {
  readonly #session: CDPSession;
  readonly #ids = new Map<string, string>();
  #isEnabled = false;

  constructor(session: CDPSession) {
    this.#session = session;
  }

  async add(transport: 'internal' | 'usb'): Promise<void> {
    if (!this.#isEnabled) await this.#session.send('WebAuthn.enable');
    this.#isEnabled = true;
    const { authenticatorId } = await this.#session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport,
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    this.#ids.set(transport, authenticatorId);
  }

  async remove(transport: 'internal' | 'usb'): Promise<void> {
    const authenticatorId = this.#ids.get(transport) ?? '';
    await this.#session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  }
}
