/** Sessions, replay and the audit of the console: ending, keys, links, what is missing, and fifty thousand records, by keyboard. */
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { liveSession, pastSession, type RecordsWorld, startRecords } from './records-world.ts';

const records = 50_000;

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  let browser: Browser;
  let assetsDir: string;
  let world: RecordsWorld | null = null;

  beforeAll(async () => {
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
  }, 180_000);
  afterEach(async () => {
    await world?.[Symbol.asyncDispose]();
    world = null;
  });
  afterAll(async () => await browser?.close());

  async function at(hash: string, heading: string | RegExp) {
    world = await startRecords({ browser, assetsDir, records, begin: Date.UTC(2026, 4, 2, 9, 41) });
    const { app, url, asked } = world;
    const { page } = app;
    await page.goto(`${url}#${hash}`);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    return { app, page, asked };
  }

  it('ends one live session, for a reason that is asked for, and shows it as ended', async () => {
    const { app, page, asked } = await at('/admin/sessions', 'Sessions');
    await page.getByRole('button', { name: 'End session of dev@example.com' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'End session' }).click();
    await dialog.getByText('Say why, in a few words.').waitFor();
    expect(await app.accessibilityFindings()).toEqual([]);
    await dialog.getByLabel('Reason').fill('  holds a lock since noon ');
    await page.keyboard.press('Enter');
    await page.getByText('No session is open').waitFor();
    expect(asked.filter(({ route }) => route === 'endDatabaseSession')).toMatchObject([
      { params: { session: liveSession }, body: { reason: 'holds a lock since noon' } },
    ]);
    await page.getByText('Recorded', { exact: true }).click();
    await page.getByText('ended by an administrator').waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('replays by keys: play, step, a time, a search; tells policy changes and what is missing', async () => {
    const { app, page } = await at(`/admin/sessions/${pastSession}`, 'Session of dev@example.com');
    const chosen = (number: number, verb = 'SELECT') =>
      page.getByRole('heading', { level: 2, name: `Statement ${number} · ${verb}` }).waitFor();
    await chosen(1);
    await page.getByText('client start-up, 2 statements').waitFor();
    await page.getByText('1 statement is missing').waitFor();
    await page.getByText(/^Policies changed by .* \(12 → 13\)$/).waitFor();
    await page.getByText('8 statements, 1 refused, 2 masked').waitFor();
    expect(await app.accessibilityFindings()).toEqual([]);
    await page.getByRole('heading', { level: 1 }).focus();
    await page.keyboard.press('ArrowRight');
    await chosen(2);
    await page.keyboard.press('k');
    await chosen(1);
    await page.keyboard.press('g');
    const time = await page.evaluate(
      (begin) => {
        const wanted = new Date(begin + 5 * 60_000);
        return `${wanted.getHours()}:${String(wanted.getMinutes()).padStart(2, '0')}`;
      },
      Date.UTC(2026, 4, 2, 9, 41),
    );
    await page.keyboard.type(time);
    await page.keyboard.press('Enter');
    await chosen(4);
    await page.getByText('refused 42501 by default deny').waitFor();
    await page.getByRole('heading', { level: 1 }).focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await chosen(7);
    await page.getByRole('button', { name: 'Play' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('customers');
    await page.getByText('1 of 2').waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('leads by a link to one statement of a session, and copies such a link', async () => {
    const agent = '5f6a1d52-0b6f-4f57-8c1e-1f6a2d7c1b03';
    const { app, page } = await at(
      `/admin/sessions/${pastSession}?at=${agent}-6`,
      'Session of dev@example.com',
    );
    await page.getByRole('heading', { level: 2, name: /^Statement 5 / }).waitFor();
    await page.getByRole('button', { name: 'Copy link' }).click();
    await expect.poll(() => app.announcement()).toBe('Link copied.');
    const search = page.getByLabel('Search the statements');
    await search.focus();
    await page.keyboard.press('ControlOrMeta+V');
    expect(await search.inputValue()).toMatch(
      new RegExp(`/console/#/admin/sessions/${pastSession}\\?at=${agent}-6$`),
    );
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('The first bad record is 7. What comes after it proves nothing.').waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('walks through fifty thousand records by keyboard, of which few are in the document', async () => {
    const { app, page } = await at('/admin/audit', 'Audit');
    const grid = page.getByRole('grid', { name: 'Recorded statements' });
    const row = (number: number) => grid.locator(`[aria-rowindex="${number + 1}"]`);
    await row(1).focus();
    await expect
      .poll(
        async () => {
          await page.keyboard.press('End');
          return await grid.getAttribute('aria-rowcount');
        },
        { timeout: 60_000, interval: 100 },
      )
      .toBe(String(records + 1));
    await page.keyboard.press('End');
    await expect.poll(() => row(records).evaluate((one) => one === document.activeElement)).toBe(true);
    expect(await grid.getByRole('row').count()).toBeLessThan(80);
    expect(await app.accessibilityFindings()).toEqual([]);
    for (const [key, number] of [
      ['ArrowUp', records - 1],
      ['PageUp', records - 21],
      ['j', records - 20],
      ['Home', 1],
      ['ArrowDown', 2],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(() => row(number).evaluate((one) => one === document.activeElement)).toBe(true);
    }
    const took: number[] = [];
    for (let step = 0; step < 20; step += 1) {
      took.push(
        await page.evaluate(async () => {
          const begun = performance.now();
          document.activeElement?.dispatchEvent(
            new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true }),
          );
          await new Promise((resolve) => requestAnimationFrame(resolve));
          return performance.now() - begun;
        }),
      );
    }
    const median = took.toSorted((a, b) => a - b)[10] ?? 0;
    process.stdout.write(
      `console-records.spec: a key in ${records} records took ${median.toFixed(1)} ms to a frame\n`,
    );
    await page.mouse.wheel(0, 20_000);
    await expect.poll(() => row(22).count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Record' }).waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('shows a record as a sentence, and what the same person did before and after it', async () => {
    const { app, page } = await at('/admin/audit', 'Audit');
    await page.getByRole('button', { name: 'select 50000 from public.orders' }).click();
    const dialog = page.getByRole('dialog', { name: 'Record' });
    await dialog
      .getByText(/dev@example\.com sent SELECT to orders; it was allowed and gave or changed 2 rows\.$/)
      .waitFor();
    await dialog.getByRole('button', { name: 'Previous by the same actor' }).click();
    await dialog.getByText('select 49999 from public.orders').waitFor();
    await dialog.getByRole('button', { name: 'Next by the same actor' }).click();
    await dialog.getByText('select 50000 from public.orders').waitFor();
    await dialog.getByRole('button', { name: 'Next by the same actor' }).click();
    await expect.poll(() => app.announcement()).toBe('Nothing came after it.');
    expect(await app.accessibilityFindings()).toEqual([]);
    expect(app.complaints).toEqual([]);
  });

  it('keeps a question by name, asks it again and drops it; a broken chain is told with its first bad record', async () => {
    const { app, page, asked } = await at('/admin/audit', 'Audit');
    await page.getByLabel('Search the audit').fill('outcome:refused who:dev@example.com');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'outcome: refused, remove this filter' }).waitFor();
    const menu = async (name: RegExp) => {
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await menu(/^Keep this question/);
    await page.getByLabel('Name', { exact: true }).fill('Refusals of dev');
    await page.keyboard.press('Enter');
    await expect.poll(() => app.announcement()).toBe('Refusals of dev kept.');
    await page.getByRole('button', { name: 'outcome: refused, remove this filter' }).click();
    await page.getByRole('button', { name: 'who: dev@example.com, remove this filter' }).click();
    await menu(/^Refusals of dev/);
    await page.getByRole('button', { name: 'outcome: refused, remove this filter' }).waitFor();
    expect(asked.findLast(({ route }) => route === 'putAuditViews')?.body).toEqual({
      views: [
        { name: 'Refusals of dev', class: 'statements', question: 'outcome:refused who:dev@example.com' },
      ],
    });
    await menu(/^Drop "Refusals of dev"/);
    await expect.poll(() => app.announcement()).toBe('Refusals of dev dropped.');
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('The first bad record is 7: it was changed.').waitFor();
    expect(app.complaints).toEqual([]);
  });
});
