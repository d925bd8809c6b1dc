/** What stands around every screen: the lock, the folded navigation, the truth about connections, the palette's parts. */
import { AppError } from '@daam/shared/errors/app-error';
import { sampleStatus } from '@daam/desktop/ipc/testing/sample';
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { type AppWorld, startApp } from './app-world.ts';

let browser: Browser;
let assetsDir: string;
let world: AppWorld;

beforeAll(async () => {
  if (findBrowser() === null) return;
  [browser, assetsDir] = await Promise.all([launchBrowser(), ensureRendererBuilt({ logger: silentLogger })]);
});
afterAll(async () => await browser?.close());

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed, the shell', () => {
  beforeEach(async () => {
    world = await startApp({ browser, assetsDir });
    await world.app.name('orders').waitFor();
  });
  afterEach(async () => await world[Symbol.asyncDispose]());

  it('locks by its key: no screen is left in the document, and the passkey’s touch brings it back', async () => {
    const { app, backend } = world;
    const { page } = app;
    await app.button('Connect orders').click();
    await app.button('Disconnect orders').waitFor();
    await page.keyboard.press('Alt+Shift+L');
    await page.getByRole('heading', { level: 1, name: 'Locked' }).waitFor();
    const content = await page.content();
    for (const hidden of ['orders', 'billing', '54310', 'analyst']) expect(content).not.toContain(hidden);
    expect(await page.title()).toBe('Locked · DAAM');
    expect(await app.accessibilityFindings()).toEqual([]);
    backend.failNext('startSignIn', new AppError('CONTROL_PLANE_UNAVAILABLE'));
    await app.button('Unlock with your passkey').click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('CONTROL_PLANE_UNAVAILABLE');
    await app.button('Unlock with your passkey').click();
    await page.getByText('K7', { exact: true }).waitFor();
    backend.setSignIn({ kind: 'done' });
    await app.button('Disconnect orders').waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('folds the navigation to a rail whose links keep their names', async () => {
    const { app } = world;
    const { page } = app;
    const navigation = page.getByRole('navigation', { name: 'Main' });
    await page.keyboard.press('Control+B');
    await expect.poll(async () => (await navigation.boundingBox())?.width).toBe(48);
    await navigation.getByRole('link', { name: /^Requests/ }).focus();
    await page.getByText('Requests', { exact: true }).last().waitFor();
    expect(await app.accessibilityFindings()).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
    await page.keyboard.press('Control+B');
    await expect.poll(async () => (await navigation.boundingBox())?.width).toBe(216);
  });

  it('tells all of a connection in its chip and in the status line, and the hint about copying once', async () => {
    const { app } = world;
    const { page } = app;
    await app.button('Connect orders').click();
    await app.button('Got it: close the hint about copying').waitFor();
    const status = page.getByRole('contentinfo', { name: 'Status' });
    await expect.poll(() => status.textContent()).toContain('orders · 127.0.0.1:54310');
    await expect.poll(() => status.textContent()).toContain('Loopback 14 msRecordedpolicy analyst v12');
    await page.getByRole('button', { name: /^1 connected/ }).click();
    const chip = page.getByRole('dialog', { name: 'Connections' });
    await expect.poll(() => chip.textContent()).toContain('Loopback 14 ms · 1 open session');
    expect(await app.accessibilityFindings()).toEqual([]);
    await chip.getByRole('button', { name: 'Disconnect orders' }).click();
    await page.getByText('No database connected').waitFor();
    await app.button('Connect orders').click();
    await app.button('Got it: close the hint about copying').click();
    await app.button('Disconnect orders').click();
    await app.button('Connect orders').click();
    await app.button('Disconnect orders').waitFor();
    expect(await app.button('Got it: close the hint about copying').count()).toBe(0);
  });

  it('finds tabs and saved queries by one key, parts of the settings by another, and people for who may see them', async () => {
    const { app, backend } = world;
    const { page } = app;
    const list = page.getByRole('listbox', { name: 'Found' });
    await page.keyboard.press('Control+P');
    await list
      .getByRole('option', { name: /Refunds by country/ })
      .first()
      .waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(':diag');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Diagnostics' }).waitFor();
    const account = sampleStatus.account;
    if (account === null) throw new Error('the sample is signed in');
    backend.setStatus({ ...sampleStatus, account: { ...account, role: 'admin' } });
    await page.getByRole('link', { name: 'Overview' }).waitFor();
    await page.keyboard.press('Control+K');
    await page.keyboard.type('@');
    await expect.poll(() => world.asked.some(({ route }) => route === 'listUsers')).toBe(true);
  });
});
