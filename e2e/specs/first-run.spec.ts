/** The first start of the app, step by step: organization, this device, passkey, checks; and each way in which it may not go on. */
import { AppError } from '@daam/shared/errors/app-error';
import { sampleStatus } from '@daam/desktop/ipc/testing/sample';
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { type AppWorld, startApp } from './app-world.ts';

const invitation = `https://daam.example.com/enroll#${'s'.repeat(43)}`;
let browser: Browser;
let assetsDir: string;
let world: AppWorld;

beforeAll(async () => {
  if (findBrowser() === null) return;
  [browser, assetsDir] = await Promise.all([launchBrowser(), ensureRendererBuilt({ logger: silentLogger })]);
});
afterAll(async () => await browser?.close());

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed, the first start', () => {
  beforeEach(async () => {
    world = await startApp({ browser, assetsDir });
    world.backend.setStatus({ ...sampleStatus, account: null });
    await world.app.go('#/welcome', 'Sign in');
  });
  afterEach(async () => await world[Symbol.asyncDispose]());

  const step = async (): Promise<string> =>
    (await world.app.page.locator('[aria-current=step]').textContent()) ?? '';
  const writeAddress = async (text: string): Promise<void> => {
    await world.app.page.getByLabel('Address of your organization').fill(text);
    await world.app.page.keyboard.press('Enter');
  };

  it('goes from the address to the list of databases by keyboard, and says how each step went', async () => {
    const { app, backend } = world;
    const { page } = app;
    backend.checkStates = { udp: 'warning' };
    expect(await step()).toContain('Organization');
    await writeAddress('daam.example.com');
    await page.getByLabel('Name of this device').fill('Mina’s laptop');
    expect(await step()).toContain('This device');
    expect(await page.getByRole('main').textContent()).toContain('never leaves this machine');
    await page.keyboard.press('Enter');
    await page.getByText('K7', { exact: true }).waitFor();
    expect(await page.getByRole('main').textContent()).toContain('enrolled as “Mina’s laptop”');
    expect(await page.getByRole('link', { name: 'Open the page' }).getAttribute('href')).toContain(
      'https://daam.example.com/',
    );
    await app.button('Copy link').click();
    await expect.poll(() => app.announcement()).toBe('Copied the link.');
    backend.setStatus(sampleStatus);
    backend.setSignIn({ kind: 'done' });
    const checks = page.getByRole('list', { name: 'Checks' }).getByRole('listitem');
    await expect
      .poll(async () => (await checks.allTextContents()).map((text) => text.slice(0, 4)))
      .toEqual(['okCo', 'okCl', 'look', 'okRe', 'okLo']);
    await app.button('Copy what to allow for Direct path (UDP)').waitFor();
    await app.button('Continue anyway').click();
    await page.getByRole('heading', { level: 1, name: 'Databases' }).waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('names what is wrong with an address, and asks nothing else before it is right', async () => {
    const { app, backend } = world;
    const { page } = app;
    await writeAddress('http://daam.example.com');
    await page.getByText('Write an address like daam.example.com').waitFor();
    backend.reach = {
      kind: 'failed',
      cause: 'certificate',
      message: 'The certificate of daam.example.com is not one that this machine trusts.',
      hint: 'Go no further.',
    };
    await writeAddress('daam.example.com');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('The certificate of');
    expect(await step()).toContain('Organization');
    expect(await app.accessibilityFindings()).toEqual([]);
    backend.reach = { kind: 'reached', clockSkewMs: 600_000 };
    await writeAddress('daam.example.com');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('10 min off');
    await app.button('Continue anyway').click();
    await page.getByLabel('Name of this device').waitFor();
  });

  it('sends who has no passkey yet to the page of the invitation, and keeps its secret nowhere', async () => {
    const { app } = world;
    const { page } = app;
    await writeAddress(invitation);
    const link = page.getByRole('link', { name: 'Make a passkey in the browser' });
    expect(await link.getAttribute('href')).toBe(invitation);
    expect(await page.getByLabel('Address of your organization').inputValue()).toBe(
      'https://daam.example.com',
    );
    expect(await app.accessibilityFindings()).toEqual([]);
    await app.button('I have one: continue').click();
    await page.getByLabel('Name of this device').waitFor();
    expect(await page.content()).not.toContain('ssssss');
    expect(await page.evaluate(() => JSON.stringify(Object.entries(localStorage)))).not.toContain('ssssss');
  });

  it('shows where a telephone with the passkey leads, as a code to write and as one for its camera', async () => {
    const { app, backend } = world;
    const { page } = app;
    await writeAddress('daam.example.com');
    await app.button('Continue in browser').click();
    await page.getByText('K7', { exact: true }).waitFor();
    const url = 'https://daam.example.com/device';
    const waiting = {
      kind: 'device-code',
      url,
      urlWithCode: `${url}?code=BCDF-GHJK`,
      userCode: 'BCDF-GHJK',
      fingerprint: 'AB12 CD34',
      endsAt: '2100-01-01T00:00:00.000Z',
    } as const;
    backend.setSignIn(waiting);
    const picture = page.getByRole('img', { name: 'QR code of the address with the code' });
    await picture.waitFor();
    // The pattern by which readers find a code begins it.
    expect(await picture.locator('path').getAttribute('d')).toMatch(/^M4 4h7v1h-7z/);
    expect(await app.accessibilityFindings()).toEqual([]);
    // Without a picture where the address is longer than one holds: it is still written there.
    backend.setSignIn({ ...waiting, urlWithCode: `${url}?code=${'B'.repeat(700)}` });
    await picture.waitFor({ state: 'detached' });
    await page.getByText('BCDF-GHJK', { exact: true }).waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('stops when the codes differ, gives a fresh link when one has ended, and says why it failed', async () => {
    const { app, backend } = world;
    const { page } = app;
    await writeAddress('daam.example.com');
    await app.button('Continue in browser').click();
    await app.button('The codes differ').click();
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toContain('someone may be trying to sign in as you');
    expect(await backend.methods.readSignIn({})).toEqual({ kind: 'none' });
    await app.button('Start again').click();
    await writeAddress('daam.example.com');
    await app.button('Continue in browser').click();
    await page.getByText('K7', { exact: true }).waitFor();
    const ended = { code: 'TIMEOUT', message: 'Nobody signed in.', hint: null, field: null } as const;
    backend.setSignIn({ kind: 'failed', error: ended });
    await page.getByText('The link has ended').waitFor();
    expect(await app.accessibilityFindings()).toEqual([]);
    await app.button('Get a fresh link').click();
    await page.getByText('K7', { exact: true }).waitFor();
    await app.button('Cancel').click();
    await page.getByLabel('Name of this device').waitFor();
    backend.failNext('startSignIn', new AppError('CONTROL_PLANE_UNAVAILABLE'));
    await app.button('Continue in browser').click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('CONTROL_PLANE_UNAVAILABLE');
  });
});
