/** The panel of one database: who is connected, where it listens, and what gets the local password, over a backend in memory. */
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findViolations } from '../pages/accessibility.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { startApp } from './app-world.ts';

describe.skipIf(findBrowser() === null)(
  'in Chromium, which must be installed, the panel of a database',
  () => {
    let browser: Browser;
    let assetsDir: string;
    beforeAll(async () => {
      [browser, assetsDir] = await Promise.all([
        launchBrowser(),
        ensureRendererBuilt({ logger: silentLogger }),
      ]);
    });
    afterAll(() => browser.close());

    const start = async () => {
      const world = await startApp({ browser, assetsDir, capabilities: { openInTool: true } });
      world.backend.tools = [{ id: 'dbeaver', label: 'DBeaver', pastes: null }];
      await world.app.go('#/databases/orders', 'orders');
      const { page } = world.app;
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByRole('table', { name: 'Sessions' }).waitFor();
      const said = async (): Promise<string> => (await page.locator('output').last().textContent()) ?? '';
      return { world, page, said, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
    };

    it('lists who is connected with what went through, ends one, and opens a program of this machine', async () => {
      await using started = await start();
      const { page, said } = started;
      const row = page.getByRole('table', { name: 'Sessions' }).getByRole('row').last();
      expect(await row.textContent()).toContain('psql');
      expect(await row.textContent()).toContain('84 KB');
      await page.getByRole('button', { name: 'End the session of psql' }).click();
      await expect.poll(said).toBe('The session of psql was ended.');
      await page.getByRole('textbox', { name: 'Local port' }).fill('5432');
      await page.getByRole('button', { name: 'Change', exact: true }).click();
      await page.getByText('5432 is used by postgres (pid 4121).').waitFor();
      await page.getByRole('button', { name: 'Use 54399' }).waitFor();
      await page.getByRole('button', { name: 'Open in DBeaver' }).click();
      await expect.poll(said).toBe('DBeaver was started.');
      expect(await findViolations(page)).toEqual([]);
    });

    it('shows below one’s own what may be asked for, and asks with the name filled in', async () => {
      await using started = await start();
      const { page, world } = started;
      await world.app.go('#/databases', 'Databases');
      const listed = page.getByRole('region', { name: 'Available to request' }).getByRole('listitem');
      expect(await listed.textContent()).toContain('owned by the people team · usual answer in 25 min');
      expect(await findViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Request hr' }).click();
      const sheet = page.getByRole('dialog', { name: 'Request access' });
      expect(await sheet.getByLabel('Database').inputValue()).toBe('hr');
      await page.keyboard.press('Escape');
      await page.getByLabel('Filter databases').fill('orders');
      await expect.poll(async () => await listed.count()).toBe(0);
    });

    it('copies the local password without ever showing it, and writes it to a file only as it was shown', async () => {
      await using started = await start();
      const { page, said, world } = started;
      const canary = 'canary-local-password';
      await page.getByText('Unix socket', { exact: true }).click();
      await expect.poll(said).toBe('orders listens on a Unix socket.');
      expect(await page.getByRole('button', { name: 'Write to .pgpass…' }).count()).toBe(0);
      await page.getByRole('switch', { name: /^Password on local ports/ }).click();
      await expect.poll(said).toBe('Local ports ask for a password.');
      await page.getByText('PGPASSWORD=local-password').waitFor();
      await page.getByRole('button', { name: 'Copy', exact: true }).click();
      await expect.poll(said).toBe('Copied psql for orders.');
      // The page may not read the clipboard: it is pasted, and taken out again.
      const field = page.getByRole('textbox', { name: 'Local port' });
      await field.fill('');
      await page.keyboard.press('ControlOrMeta+V');
      expect(await field.inputValue()).toContain(`PGPASSWORD=${canary} psql`);
      await field.fill('1');
      await page.getByRole('button', { name: 'Write to .pgpass…' }).click();
      const dialog = page.getByRole('dialog', { name: 'orders in .pgpass' });
      await dialog.getByText(':dev:********').waitFor();
      await dialog.getByText('3 other lines stay as they are.').waitFor();
      expect(await findViolations(page)).toEqual([]);
      await dialog.getByRole('button', { name: 'Write', exact: true }).click();
      await expect.poll(said).toBe('/home/dev/.pgpass was written.');
      await page.getByRole('button', { name: 'Write to .pgpass…' }).click();
      await dialog.getByText('Nothing changes').waitFor();
      await dialog.getByRole('button', { name: 'Take it out instead…' }).click();
      await dialog.getByRole('button', { name: 'Take out', exact: true }).click();
      await expect.poll(said).toBe('/home/dev/.pgpass was written.');
      expect(await page.content()).not.toContain(canary);
      expect(world.asked.every(({ body }) => !JSON.stringify(body ?? '').includes(canary))).toBe(true);
    });
  },
);
