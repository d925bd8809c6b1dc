/** What axe cannot see (docs/accessibility.md has the list): focus, words that are cut off, announcements, colour, secrets. */
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overflowsSideways, settle } from '../pages/accessibility.ts';
import type { AppPage } from '../pages/app-page.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { cutOff, lengthenWords, listen, said, spaceText, tabThroughMain } from '../pages/looks.ts';
import { sampleRequestIds } from '../pages/samples/answers.ts';
import { recordedSession } from '../pages/samples/audit-records.ts';
import { type Screen, screens } from '../pages/screens.ts';
import { type ScreensOptions, type ScreensWorld, startScreens } from './screens-world.ts';

/** One of each route: what differs within a route differs in words only. */
const oneOfEach = screens.filter(
  ({ route }, index) => screens.findIndex((other) => other.route === route) === index,
);

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  let browser: Browser;
  let assetsDir: string;

  beforeAll(async () => {
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
  });
  afterAll(() => browser.close());

  const start = (options: Partial<ScreensOptions> = {}): Promise<ScreensWorld> =>
    startScreens({ browser, assetsDir, ...options });

  describe('by the keyboard', () => {
    it('Tab goes through every screen and out of it, each stop with a ring that one sees', async () => {
      await using world = await start();
      const findings: string[] = [];
      for (const screen of oneOfEach) {
        await world.show(screen);
        const looks = await tabThroughMain(world.app.page, 100);
        process.stdout.write(`${screen.hash} ${looks.length} stops of Tab\n`);
        for (const { label, ring, covered } of looks) {
          // A long field may end below the window; its middle and most of its edge may not be hidden (2.4.11).
          if (ring < 2 || covered > 2)
            findings.push(`${screen.hash} ${label}: ring ${ring}, covered ${covered}`);
        }
      }
      expect(findings).toEqual([]);
    });

    it('the focus goes to the heading of the screen that a link of the navigation leads to', async () => {
      await using world = await start();
      const { page } = world.app;
      const navigation = page.getByRole('navigation', { name: 'Main' });
      for (const [link, heading] of [
        ['Requests', 'Requests'],
        ['Activity', 'Activity'],
        ['Audit', 'Audit'],
      ] as const) {
        await navigation.getByRole('link', { name: link }).focus();
        await page.keyboard.press('Enter');
        const title = page.getByRole('heading', { level: 1, name: heading });
        await title.waitFor();
        await expect.poll(() => world.app.hasFocus(title)).toBe(true);
      }
    });

    it('what is done by dragging is done by keys: panes are resized, tabs of the editor moved', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.openEditor('id-billing');
      const tabs = app.page.getByRole('tablist').first().getByRole('tab');
      const names = (): Promise<string[]> => tabs.allTextContents();
      const before = await names();
      await app.editor.focus();
      await app.page.keyboard.press('Alt+Shift+ArrowLeft');
      await expect.poll(names).toEqual(before.toReversed());
      const splitter = app.page.getByRole('separator').first();
      const size = Number(await splitter.getAttribute('aria-valuenow'));
      await splitter.focus();
      await app.page.keyboard.press('ArrowRight');
      await expect.poll(async () => Number(await splitter.getAttribute('aria-valuenow'))).not.toBe(size);
    });

    it('a tooltip comes with the focus too, stays under the pointer, and goes by Escape', async () => {
      await using world = await start();
      const { page } = world.app;
      const back = page.getByRole('button', { name: 'Back', exact: true });
      const tooltip = page.getByText('Back', { exact: true });
      await back.hover();
      await tooltip.waitFor();
      await tooltip.hover();
      await settle(page);
      expect(await tooltip.count()).toBe(1);
      await page.keyboard.press('Escape');
      await expect.poll(() => tooltip.count()).toBe(0);
    });
  });

  describe.each([
    ['spacing as people may set it (WCAG 1.4.12)', spaceText],
    ['words that are two fifths longer', lengthenWords],
    [
      'the direction of other scripts',
      (page: AppPage['page']) =>
        page.evaluate(() => {
          document.documentElement.dir = 'rtl';
        }),
    ],
  ] as const)('with %s', (_, change) => {
    it('nothing is cut off without a tooltip, and nothing is wider than the window', async () => {
      await using world = await start();
      const { page } = world.app;
      const findings: string[] = [];
      for (const screen of oneOfEach) {
        // A page of its own: React must not meet the changed words.
        await page.reload();
        await world.show(screen);
        await change(page);
        await settle(page);
        findings.push(...(await cutOff(page)).map((finding) => `${screen.hash} ${finding}`));
        if (await overflowsSideways(page)) findings.push(`${screen.hash} is wider than the window`);
      }
      expect(findings).toEqual([]);
    });
  });

  it('what happens is said once, in words that stand for themselves', async () => {
    await using world = await start();
    const { app, backend } = world;
    const hear = async (words: RegExp): Promise<void> => {
      const heard: string[] = [];
      await expect
        .poll(async () => {
          heard.push(...(await said(app.page)));
          return heard;
        })
        .toContainEqual(expect.stringMatching(words));
      await settle(app.page);
      heard.push(...(await said(app.page)));
      // What is being read is said at once; it is no news.
      expect(heard.filter((text) => !text.startsWith('Reading'))).toHaveLength(1);
    };
    await listen(app.page);
    await app.button('Connect orders').click();
    await hear(/^orders connected at 127\.0\.0\.1:54310\.$/);
    await app.openEditor();
    await app.run('select * from customers');
    await hear(/1,000 rows.*\b4 columns masked/);
    await app.run('select pg_sleep(60)');
    await app.button('Cancel').waitFor();
    await app.page.keyboard.press('Control+.');
    await hear(/^Cancelled/);
    const [open] = await backend.methods.listQueries({});
    backend.queries.changePolicy(open?.tab ?? '', 'phone is masked now.');
    await hear(/^The policy changed.*phone is masked now\./);
    backend.notify({
      id: 'notice-2',
      at: '2030-01-15T09:41:00Z',
      kind: 'request-approved',
      title: 'billing: approved',
      body: 'Your access is open until 14:40.',
      target: null,
      isRead: false,
    });
    await hear(/^billing: approved\. Your access is open until 14:40\.$/);
  });

  it('a grid names its rows and columns at every scale of the screen', async () => {
    for (const deviceScaleFactor of [1, 1.5, 2]) {
      await using world = await start({ context: { deviceScaleFactor } });
      const { app } = world;
      await app.openEditor();
      await app.run('select * from events');
      await expect.poll(() => app.grid.getAttribute('aria-rowcount')).toBe('1000001');
      await app.grid.getByRole('gridcell').first().click();
      await app.page.keyboard.press('Control+End');
      await expect.poll(() => app.focusedCell()).toMatchObject({ row: 1_000_001 });
      const header = app.grid.getByRole('columnheader').last();
      expect(await header.getAttribute('aria-colindex')).toBe(await app.grid.getAttribute('aria-colcount'));
      expect(await header.ariaSnapshot()).toMatch(/created_at|profile|name/);
    }
  });

  it('no colour says anything alone: the words are in what a screen reader reads', async () => {
    await using world = await start();
    const { app, show } = world;
    await app.button('Connect orders').click();
    await app.button('Disconnect orders').waitFor();
    expect(await app.page.getByRole('main').ariaSnapshot()).toMatch(/connected/i);
    await app.openEditor();
    await app.run('select * from customers; select * from payments');
    await expect.poll(() => app.results.ariaSnapshot()).toMatch(/not granted to you/);
    for (const [hash, words] of [
      ['#/admin/audit', /refused 42501/],
      ['#/admin/databases', /degraded[^]*offline/],
      ['#/admin/people', /suspended/],
    ] as const) {
      const screen = screens.find((each) => each.hash === hash);
      if (screen === undefined) throw new Error(`${hash} is not among the screens`);
      await show(screen);
      expect(await app.page.getByRole('main').ariaSnapshot()).toMatch(words);
    }
  });

  it('help is in the same place on every screen (WCAG 3.2.6)', async () => {
    await using world = await start();
    const { page } = world.app;
    const menu = page.getByRole('banner').getByRole('button', { name: /^dev@example.com/ });
    const places = new Set<string>();
    for (const screen of oneOfEach) {
      await world.show(screen);
      const box = await menu.boundingBox();
      places.add(box === null ? 'nowhere' : `${box.x} ${box.y}`);
    }
    expect([...places]).toEqual([expect.stringMatching(/^\d/)]);
    await menu.click();
    await page.getByRole('menuitem', { name: /^Keyboard shortcuts/ }).click();
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  });

  it('an administrator answers a request and walks through a session by keys alone', async () => {
    await using world = await start();
    const { app, show } = world;
    const { keyboard } = app.page;
    const at = (hash: string): Screen => {
      const screen = screens.find((each) => each.hash === hash);
      if (screen === undefined) throw new Error(`${hash} is not among the screens`);
      return screen;
    };
    await show(at(`#/admin/inbox/${sampleRequestIds.waiting}`));
    await app.tabTo(
      app.page
        .getByRole('main')
        .getByRole('button', { name: /^Approve/ })
        .first(),
    );
    await keyboard.press('Enter');
    const link = app.page.getByRole('link', { name: 'Continue in the browser' });
    await link.waitFor();
    await app.tabTo(link);
    await show(at(`#/admin/sessions/${recordedSession}`));
    await app.page.getByRole('heading', { level: 1 }).focus();
    await keyboard.press('ArrowRight');
    await app.page.getByRole('heading', { level: 2, name: /^Statement 2/ }).waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('in forced colours what is current, chosen or on differs from what is not', async () => {
    await using world = await start({ context: { forcedColors: 'active' } });
    const { page } = world.app;
    const appearance = screens.find(({ hash }) => hash === '#/settings/notifications');
    if (appearance === undefined) throw new Error('there are no settings of notifications');
    await world.show(appearance);
    const background = (of: Locator): Promise<string> =>
      of.evaluate((element) => getComputedStyle(element).backgroundColor);
    const links = page.getByRole('navigation', { name: 'Settings' });
    const current = links.locator('[aria-current=page]');
    expect(await background(current)).not.toBe(await background(links.getByRole('link', { name: 'Editor' })));
    const setting = page.getByRole('switch').first();
    const seen = async (): Promise<string[]> => [
      await background(setting),
      await background(setting.locator('span').first()),
    ];
    const on = await seen();
    expect(on[0]).not.toBe(on[1]);
    await setting.click();
    await expect.poll(() => setting.getAttribute('aria-checked')).toBe('false');
    const off = await seen();
    expect(off[0]).not.toBe(off[1]);
    expect(off).not.toEqual(on);
  });

  it('values of cells and the page’s token are in no attribute, title, address or store', async () => {
    await using world = await start();
    const { app } = world;
    await app.openEditor();
    await app.run('select * from customers');
    const cell = app.grid.getByRole('gridcell', { name: /@e\*\*\*\.com/ }).first();
    await cell.click();
    await app.page.keyboard.press('Enter');
    const value = (await cell.textContent())?.trim() ?? '';
    expect(value).toMatch(/@e\*\*\*\.com$/);
    const kept = await app.page.evaluate(() => {
      const attributes = [...document.querySelectorAll('*')].flatMap((element) =>
        [...element.attributes].map((attribute) => attribute.value),
      );
      return [...attributes, location.href, document.title, JSON.stringify(localStorage)];
    });
    expect(kept.filter((text) => text.includes(value))).toEqual([]);
    expect(kept.filter((text) => text.includes('token-of-the-screens'))).toEqual([]);
    expect(app.complaints.filter((text) => text.includes(value) || text.includes('token-of'))).toEqual([]);
  });
});
