/** The app that `npm start` serves: the developer's database is there, connected, and its port works. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildScripts } from '@daam/desktop/packaging/bundle';
import { sidecarFile } from '@daam/shared/wireguard/sidecar-file';
import { Client } from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { AppPage } from '../pages/app-page.ts';
import { DatabasesPage } from '../pages/databases-page.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { findTool } from './tools.ts';

const go = findTool('go', 'the main process on the tunnel of the system');

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

  test('runs a query of the sample shop: masks come from the agent, what is not granted is refused', async () => {
    const app = new AppPage(await browser.newPage());
    app.page.setDefaultTimeout(60_000);
    await app.open(system.ready.desktop?.url ?? '');
    await app.page.getByRole('link', { name: 'Query shop' }).click();
    await app.editor.waitFor();
    await app.run('select id, email, salary from customers order by id');
    await app.results.getByRole('button', { name: '⊘ 2 columns masked' }).waitFor();
    await expect
      .poll(async () => (await app.columnTexts('email'))[0], { timeout: 60_000 })
      .toMatch(/^.\*\*\*@.\*\*\*\./);
    await app.grid.getByRole('columnheader', { name: /^email,/ }).click();
    await app.page.keyboard.press('m');
    const why = app.page.getByRole('dialog', { name: 'Why is email masked?' });
    await expect.poll(() => why.textContent()).toContain('support v1');
    await app.page.keyboard.press('Escape');
    await app.run('select * from payments');
    const alert = app.results.getByRole('alert');
    await expect.poll(() => alert.textContent(), { timeout: 60_000 }).toContain('42501');
    expect(await alert.getByRole('button', { name: 'Request access' }).count()).toBe(1);
    expect(app.complaints).toEqual([]);
  });

  test('lists a program on the local port by its name, and ends its session', async () => {
    const { host, port, user, database } = system.ready.developer.local;
    const program = new Client({ host, port, user, database, application_name: 'a look at the shop' });
    const ended = new Promise((resolve) => program.once('end', resolve).once('error', resolve));
    await program.connect();
    await program.query('select 1');
    const app = new AppPage(await browser.newPage());
    app.page.setDefaultTimeout(60_000);
    await app.open(system.ready.desktop?.url ?? '');
    await app.go('#/databases/shop', 'shop');
    await app.page.getByRole('button', { name: 'End the session of a look at the shop' }).click();
    await ended;
    await expect
      .poll(async () => await app.page.getByText('a look at the shop', { exact: true }).count(), {
        timeout: 30_000,
      })
      .toBe(0);
    expect(app.complaints).toEqual([]);
  });

  test.skipIf(go === null)(
    'in its own main process shares the ports that are open, and shows them in the tray',
    async () => {
      const { developer } = system.ready;
      const appDir = await mkdtemp(join(tmpdir(), 'daam-main-process-'));
      await mkdir(join(appDir, 'renderer'));
      await writeFile(join(appDir, 'renderer', 'index.html'), '<!doctype html>');
      await buildScripts(appDir);
      const env = {
        PATH: process.env['PATH'],
        DAAM_HOME: join(system.stateDir, 'users', encodeURIComponent(developer.email)),
        DAAM_SECRET_STORE: 'file',
        DAAM_SIDECAR: sidecarFile(),
      };
      const script = join(import.meta.dirname, '../../desktop/packaging/testing/run-in-node.ts');
      const { stdout } = await promisify(execFile)(process.execPath, [script, appDir, '', 'shop'], { env });
      await rm(appDir, { recursive: true, force: true });
      const { port } = developer.local;
      expect(JSON.parse(stdout)).toMatchObject({
        status: { value: { account: { email: developer.email } } },
        connected: { value: { name: 'shop', connection: { kind: 'connected', local: { port } } } },
        tray: expect.arrayContaining([`shop  :${port}`, 'Quit (1 connection will close)']) as string[],
      });
    },
  );
});
