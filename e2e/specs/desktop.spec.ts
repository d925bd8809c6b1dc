/** The app that `npm start` serves: the developer's database is there, connected, and its port works. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { DatabasesPage } from '../pages/databases-page.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';

describe.skipIf(findBrowser() === null)('the app in Chromium, which must be installed,', () => {
  let system: RunningSystem;
  let browser: Browser;

  beforeAll(async () => {
    [system, browser] = await Promise.all([startRunningSystem([], { ui: true }), launchBrowser()]);
  });

  afterAll(async () => {
    await browser.close();
    await system[Symbol.asyncDispose]();
  });

  test('shows the sample shop with the local port that psql uses', async () => {
    const screen = new DatabasesPage(await browser.newPage());
    await screen.open(system.ready.desktop?.url ?? '');
    await expect.poll(async () => await screen.names()).toEqual(['shop']);
    const { host, port } = system.ready.developer.local;
    expect(await screen.row('shop').textContent()).toContain(`${host}:${port}`);
    expect(screen.complaints).toEqual([]);
  });
});
